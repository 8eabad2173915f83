use serde::Serialize;
use session_runtime::Claims;

#[derive(Claims, Serialize)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[serde(rename = "org")]
    organisation: String,
}

fn main() {}
