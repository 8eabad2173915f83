use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(rename = "org", alias = "org")]
    tenant: String,
}

fn main() {}
