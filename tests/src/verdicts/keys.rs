//! Which key goes into which type: the keys of a case, imported as a user would.

use serde_json::Value;
use session_runtime::{
    VerifierBuilder,
    claims::OwnedClaims,
    jwt::{EdDsa, Es256, Hs256, Jwt, Rs256},
    keyring::{Key, PublicKeys, VerifyingKeys},
    paseto::{V3Local, V3Public, V4Local, V4Public},
};

use super::{Case, Refused};

type Accepting<C> = Result<VerifierBuilder<C>, Refused>;

/// Lets the verifier accept the keys of a case.
pub(super) fn accept<C: OwnedClaims>(builder: VerifierBuilder<C>, case: &Case) -> Accepting<C> {
    match case.format.as_str() {
        "paseto" => paseto(builder, case),
        "jwt-jwks" => jwks(builder, case),
        _ => jwk(builder, case),
    }
}

fn jwk<C: OwnedClaims>(builder: VerifierBuilder<C>, case: &Case) -> Accepting<C> {
    let key = jwk_without_id(case.key.as_ref().ok_or_else(|| absent("key"))?);
    Ok(match case.alg.as_deref().ok_or_else(|| absent("alg"))? {
        "HS256" => builder.accept(&VerifyingKeys::<Jwt<Hs256>>::from_jwk(&key).map_err(Refused::Key)?),
        "RS256" => builder.accept(&PublicKeys::<Jwt<Rs256>>::from_jwk(&key).map_err(Refused::Key)?),
        "ES256" => builder.accept(&PublicKeys::<Jwt<Es256>>::from_jwk(&key).map_err(Refused::Key)?),
        "EdDSA" | "Ed25519" => builder.accept(&PublicKeys::<Jwt<EdDsa>>::from_jwk(&key).map_err(Refused::Key)?),
        other => return Err(Refused::Unsupported(format!("the algorithm {other}"))),
    })
}

/// One ring for each algorithm that the case allows; those that do not exist here can accept nothing.
fn jwks<C: OwnedClaims>(mut builder: VerifierBuilder<C>, case: &Case) -> Accepting<C> {
    let set = case.jwks.as_ref().ok_or_else(|| absent("jwks"))?.to_string();
    let mut accepted = 0;
    for algorithm in &case.algs {
        builder = match algorithm.as_str() {
            "HS256" => builder.accept(&VerifyingKeys::<Jwt<Hs256>>::from_jwks(&set).map_err(Refused::Key)?),
            "RS256" => builder.accept(&PublicKeys::<Jwt<Rs256>>::from_jwks(&set).map_err(Refused::Key)?),
            "ES256" => builder.accept(&PublicKeys::<Jwt<Es256>>::from_jwks(&set).map_err(Refused::Key)?),
            "EdDSA" | "Ed25519" => builder.accept(&PublicKeys::<Jwt<EdDsa>>::from_jwks(&set).map_err(Refused::Key)?),
            _ => continue,
        };
        accepted += 1;
    }
    if accepted == 0 { Err(Refused::Unsupported(format!("the algorithms {:?}", case.algs))) } else { Ok(builder) }
}

fn paseto<C: OwnedClaims>(builder: VerifierBuilder<C>, case: &Case) -> Accepting<C> {
    let key = case.key.as_ref().ok_or_else(|| absent("key"))?;
    Ok(match case.verify_as.as_deref().ok_or_else(|| absent("verify_as"))? {
        "v4.local" => {
            let text = paserk_text(key, "k4.local.", "paserk", "key_hex")?;
            builder.accept(&VerifyingKeys::<V4Local>::from_paserk(&text).map_err(Refused::Key)?)
        }
        "v4.public" => {
            let text = paserk_text(key, "k4.public.", "paserk_public", "public_key_hex")?;
            builder.accept(&PublicKeys::<V4Public>::from_paserk(&text).map_err(Refused::Key)?)
        }
        "v3.local" => {
            let text = paserk_text(key, "k3.local.", "paserk", "key_hex")?;
            builder.accept(&VerifyingKeys::<V3Local>::from_paserk(&text).map_err(Refused::Key)?)
        }
        "v3.public" => {
            let text = paserk_text(key, "k3.public.", "paserk_public", "public_key_hex")?;
            builder.accept(&PublicKeys::<V3Public>::from_paserk(&text).map_err(Refused::Key)?)
        }
        other => return Err(Refused::Unsupported(format!("the format {other}"))),
    })
}

/// The key's own PASERK, or one made of its bytes.
fn paserk_text(key: &Value, header: &str, paserk: &str, hex: &str) -> Result<String, Refused> {
    if let Some(text) = key.get(paserk).and_then(Value::as_str) {
        return Ok(text.to_owned());
    }
    let bytes = key.get(hex).and_then(Value::as_str).and_then(from_hex).ok_or_else(|| absent(paserk))?;
    Ok(format!("{header}{}", segment(&bytes)))
}

/// A case of the format `paserk`: is this text a key of this type?
pub(super) fn paserk(case: &Case) -> Result<(), Refused> {
    let text = case.paserk.as_deref().ok_or_else(|| absent("paserk"))?;
    match case.as_type.as_deref().ok_or_else(|| absent("as_type"))? {
        "k4.local" => Key::<V4Local>::from_paserk(text).map(drop),
        "k4.secret" => Key::<V4Public>::from_paserk(text).map(drop),
        "k4.public" => PublicKeys::<V4Public>::from_paserk(text).map(drop),
        "k3.local" => Key::<V3Local>::from_paserk(text).map(drop),
        "k3.secret" => Key::<V3Public>::from_paserk(text).map(drop),
        "k3.public" => PublicKeys::<V3Public>::from_paserk(text).map(drop),
        other => return Err(Refused::Unsupported(format!("the PASERK type {other}"))),
    }
    .map_err(Refused::Key)
}

/// The text of a JWK without its `kid`: most tokens of the lists carry none, and a ring of one unnamed key does not ask for one.
pub fn jwk_without_id(key: &Value) -> String {
    let mut key = key.clone();
    if let Some(members) = key.as_object_mut() {
        members.remove("kid");
    }
    key.to_string()
}

/// Bytes as a segment of a token.
pub fn segment(bytes: &[u8]) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    digits?.chunks(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok()).collect()
}

fn absent(member: &str) -> Refused {
    Refused::Unsupported(format!("the case has no `{member}`"))
}
