use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(alias = "org")]
    tenant: String,
    #[claim(alias = "org")]
    team: String,
}

fn main() {}
