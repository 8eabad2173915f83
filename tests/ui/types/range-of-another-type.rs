use session_runtime::Claims;

const MOST: u64 = 9;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(range = 1..=MOST)]
    seats: u64,
}

fn main() {}
