use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", namespace = "")]
struct Access {
    role: String,
}

fn main() {}
