use session_runtime::{Claims, claims::Secret};

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    card: Secret<String>,
}

fn main() {}
