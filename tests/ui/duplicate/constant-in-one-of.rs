use session_runtime::Claims;

const FREE: &str = "free";

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(one_of(FREE, "team", FREE))]
    plan: String,
}

fn main() {}
