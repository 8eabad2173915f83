use session_runtime::Claims;

fn four() -> u8 {
    4
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[serde(default = "four")]
    name: String,
}

fn main() {}
