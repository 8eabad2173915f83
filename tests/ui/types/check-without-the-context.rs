use session_runtime::Claims;

struct Tenant;

fn is_known(_: &str) -> bool {
    true
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = Tenant)]
struct Access {
    #[claim(check = is_known)]
    user: String,
}

fn main() {}
