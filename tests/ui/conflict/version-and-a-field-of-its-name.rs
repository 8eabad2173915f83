use session_runtime::Claims;

#[derive(Claims)]
#[claims(untyped, ttl = "15m", version(2))]
struct Access {
    ver: String,
}

fn main() {}
