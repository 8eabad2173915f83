use serde::Serialize;
use session_runtime::Claims;

#[derive(Claims, Serialize)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, String>,
}

fn main() {}
