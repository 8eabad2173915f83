use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt")]
struct Access {
    #[claim(ttl = "15m")]
    user: String,
}

fn main() {}
