use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(path = "org.name")]
    name: String,
    #[claim(path("org", "name"))]
    label: String,
}

fn main() {}
