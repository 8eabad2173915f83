use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
#[serde(into = "Wire")]
struct Access {
    name: String,
}

fn main() {}
