use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(flatten, rename = "rest")]
    rest: std::collections::BTreeMap<String, String>,
}

fn main() {}
