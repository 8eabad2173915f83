use session_runtime::Claims;

struct Cache;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(skip)]
    cache: Cache,
}

fn main() {}
