use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "99999999999999999999d", max_ttl = "1d")]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
