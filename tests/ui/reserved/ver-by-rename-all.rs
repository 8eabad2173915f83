use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", rename_all = "camelCase")]
struct Access {
    _ver: u8,
}

fn main() {}
