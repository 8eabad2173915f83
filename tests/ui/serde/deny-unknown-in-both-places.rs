use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", deny_unknown)]
#[serde(deny_unknown_fields)]
struct Access {
    name: String,
}

fn main() {}
