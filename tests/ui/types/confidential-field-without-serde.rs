use session_runtime::Claims;

struct Plan;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(confidential)]
    plan: Plan,
}

fn main() {}
