//! Every algorithm as one line of a table, so that a promise that holds for all of them is tested for all of them.

use serde_json::Value;

use super::jwk;
use crate::{
    crypto::{
        self, Check, EcPair, Ed25519Pair, HmacKey, Jwk, JwkOpening, JwkPublic, JwkSealing, MlDsaPair, OpeningHalf, PemPair, PemPublic,
        RsaPair, SealingHalf, SharedSecret, Sign,
    },
    error::{KeyError, KeyRule},
};

/// What may be done with a JWK, whatever the family.
pub(super) struct Algorithm {
    /// Its name in JOSE.
    pub(super) name: &'static str,
    /// The name that its keys have in `keys.json`.
    pub(super) key: &'static str,
    /// How its keys are called in refusals.
    pub(super) kind: &'static str,
    pub(super) pair: fn(&Jwk) -> Result<(), KeyRule>,
    pub(super) public: fn(&Jwk) -> Result<(), KeyRule>,
    pub(super) sign: fn(&Jwk, &[u8]) -> Result<Vec<u8>, KeyError>,
    pub(super) check: Checking,
}

/// Whether a seal of a message fits, by the public half in a JWK.
type Checking = fn(&Jwk, &[u8], &[u8]) -> Result<bool, KeyRule>;
/// Private PEM, public PEM, a message, a seal that somebody else made of it.
type Sealing = fn(&str, &str, &[u8], Option<&[u8]>) -> bool;

/// What else may be done with the keys of an algorithm that has pairs. Halves are told by what a store keeps of the public one.
pub(super) struct Asymmetric {
    pub(super) algorithm: Algorithm,
    pub(super) jwk: fn(&Jwk) -> Result<Vec<u8>, KeyRule>,
    pub(super) pair_pem: fn(&str) -> Result<Vec<u8>, KeyRule>,
    pub(super) pair_der: fn(&[u8]) -> Result<Vec<u8>, KeyRule>,
    pub(super) public_pem: fn(&str) -> Result<Vec<u8>, KeyRule>,
    pub(super) public_der: fn(&[u8]) -> Result<Vec<u8>, KeyRule>,
    pub(super) stored: fn(&[u8]) -> Result<Vec<u8>, KeyRule>,
    pub(super) members: fn(&str) -> Vec<(&'static str, String)>,
    pub(super) spki: fn(&str) -> Vec<u8>,
    /// Whether the public half, out of PEM, takes a seal of the private one and the foreign one.
    pub(super) seals: Sealing,
}

pub(super) fn symmetric() -> [Algorithm; 3] {
    [
        secret::<HmacKey<crypto::Sha256>>("HS256", "hs256"),
        secret::<HmacKey<crypto::Sha384>>("HS384", "hs384"),
        secret::<HmacKey<crypto::Sha512>>("HS512", "hs512"),
    ]
}

pub(super) fn asymmetric() -> [Asymmetric; 13] {
    [
        pairs::<RsaPair<crypto::Rs256>>("RS256", "rsa", "RSA"),
        pairs::<RsaPair<crypto::Rs384>>("RS384", "rsa", "RSA"),
        pairs::<RsaPair<crypto::Rs512>>("RS512", "rsa", "RSA"),
        pairs::<RsaPair<crypto::Ps256>>("PS256", "rsa", "RSA"),
        pairs::<RsaPair<crypto::Ps384>>("PS384", "rsa", "RSA"),
        pairs::<RsaPair<crypto::Ps512>>("PS512", "rsa", "RSA"),
        pairs::<EcPair<crypto::P256>>("ES256", "p256", "P-256"),
        pairs::<EcPair<crypto::P384>>("ES384", "p384", "P-384"),
        pairs::<EcPair<crypto::P521>>("ES512", "p521", "P-521"),
        pairs::<Ed25519Pair>("EdDSA", "ed25519", "Ed25519"),
        pairs::<MlDsaPair<crypto::MlDsa44>>("ML-DSA-44", "ml-dsa-44", "ML-DSA-44"),
        pairs::<MlDsaPair<crypto::MlDsa65>>("ML-DSA-65", "ml-dsa-65", "ML-DSA-65"),
        pairs::<MlDsaPair<crypto::MlDsa87>>("ML-DSA-87", "ml-dsa-87", "ML-DSA-87"),
    ]
}

/// Every algorithm.
pub(super) fn all() -> impl Iterator<Item = Algorithm> {
    symmetric().into_iter().chain(asymmetric().map(|pairs| pairs.algorithm))
}

/// The algorithm of this name.
pub(super) fn named(name: &str) -> Option<Algorithm> {
    all().find(|algorithm| algorithm.name == name)
}

fn algorithm<K>(name: &'static str, key: &'static str, kind: &'static str) -> Algorithm
where
    K: Sign + JwkSealing,
    K::Opening: Check + JwkOpening,
{
    Algorithm {
        name,
        key,
        kind,
        pair: |jwk| <K as JwkSealing>::from_jwk(jwk).map(drop),
        public: |jwk| <K::Opening as JwkOpening>::from_jwk(jwk).map(drop),
        sign: |jwk, message| <K as JwkSealing>::from_jwk(jwk).map_err(crypto::refused)?.sign(message),
        check: |jwk, message, seal| <K::Opening as JwkOpening>::from_jwk(jwk).map(|key| key.check(message, seal)),
    }
}

/// Wycheproof's base64 cases have a secret of 32 zeros, which is refused unless somebody insists.
fn secret<K>(name: &'static str, key: &'static str) -> Algorithm
where
    K: Sign + JwkSealing + SharedSecret + Check + SealingHalf<Opening = K>,
    K::Opening: Check + JwkOpening,
{
    fn insisting<K: JwkSealing + SharedSecret>(jwk: &Jwk) -> Result<K, KeyRule> {
        match <K as JwkSealing>::from_jwk(jwk) {
            Err(KeyRule::NotRandom) => K::dangerous_short_secret(&jwk.public("k")?),
            other => other,
        }
    }
    Algorithm {
        sign: |jwk, message| insisting::<K>(jwk).map_err(crypto::refused)?.sign(message),
        check: |jwk, message, seal| insisting::<K>(jwk).map(|key| key.check(message, seal)),
        ..algorithm::<K>(name, key, "HMAC")
    }
}

fn pairs<K>(name: &'static str, key: &'static str, kind: &'static str) -> Asymmetric
where
    K: Sign + JwkSealing + PemPair,
    K::Opening: Check + JwkPublic + PemPublic,
{
    Asymmetric {
        algorithm: algorithm::<K>(name, key, kind),
        jwk: |jwk| <K::Opening as JwkOpening>::from_jwk(jwk).map(|key| key.to_stored().to_vec()),
        pair_pem: |text| <K as PemPair>::from_pem(text).map(|pair| pair.opening().to_stored().to_vec()),
        pair_der: |der| <K as PemPair>::from_der(der).map(|pair| pair.opening().to_stored().to_vec()),
        public_pem: |text| <K::Opening as PemPublic>::from_pem(text).map(|key| key.to_stored().to_vec()),
        public_der: |der| <K::Opening as PemPublic>::from_der(der).map(|key| key.to_stored().to_vec()),
        stored: |bytes| <K::Opening as OpeningHalf>::from_stored(bytes).map(|key| key.to_stored().to_vec()),
        members: |text| <K::Opening as PemPublic>::from_pem(text).unwrap().jwk_members(),
        spki: |text| <K::Opening as PemPublic>::from_pem(text).unwrap().to_spki().unwrap(),
        seals: |private, public, message, foreign| {
            let (pair, key) = (<K as PemPair>::from_pem(private).unwrap(), <K::Opening as PemPublic>::from_pem(public).unwrap());
            let own = pair.sign(message).unwrap();
            key.check(message, &own) && foreign.is_none_or(|seal| key.check(message, seal))
        },
    }
}

/// What becomes of the private JWK of an algorithm, named by itself or by the key, when members are changed.
#[track_caller]
pub(super) fn check_pair(name: &str, changes: &[(&str, Value)], want: Result<(), KeyRule>) {
    let (algorithm, text) = changed(name, changes);
    assert_eq!(Jwk::parse(&text).and_then(|jwk| (algorithm.pair)(&jwk)), want, "{name} {text}");
}

/// The same of the public half.
#[track_caller]
pub(super) fn check_public(name: &str, changes: &[(&str, Value)], want: Result<(), KeyRule>) {
    let (algorithm, text) = changed(name, changes);
    assert_eq!(Jwk::parse(&text).and_then(|jwk| (algorithm.public)(&jwk)), want, "{name} {text}");
}

/// An algorithm, by its name or by that of a JWK, and a JWK of it with other members; `null` takes one away.
fn changed(name: &str, changes: &[(&str, Value)]) -> (Algorithm, String) {
    let algorithm = all().find(|algorithm| algorithm.name == name || name.strip_suffix(".jwk") == Some(algorithm.key)).unwrap();
    let mut jwk = jwk(&format!("{}.jwk", algorithm.key));
    for (member, value) in changes {
        if value.is_null() {
            jwk.as_object_mut().unwrap().remove(*member);
        } else {
            jwk[*member] = value.clone();
        }
    }
    (algorithm, jwk.to_string())
}
