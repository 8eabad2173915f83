use session_runtime::Claims;

const PAID: u8 = 9;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(one_of("free", PAID))]
    plan: String,
}

fn main() {}
