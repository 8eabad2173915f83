use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(sub, range = 1..)]
    user: u64,
}

fn main() {}
