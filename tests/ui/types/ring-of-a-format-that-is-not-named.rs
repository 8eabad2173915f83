use session_runtime::{Claims, Issuer, KeyRing, Verifier, jwt::{Hs256, Jwt}, paseto::V4Local};

#[derive(Claims)]
#[claims(no_issuer, no_audience, token_type = "at+jwt", ttl = "15m", format = V4Local)]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {
    let ring = KeyRing::<Jwt<Hs256>>::generate().unwrap();
    let _ = Issuer::<Access, _>::new(&ring);
    let _ = Verifier::<Access>::new(&ring);
}
