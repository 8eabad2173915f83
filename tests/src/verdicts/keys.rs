//! Which key goes into which type: the keys of a case, imported as a user would.

use serde_json::Value;
use session_runtime::{
    VerifierBuilder,
    claims::PlainClaims,
    error::KeyError,
    jwt::{
        AsymmetricAlgorithm, EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Jwt, MlDsa44, MlDsa65, MlDsa87, Ps256, Ps384, Ps512, Rs256,
        Rs384, Rs512, SymmetricAlgorithm,
    },
    keyring::{Key, PublicKeys, VerifyingKeys},
    paseto::{V3Local, V3Public, V4Local, V4Public},
};

use super::{Case, Refused};

type Accepting<C> = Result<VerifierBuilder<C>, Refused>;

/// Lets the verifier accept the keys of a case.
pub(super) fn accept<C: PlainClaims>(builder: VerifierBuilder<C>, case: &Case) -> Accepting<C> {
    match case.format.as_str() {
        "paseto" => paseto(builder, case),
        "jwt-jwks" => jwks(builder, case),
        _ => jwk(builder, case),
    }
}

fn jwk<C: PlainClaims>(builder: VerifierBuilder<C>, case: &Case) -> Accepting<C> {
    let key = jwk_without_id(case.key.as_ref().ok_or_else(|| absent("key"))?);
    let name = case.alg.as_deref().ok_or_else(|| absent("alg"))?;
    let accept = accept_as(name).ok_or_else(|| Refused::Unsupported(format!("the algorithm {name}")))?;
    accept(builder, Given::Key(&key)).map_err(Refused::Key)
}

/// One ring for each algorithm that the case allows; those that do not exist here can accept nothing.
fn jwks<C: PlainClaims>(mut builder: VerifierBuilder<C>, case: &Case) -> Accepting<C> {
    let set = case.jwks.as_ref().ok_or_else(|| absent("jwks"))?.to_string();
    let known: Vec<_> = case.algs.iter().filter_map(|name| accept_as(name)).collect();
    for accept in &known {
        builder = accept(builder, Given::Set(&set)).map_err(Refused::Key)?;
    }
    if known.is_empty() { Err(Refused::Unsupported(format!("the algorithms {:?}", case.algs))) } else { Ok(builder) }
}

/// How the keys of a case are given.
#[derive(Clone, Copy)]
enum Given<'k> {
    Key(&'k str),
    Set(&'k str),
}

type AcceptAs<C> = fn(VerifierBuilder<C>, Given<'_>) -> Result<VerifierBuilder<C>, KeyError>;

/// How keys are accepted for the algorithm of this name.
fn accept_as<C: PlainClaims>(name: &str) -> Option<AcceptAs<C>> {
    fn secret<C: PlainClaims, A: SymmetricAlgorithm>(
        builder: VerifierBuilder<C>,
        given: Given<'_>,
    ) -> Result<VerifierBuilder<C>, KeyError> {
        Ok(builder.accept(&match given {
            Given::Key(jwk) => VerifyingKeys::<Jwt<A>>::from_jwk(jwk)?,
            Given::Set(set) => VerifyingKeys::<Jwt<A>>::from_jwks(set)?,
        }))
    }
    fn public<C: PlainClaims, A: AsymmetricAlgorithm>(
        builder: VerifierBuilder<C>,
        given: Given<'_>,
    ) -> Result<VerifierBuilder<C>, KeyError> {
        Ok(builder.accept(&match given {
            Given::Key(jwk) => PublicKeys::<Jwt<A>>::from_jwk(jwk)?,
            Given::Set(set) => PublicKeys::<Jwt<A>>::from_jwks(set)?,
        }))
    }
    Some(match name {
        "HS256" => secret::<C, Hs256>,
        "HS384" => secret::<C, Hs384>,
        "HS512" => secret::<C, Hs512>,
        "RS256" => public::<C, Rs256>,
        "RS384" => public::<C, Rs384>,
        "RS512" => public::<C, Rs512>,
        "PS256" => public::<C, Ps256>,
        "PS384" => public::<C, Ps384>,
        "PS512" => public::<C, Ps512>,
        "ES256" => public::<C, Es256>,
        "ES384" => public::<C, Es384>,
        "ES512" => public::<C, Es512>,
        "EdDSA" | "Ed25519" => public::<C, EdDsa>,
        "ML-DSA-44" => public::<C, MlDsa44>,
        "ML-DSA-65" => public::<C, MlDsa65>,
        "ML-DSA-87" => public::<C, MlDsa87>,
        _ => return None,
    })
}

fn paseto<C: PlainClaims>(builder: VerifierBuilder<C>, case: &Case) -> Accepting<C> {
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
    let password = || case.password_hex.as_deref().and_then(from_hex).ok_or_else(|| absent("password_hex"));
    match case.as_type.as_deref().ok_or_else(|| absent("as_type"))? {
        "k4.local" => Key::<V4Local>::from_paserk(text).map(drop),
        "k4.secret" => Key::<V4Public>::from_paserk(text).map(drop),
        "k4.public" => PublicKeys::<V4Public>::from_paserk(text).map(drop),
        "k3.local" => Key::<V3Local>::from_paserk(text).map(drop),
        "k3.secret" => Key::<V3Public>::from_paserk(text).map(drop),
        "k3.public" => PublicKeys::<V3Public>::from_paserk(text).map(drop),
        "k4.local-pw" => Key::<V4Local>::from_password_paserk(text, password()?).map(drop),
        "k4.secret-pw" => Key::<V4Public>::from_password_paserk(text, password()?).map(drop),
        "k3.local-pw" => Key::<V3Local>::from_password_paserk(text, password()?).map(drop),
        "k3.secret-pw" => Key::<V3Public>::from_password_paserk(text, password()?).map(drop),
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
