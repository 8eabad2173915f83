use session_runtime::Claims;

#[derive(Claims)]
#[claims(type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
