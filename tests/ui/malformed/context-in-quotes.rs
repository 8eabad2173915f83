use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = "Tenant")]
struct Access {
    #[claim(check = is_live)]
    user: String,
}

fn main() {}
