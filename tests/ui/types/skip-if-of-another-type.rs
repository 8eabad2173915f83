use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(skip_if = "Vec::is_empty")]
    roles: String,
}

fn main() {}
