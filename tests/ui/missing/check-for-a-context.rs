use session_runtime::Claims;

struct Tenant;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = Tenant)]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
