//! The shared test keys, and tokens that are signed by hand.

use std::fs;

use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::Value;
use session_tests::{
    needs::{Missing, vectors},
    verdicts::segment,
};

/// The file of the keys.
pub(crate) fn shared() -> Result<Value, Missing> {
    Ok(serde_json::from_str(&fs::read_to_string(vectors("keys.json")?).unwrap()).unwrap())
}

/// The secret of the tests that sign by hand, and its JWK.
pub(crate) const SECRET: &[u8] = b"an oak, a rope and 32 random bytes of no use";

pub(crate) fn secret_jwk() -> Value {
    serde_json::json!({ "kty": "oct", "k": segment(SECRET) })
}

/// Any two texts as header and payload of a JWT with a good HS256 seal: no issuer of ours would write them.
pub(crate) fn sealed(secret: &[u8], header: &str, payload: &str) -> String {
    let message = format!("{header}.{payload}");
    let seal = crypto::sign(message.as_bytes(), &EncodingKey::from_secret(secret), Algorithm::HS256).unwrap();
    format!("{message}.{seal}")
}
