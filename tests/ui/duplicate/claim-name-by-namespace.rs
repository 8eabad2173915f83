use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", namespace = "https://example.com/")]
struct Access {
    role: String,
    #[claim(namespace = "", rename = "https://example.com/role")]
    other: String,
}

fn main() {}
