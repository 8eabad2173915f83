use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", version("2"))]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
