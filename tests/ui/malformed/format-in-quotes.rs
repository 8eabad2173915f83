use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", format = "V4Local")]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
