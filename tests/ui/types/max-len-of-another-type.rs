use session_runtime::Claims;

const LONGEST: u8 = 9;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(max_len = LONGEST)]
    name: String,
}

fn main() {}
