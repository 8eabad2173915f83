use session_runtime::Claims;

struct Rest;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(flatten)]
    rest: Rest,
}

fn main() {}
