use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "2d")]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
