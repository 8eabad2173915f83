use session_runtime::Claims;

fn is_live(_: &u64) -> bool {
    true
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(check = is_live)]
    plan: String,
}

fn main() {}
