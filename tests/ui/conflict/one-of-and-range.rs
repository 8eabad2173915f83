use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(one_of("1", "2"), range = 1..=2)]
    seats: u8,
}

fn main() {}
