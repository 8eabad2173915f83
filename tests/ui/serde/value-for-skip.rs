use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[serde(skip = true)]
    name: String,
}

fn main() {}
