use session_runtime::{
    Claims, KeyRing, Verifier,
    jwt::{Hs256, Jwt},
};

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access<'a> {
    #[claim(sub)]
    user: &'a str,
}

fn verify(ring: &KeyRing<Jwt<Hs256>>, token: &str) {
    let verifier = Verifier::<Access>::new(ring).unwrap();
    verifier.verify_now(token).unwrap();
}

fn main() {}
