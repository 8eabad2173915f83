use session_runtime::Claims;

const ISSUER: u64 = 7;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", issuer = ISSUER)]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
