use session_runtime::Claims;

struct UserId(u64);

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(sub)]
    user: UserId,
}

fn main() {}
