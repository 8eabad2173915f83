use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    name: String,
    #[claim(path = "org.name", alias = "name")]
    label: String,
}

fn main() {}
