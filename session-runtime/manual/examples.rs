// What the examples of the manual share: one ring with a fixed key, and three short functions around it.

use std::sync::OnceLock;

use session_runtime::{
    Issuer, KeyRing, Verified, Verifier,
    claims::PlainClaims,
    error::VerifyError,
    jwt::{Hs256, Jwt},
};

/// In earnest a secret is random and stands in no repository.
const SECRET: &[u8; 32] = b"test only: this is not a secret!";

fn ring() -> &'static KeyRing<Jwt<Hs256>> {
    static RING: OnceLock<KeyRing<Jwt<Hs256>>> = OnceLock::new();
    RING.get_or_init(|| KeyRing::from_secret(SECRET).unwrap())
}

/// Issues a token.
pub fn issue<C: PlainClaims>(claims: &C) -> String {
    Issuer::<C, _>::new(ring()).unwrap().issue(claims).unwrap().token
}

/// Verifies a token.
pub fn verify<C: PlainClaims>(token: &str) -> Result<Verified<C>, VerifyError> {
    Verifier::<C>::new(ring()).unwrap().verify_now(token)
}

/// The claims of a token as they are on the wire.
pub fn wire(token: &str) -> serde_json::Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64_simd::URL_SAFE_NO_PAD.decode_to_vec(part).unwrap()).unwrap()
}

/// Somebody else's token: these claims, of type `typ`, under the same key, issued now and good for a minute.
pub fn foreign(typ: &str, mut claims: serde_json::Value) -> String {
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    for (name, time) in [("iat", now), ("exp", now + 60)] {
        claims.as_object_mut().unwrap().entry(name).or_insert(time.into());
    }
    let encode = |value: &serde_json::Value| base64_simd::URL_SAFE_NO_PAD.encode_to_string(value.to_string());
    let signed = format!("{}.{}", encode(&serde_json::json!({ "alg": "HS256", "typ": typ })), encode(&claims));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, SECRET);
    let seal = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", base64_simd::URL_SAFE_NO_PAD.encode_to_string(seal.as_ref()))
}
