//! What an attacker tries with a token that is not theirs. None of it needs a key, and so none of it works.

use base64_simd::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::Value;

/// A token that nobody issued.
#[derive(Debug)]
pub(crate) struct Forged {
    pub(crate) how: &'static str,
    pub(crate) token: String,
}

/// Three ways to change a JWT.
pub(crate) fn all(token: &str) -> Vec<Forged> {
    let mut parts = token.splitn(3, '.');
    let (Some(header), Some(claims), Some(seal)) = (parts.next(), parts.next(), parts.next()) else { return Vec::new() };
    let unsealed = BASE64URL.encode_to_string(r#"{"alg":"none","typ":"at+jwt"}"#);
    vec![
        Forged { how: "one character changed", token: format!("{header}.{}.{seal}", flipped(claims)) },
        Forged { how: "another tenant put in", token: format!("{header}.{}.{seal}", rewritten(claims)) },
        Forged { how: "`alg` set to none", token: format!("{unsealed}.{claims}.") },
    ]
}

/// The part with its tenth character changed into another one of the alphabet.
fn flipped(part: &str) -> String {
    part.chars().enumerate().map(|(index, char)| if index == 9 { if char == 'A' { 'B' } else { 'A' } } else { char }).collect()
}

fn rewritten(claims: &str) -> String {
    let mut claims: Value = serde_json::from_str(&decoded(claims).unwrap_or_default()).unwrap_or_default();
    if let Some(claims) = claims.as_object_mut() {
        claims.insert("org".to_owned(), "somebody-else".into());
    }
    BASE64URL.encode_to_string(claims.to_string())
}

/// A part of a token as text. **Reading it verifies nothing**; that is what the verifier is for.
pub(crate) fn decoded(part: &str) -> Option<String> {
    String::from_utf8(BASE64URL.decode_to_vec(part).ok()?).ok()
}
