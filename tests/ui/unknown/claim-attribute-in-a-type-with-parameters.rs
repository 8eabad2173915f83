use session_runtime::{Claims, claims::ClaimsType};

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access<'a, T: Clone, const N: usize = 1> {
    #[claim(subb)]
    user: &'a str,
    extra: [T; N],
}

fn is<C: ClaimsType>() {}

fn main() {
    // The mistake above leaves the type usable, so nothing is said about this line.
    is::<Access<'static, u8>>();
}
