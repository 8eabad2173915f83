use session_runtime::Claims;

const LIFE: u64 = 900;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = LIFE)]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
