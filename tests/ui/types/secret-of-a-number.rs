use session_runtime::{Claims, claims::Secret};

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(confidential)]
    pin: Secret<u64>,
}

fn main() {}
