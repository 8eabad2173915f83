use session_runtime::Claims;

#[derive(Claims)]
#[claims(ttl = "15m")]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
