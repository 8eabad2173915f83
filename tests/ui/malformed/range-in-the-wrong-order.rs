use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(range = 5..=-1)]
    seats: i8,
}

fn main() {}
