use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(skip, range = 1..=9)]
    seats: u8,
}

fn main() {}
