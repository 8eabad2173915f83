use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(sub, skip_if = "String::is_empty")]
    user: String,
}

fn main() {}
