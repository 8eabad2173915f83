use session_runtime::Claims;

const LEEWAY: std::time::Duration = std::time::Duration::from_secs(600);

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", leeway = LEEWAY)]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
