use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
struct Access {
    name: String,
}

fn main() {}
