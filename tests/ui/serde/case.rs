use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
#[serde(rename_all = "Title Case")]
struct Access {
    name: String,
}

fn main() {}
