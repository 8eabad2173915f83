use serde::Deserialize;
use session_runtime::Claims;

#[derive(Claims, Deserialize)]
#[claims(token_type = "at+jwt", ttl = "15m")]
#[serde(deny_unknown_fields)]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
