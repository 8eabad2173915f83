use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(sub, namespace = "https://example.com/")]
    user: String,
}

fn main() {}
