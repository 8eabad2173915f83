use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access<'a, 'b> {
    user: &'a str,
    tenant: &'b str,
}

fn main() {}
