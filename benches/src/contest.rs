//! Who is measured: for every format and direction our own contestant, the bare cryptography on the same bytes, and the peer.
//!
//! All verify one and the same token, which our issuer made. Keys and everything else that an interface lets be prepared is prepared.

use std::{error::Error, hint::black_box};

use crate::{
    claims::{AUDIENCE, Access, AllFields, ISSUER, TOKEN_TYPE, TTL, paseto},
    raw,
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use pasetors::{
    Local, Public,
    claims::ClaimsValidationRules,
    footer::Footer,
    keys::{AsymmetricPublicKey, AsymmetricSecretKey, SymmetricKey},
    paserk::{FormatAsPaserk, Id},
    token::UntrustedToken,
    version4::V4,
};
use session_runtime::{
    Format, Issuer, KeyId, KeyRing, Timestamp, Verifier,
    jwt::{EdDsa, Hs256, Jwt},
    keyring::Key,
    paseto::{V4Local, V4Public},
};

pub type Outcome<T> = Result<T, Box<dyn Error>>;

pub const OURS: &str = "session-runtime";
pub const RAW: &str = "raw";
pub const JSONWEBTOKEN: &str = "jsonwebtoken 11.1.0";
pub const PASETORS: &str = "pasetors 0.8.1";

/// One of those who do the same work.
pub struct Contestant {
    pub name: &'static str,
    /// Does the work once.
    pub run: Box<dyn FnMut()>,
}

/// One format in one direction.
pub struct Group {
    pub name: &'static str,
    pub contestants: Vec<Contestant>,
}

impl Group {
    fn new(name: &'static str) -> Self {
        Self { name, contestants: Vec::new() }
    }

    /// Adds a contestant; its first run shows that it works, and later ones are checked as well, since a failure would be fast.
    fn with<T: 'static, E: std::fmt::Debug + 'static>(
        mut self,
        name: &'static str,
        mut run: impl FnMut() -> Result<T, E> + 'static,
    ) -> Self {
        let run = Box::new(move || {
            if let Err(error) = black_box(run()) {
                panic!("{name} failed: {error:?}");
            }
        });
        self.contestants.push(Contestant { name, run });
        self
    }
}

/// Every group, in the order in which they are printed.
pub fn groups() -> Outcome<Vec<Group>> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    Ok([hs256(now)?, eddsa(now)?, v4_public(now)?, v4_local(now)?].into_iter().flatten().collect())
}

const SECRET: [u8; 32] =
    *b"\x8e\x1f\x42\xc3\x9a\x07\x5d\xb6\x2b\x70\xe4\x11\xfd\x38\x6c\x95\xa2\x03\xd8\x4f\x77\xbe\x19\x60\xcb\x54\x0d\x86\x3a\xf1\xe9\x27";
/// As long as those that a ring makes.
const KEY_ID: &str = "Gq2YwJx0R8m5nVt1bK7c_A";

/// Our side of one format, and a token.
struct Ours<F: Format> {
    issuer: Issuer<Access, F>,
    verifier: Verifier<Access>,
    claims: Access,
    token: String,
}

impl<F: Format> Ours<F> {
    fn new(key: Key<F>, key_id: &str, now: u64) -> Outcome<Self> {
        let ring = KeyRing::<F>::builder().import(key.with_id(KeyId::new(key_id).ok_or("a key id")?))?;
        let issuer = Issuer::new(&ring)?;
        let verifier = Verifier::new(&ring)?;
        let claims = Access::now(now);
        let token = issuer.issue(&claims)?.token;
        Ok(Self { issuer, verifier, claims, token })
    }

    fn issue(self) -> impl FnMut() -> Result<session_runtime::Issued, session_runtime::error::IssueError> {
        move || self.issuer.issue(black_box(&self.claims))
    }

    fn verify(&self) -> impl FnMut() -> Result<session_runtime::Verified<Access>, session_runtime::error::VerifyError> + use<F> {
        let (verifier, token) = (self.verifier.clone(), self.token.clone());
        move || verifier.verify_now(black_box(&token))
    }
}

fn hs256(now: u64) -> Outcome<[Group; 2]> {
    let ours = Ours::new(Key::<Jwt<Hs256>>::from_secret(SECRET)?, KEY_ID, now)?;
    let theirs = Jsonwebtoken::new(Algorithm::HS256, now);
    let (encoding, decoding) = (EncodingKey::from_secret(&SECRET), DecodingKey::from_secret(&SECRET));
    let (signed, tag) = raw::jws(&ours.token)?;
    let key = raw::HmacKey::new(&SECRET)?;
    let (issuing, message) = (key.clone(), signed.clone());
    Ok([
        Group::new("HS256 verify")
            .with(OURS, ours.verify())
            .with(RAW, move || key.verify(black_box(&signed), black_box(&tag)))
            .with(JSONWEBTOKEN, theirs.verify(&ours.token, decoding)),
        Group::new("HS256 issue")
            .with(OURS, ours.issue())
            .with(RAW, move || Ok::<_, ()>(issuing.sign(black_box(&message))))
            .with(JSONWEBTOKEN, theirs.issue(encoding)),
    ])
}

fn eddsa(now: u64) -> Outcome<[Group; 2]> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&SECRET)?;
    let jwk = serde_json::json!({
        "kty": "OKP", "crv": "Ed25519", "x": raw::base64url(pair.public_key().as_ref()), "d": raw::base64url(&SECRET),
    });
    let ours = Ours::new(Key::<Jwt<EdDsa>>::from_jwk(&jwk.to_string())?, KEY_ID, now)?;
    let theirs = Jsonwebtoken::new(Algorithm::EdDSA, now);
    let encoding = EncodingKey::from_ed_der(pair.to_pkcs8()?.as_ref());
    let decoding = DecodingKey::from_ed_der(pair.public_key().as_ref());
    let (signed, signature) = raw::jws(&ours.token)?;
    let message = signed.clone();
    let point = raw::ed25519_point(&pair)?;
    Ok([
        Group::new("EdDSA verify")
            .with(OURS, ours.verify())
            .with(RAW, move || point.verify_sig(black_box(&signed), black_box(&signature)))
            .with(JSONWEBTOKEN, theirs.verify(&ours.token, decoding)),
        Group::new("EdDSA issue")
            .with(OURS, ours.issue())
            .with(RAW, move || pair.try_sign(black_box(&message)))
            .with(JSONWEBTOKEN, theirs.issue(encoding)),
    ])
}

fn v4_public(now: u64) -> Outcome<[Group; 2]> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&SECRET)?;
    let public = AsymmetricPublicKey::<V4>::from(pair.public_key().as_ref())?;
    let secret = AsymmetricSecretKey::<V4>::from(&[&SECRET, pair.public_key().as_ref()].concat())?;
    let mut paserk = String::new();
    secret.fmt(&mut paserk)?;
    let mut key_id = String::new();
    let id = Id::from(&public);
    id.fmt(&mut key_id)?;

    let ours = Ours::new(Key::<V4Public>::from_paserk(&paserk)?, &key_id, now)?;
    let theirs = Pasetors::new(&id, now)?;
    let (message, signature) = raw::v4_public(&ours.token, TOKEN_TYPE)?;
    let signed = message.clone();
    let point = raw::ed25519_point(&pair)?;
    let (token, rules, footer) = (ours.token.clone(), theirs.rules.clone(), theirs.footer.clone());
    Ok([
        Group::new("v4.public verify")
            .with(OURS, ours.verify())
            .with(RAW, move || point.verify_sig(black_box(&signed), black_box(&signature)))
            .with(PASETORS, move || {
                let token = UntrustedToken::<Public, V4>::try_from(black_box(token.as_str()))?;
                pasetors::public::verify(&public, &token, &rules, Some(&footer), Some(TOKEN_TYPE.as_bytes()))
            }),
        Group::new("v4.public issue")
            .with(OURS, ours.issue())
            .with(RAW, move || pair.try_sign(black_box(&message)))
            .with(PASETORS, move || {
                pasetors::public::sign(&secret, black_box(&theirs.claims), Some(&theirs.footer), Some(TOKEN_TYPE.as_bytes()))
            }),
    ])
}

fn v4_local(now: u64) -> Outcome<[Group; 2]> {
    let secret = SymmetricKey::<V4>::from(&SECRET)?;
    let mut paserk = String::new();
    secret.fmt(&mut paserk)?;
    let mut key_id = String::new();
    let id = Id::from(&secret);
    id.fmt(&mut key_id)?;

    let ours = Ours::new(Key::<V4Local>::from_paserk(&paserk)?, &key_id, now)?;
    let theirs = Pasetors::new(&id, now)?;
    let mut sealed = raw::V4LocalToken::new(&ours.token, TOKEN_TYPE, &SECRET)?;
    let mut plain = sealed.clone();
    let (token, rules, footer, opening) = (ours.token.clone(), theirs.rules.clone(), theirs.footer.clone(), secret.clone());
    Ok([
        Group::new("v4.local verify")
            .with(OURS, ours.verify())
            .with(RAW, move || if sealed.open() { Ok(()) } else { Err("a wrong tag") })
            .with(PASETORS, move || {
                let token = UntrustedToken::<Local, V4>::try_from(black_box(token.as_str()))?;
                pasetors::local::decrypt(&opening, &token, &rules, Some(&footer), Some(TOKEN_TYPE.as_bytes()))
            }),
        Group::new("v4.local issue").with(OURS, ours.issue()).with(RAW, move || Ok::<_, ()>(plain.seal())).with(PASETORS, move || {
            pasetors::local::encrypt(&secret, black_box(&theirs.claims), Some(&theirs.footer), Some(TOKEN_TYPE.as_bytes()))
        }),
    ])
}

/// jsonwebtoken, told to check what we check: `exp`, `nbf`, `aud` and `iss`, all of them required.
struct Jsonwebtoken {
    header: Header,
    validation: Validation,
    claims: AllFields,
}

impl Jsonwebtoken {
    fn new(algorithm: Algorithm, now: u64) -> Self {
        let mut header = Header::new(algorithm);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(KEY_ID.to_owned());
        let mut validation = Validation::new(algorithm);
        validation.validate_nbf = true;
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss"]);
        Self { header, validation, claims: AllFields::now(now) }
    }

    fn verify(
        &self,
        token: &str,
        key: DecodingKey,
    ) -> impl FnMut() -> jsonwebtoken::errors::Result<jsonwebtoken::TokenData<AllFields>> + use<> {
        let (token, validation) = (token.to_owned(), self.validation.clone());
        move || jsonwebtoken::decode::<AllFields>(black_box(&token), &key, &validation)
    }

    fn issue(self, key: EncodingKey) -> impl FnMut() -> jsonwebtoken::errors::Result<String> {
        move || jsonwebtoken::encode(&self.header, black_box(&self.claims), &key)
    }
}

/// pasetors, told to check issuer and audience; `exp`, `nbf` and `iat` it always checks.
struct Pasetors {
    claims: pasetors::claims::Claims,
    rules: ClaimsValidationRules,
    footer: Footer,
}

impl Pasetors {
    fn new(id: &Id, now: u64) -> Outcome<Self> {
        let text = |seconds: u64| i64::try_from(seconds).map(|seconds| Timestamp::from_unix(seconds).to_string());
        let claims = paseto(&text(now)?, &text(now + TTL)?)?;
        let mut rules = ClaimsValidationRules::new();
        rules.validate_issuer_with(ISSUER);
        rules.validate_audience_with(AUDIENCE);
        let mut footer = Footer::new();
        footer.key_id(id);
        Ok(Self { claims, rules, footer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_versions_that_are_built() {
        let lock = include_str!("../Cargo.lock");
        for name in [JSONWEBTOKEN, PASETORS] {
            let (name, version) = name.split_once(' ').unwrap();
            assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")), "{name}");
        }
    }
}
