use session_runtime::Claims;

const ORGANISATION: &str = "org";

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(rename = ORGANISATION)]
    organisation: String,
}

fn main() {}
