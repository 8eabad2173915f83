use session_runtime::{Claims, Issuer, KeyRing, jwt::{EdDsa, Jwt}};

#[derive(Claims)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Access {
    #[claim(confidential)]
    diagnosis: String,
}

fn main() {
    let ring = KeyRing::<Jwt<EdDsa>>::generate().unwrap();
    let _ = Issuer::<Access, _>::new(&ring);
}
