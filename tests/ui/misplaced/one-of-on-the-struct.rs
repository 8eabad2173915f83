use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", one_of("free", "team"))]
struct Access {
    plan: String,
}

fn main() {}
