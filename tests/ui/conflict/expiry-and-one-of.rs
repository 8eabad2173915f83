use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(exp, one_of("2030-01-01T00:00:00Z"))]
    until: u64,
}

fn main() {}
