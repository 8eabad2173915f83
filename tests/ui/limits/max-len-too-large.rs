use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(max_len = 4294967296)]
    name: String,
}

fn main() {}
