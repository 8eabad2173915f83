use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", max_ttl = "1h")]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
