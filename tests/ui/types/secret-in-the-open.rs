use session_runtime::{Claims, claims::Secret};

#[derive(Claims)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Access {
    card: Secret<String>,
}

fn main() {}
