use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", no_audience, allow(sub))]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
