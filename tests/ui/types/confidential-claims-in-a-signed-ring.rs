use session_runtime::{Claims, Issuer, KeyRing, Verifier, paseto::V4Public};

#[derive(Claims)]
#[claims(no_issuer, no_audience, token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(confidential)]
    pin: String,
}

fn main() {
    let ring = KeyRing::<V4Public>::generate().unwrap();
    let _ = Issuer::<Access, _>::new(&ring);
    let _ = Verifier::<Access>::new(&ring);
}
