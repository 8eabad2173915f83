use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[serde(skip_serializing_if = "String::is_empty")]
    #[claim(skip_if = "String::is_empty")]
    name: String,
}

fn main() {}
