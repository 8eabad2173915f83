use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[serde(with = "hex", serialize_with = "hex::upper")]
    name: String,
}

fn main() {}
