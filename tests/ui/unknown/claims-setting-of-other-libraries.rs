use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", expires_in = "15m")]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
