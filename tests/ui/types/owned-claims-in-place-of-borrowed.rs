use session_runtime::{Claims, claims::OwnedClaims};

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access<'a> {
    #[claim(sub)]
    user: &'a str,
}

fn keep<C: OwnedClaims>() {}

fn main() {
    keep::<Access<'static>>();
}
