use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
#[serde(expecting = "an access token")]
struct Access {
    name: String,
}

fn main() {}
