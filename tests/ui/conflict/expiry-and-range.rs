use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(exp, range = 1..)]
    until: u64,
}

fn main() {}
