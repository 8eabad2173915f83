use session_runtime::Claims;

const LIFE: std::time::Duration = std::time::Duration::from_secs(172_800);

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = LIFE)]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
