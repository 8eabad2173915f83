use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", issuer = , ttl = "15m")]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
