use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(range = 0..=9223372036854775808)]
    seats: u64,
}

fn main() {}
