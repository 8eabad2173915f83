use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", deny_unknown)]
struct Access {
    #[claim(flatten)]
    rest: std::collections::BTreeMap<String, String>,
}

fn main() {}
