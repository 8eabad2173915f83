//! Seals and opens tokens with other libraries than the runtime's own code, for payloads and headers that no issuer of ours would write.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa,
    signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, PqdsaKeyPair, PqdsaSigningAlgorithm, RsaSignatureEncoding},
};
use base64_simd::URL_SAFE_NO_PAD;
use paseto_core::version::{Local, SealingVersion, UnsealingVersion};
use pasetors::{
    Public,
    keys::{AsymmetricPublicKey, AsymmetricSecretKey, SymmetricKey},
    token::UntrustedToken,
    version3,
    version4::{LocalToken, PublicToken, V4},
};
use serde_json::{Value, json};
use session_runtime::{
    Format, Timestamp,
    jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Jwt, MlDsa44, MlDsa65, MlDsa87, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512},
    keyring::Key,
    paseto::{V3Local, V3Public, V4Local, V4Public},
};

use super::{KEY_ID, keys, pem};

/// The type of the tokens: `typ` in JWT, the implicit assertion in PASETO.
pub(crate) const TYPE: &str = "at+jwt";

/// 64 fixed bytes.
pub(crate) const SECRET: &[u8; 64] = b"test only: a shared secret that stands in a repository is none!!";
/// 32 fixed bytes.
pub(crate) const LOCAL: &[u8; 32] = b"test only: v4.local symmetric k!";
/// 32 other fixed bytes.
const LOCAL3: &[u8; 32] = b"test only: v3.local symmetric k?";

/// A format with one fixed key.
pub(crate) trait Fixed: Format + Sized {
    fn key() -> Key<Self>;

    /// The header or footer that the runtime writes for this key, named `k1`, and [`TYPE`].
    fn head() -> String;

    /// How the format writes a time.
    fn time(at: Timestamp) -> Value;

    /// Seals any payload under any header or footer.
    fn forge(head: &str, payload: &[u8]) -> String;

    /// The payload of a token of ours. Without the key, where the format lets everybody read it.
    fn payload(token: &str) -> Value;
}

pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

pub(crate) fn unbase64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode_to_vec(text).unwrap()
}

/// A JWS in compact form, sealed by `seal`.
pub(crate) fn jws(head: &str, payload: &[u8], seal: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", base64(head), base64(payload));
    let seal = seal(signed.as_bytes());
    format!("{signed}.{}", base64(seal))
}

pub(crate) fn hs256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac_of(hmac::HMAC_SHA256, secret, message)
}

fn hmac_of(hash: hmac::Algorithm, secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hash, secret), message).as_ref().to_vec()
}

fn rsa(padding: &'static RsaSignatureEncoding, message: &[u8]) -> Vec<u8> {
    let pair = rsa::KeyPair::from_pkcs8(&der("rsa.pkcs8")).unwrap();
    let mut seal = vec![0; pair.public_modulus_len()];
    pair.sign(padding, &SystemRandom::new(), message, &mut seal).unwrap();
    seal
}

fn ecdsa(curve: &'static EcdsaSigningAlgorithm, key: &str, message: &[u8]) -> Vec<u8> {
    let pair = EcdsaKeyPair::from_pkcs8(curve, &der(key)).unwrap();
    pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
}

fn ml_dsa(set: &'static PqdsaSigningAlgorithm, key: &str, message: &[u8]) -> Vec<u8> {
    let mut seal = vec![0; set.signature_len()];
    PqdsaKeyPair::from_pkcs8(set, &der(key)).unwrap().sign(message, &mut seal).unwrap();
    seal
}

fn eddsa(message: &[u8]) -> Vec<u8> {
    let [seed, point] = ed25519();
    Ed25519KeyPair::from_seed_and_public_key(&seed, &point).unwrap().sign(message).as_ref().to_vec()
}

/// Seed and point of the fixed Ed25519 key.
fn ed25519() -> [Vec<u8>; 2] {
    let jwk = &keys()["ed25519.jwk"];
    ["d", "x"].map(|member| unbase64(jwk[member].as_str().unwrap()))
}

/// The bytes inside a PEM text.
pub(crate) fn der(name: &str) -> Vec<u8> {
    let body: String = pem(name).lines().filter(|line| !line.starts_with("-----")).collect();
    base64_simd::STANDARD.decode_to_vec(body).unwrap()
}

macro_rules! jwt {
    ($($algorithm:ty, $name:literal: $key:expr, $seal:expr;)*) => { $(
        impl Fixed for Jwt<$algorithm> {
            fn key() -> Key<Self> {
                $key
            }
            fn head() -> String {
                json!({ "alg": $name, "kid": KEY_ID, "typ": TYPE }).to_string()
            }
            fn time(at: Timestamp) -> Value {
                at.as_unix().into()
            }
            fn forge(head: &str, payload: &[u8]) -> String {
                jws(head, payload, $seal)
            }
            fn payload(token: &str) -> Value {
                serde_json::from_slice(&unbase64(token.split('.').nth(1).unwrap())).unwrap()
            }
        }
    )* };
}
jwt! {
    Hs256, "HS256": Key::<Self>::from_secret(SECRET).unwrap(), |message| hs256(SECRET, message);
    Hs384, "HS384": Key::<Self>::from_secret(SECRET).unwrap(), |message| hmac_of(hmac::HMAC_SHA384, SECRET, message);
    Hs512, "HS512": Key::<Self>::from_secret(SECRET).unwrap(), |message| hmac_of(hmac::HMAC_SHA512, SECRET, message);
    Rs256, "RS256": Key::<Self>::from_pem(pem("rsa.pkcs8")).unwrap(), |message| rsa(&signature::RSA_PKCS1_SHA256, message);
    Rs384, "RS384": Key::<Self>::from_pem(pem("rsa.pkcs8")).unwrap(), |message| rsa(&signature::RSA_PKCS1_SHA384, message);
    Rs512, "RS512": Key::<Self>::from_pem(pem("rsa.pkcs8")).unwrap(), |message| rsa(&signature::RSA_PKCS1_SHA512, message);
    Ps256, "PS256": Key::<Self>::from_pem(pem("rsa.pkcs8")).unwrap(), |message| rsa(&signature::RSA_PSS_SHA256, message);
    Ps384, "PS384": Key::<Self>::from_pem(pem("rsa.pkcs8")).unwrap(), |message| rsa(&signature::RSA_PSS_SHA384, message);
    Ps512, "PS512": Key::<Self>::from_pem(pem("rsa.pkcs8")).unwrap(), |message| rsa(&signature::RSA_PSS_SHA512, message);
    Es256, "ES256": Key::<Self>::from_pem(pem("p256.pkcs8")).unwrap(), |message| ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "p256.pkcs8", message);
    Es384, "ES384": Key::<Self>::from_pem(pem("p384.pkcs8")).unwrap(), |message| ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "p384.pkcs8", message);
    Es512, "ES512": Key::<Self>::from_pem(pem("p521.pkcs8")).unwrap(), |message| ecdsa(&signature::ECDSA_P521_SHA512_FIXED_SIGNING, "p521.pkcs8", message);
    MlDsa44, "ML-DSA-44": Key::<Self>::from_pem(pem("ml-dsa-44.pkcs8")).unwrap(), |message| ml_dsa(&signature::ML_DSA_44_SIGNING, "ml-dsa-44.pkcs8", message);
    MlDsa65, "ML-DSA-65": Key::<Self>::from_pem(pem("ml-dsa-65.pkcs8")).unwrap(), |message| ml_dsa(&signature::ML_DSA_65_SIGNING, "ml-dsa-65.pkcs8", message);
    MlDsa87, "ML-DSA-87": Key::<Self>::from_pem(pem("ml-dsa-87.pkcs8")).unwrap(), |message| ml_dsa(&signature::ML_DSA_87_SIGNING, "ml-dsa-87.pkcs8", message);
    EdDsa, "EdDSA": Key::<Self>::from_pem(pem("ed25519.pkcs8")).unwrap(), eddsa;
}

fn footer() -> String {
    json!({ "kid": KEY_ID }).to_string()
}

fn text_of(at: Timestamp) -> Value {
    at.to_string().into()
}

fn some(footer: &str) -> Option<&[u8]> {
    (!footer.is_empty()).then_some(footer.as_bytes())
}

impl Fixed for V4Public {
    fn key() -> Key<Self> {
        let paserk = format!("k4.secret.{}", base64(ed25519().concat()));
        Key::<Self>::from_paserk(&paserk).unwrap()
    }
    fn head() -> String {
        footer()
    }
    fn time(at: Timestamp) -> Value {
        text_of(at)
    }
    fn forge(head: &str, payload: &[u8]) -> String {
        let key = AsymmetricSecretKey::<V4>::from(&ed25519().concat()).unwrap();
        PublicToken::sign(&key, payload, some(head), Some(TYPE.as_bytes())).unwrap()
    }
    fn payload(token: &str) -> Value {
        let key = AsymmetricPublicKey::<V4>::from(&ed25519()[1]).unwrap();
        let token = UntrustedToken::<Public, V4>::try_from(token).unwrap();
        let trusted = PublicToken::verify(&key, &token, None, Some(TYPE.as_bytes())).unwrap();
        serde_json::from_str(trusted.payload()).unwrap()
    }
}

impl Fixed for V4Local {
    fn key() -> Key<Self> {
        Key::<Self>::from_paserk(&format!("k4.local.{}", base64(LOCAL))).unwrap()
    }
    fn head() -> String {
        footer()
    }
    fn time(at: Timestamp) -> Value {
        text_of(at)
    }
    fn forge(head: &str, payload: &[u8]) -> String {
        let key = SymmetricKey::<V4>::from(LOCAL).unwrap();
        LocalToken::encrypt(&key, payload, some(head), Some(TYPE.as_bytes())).unwrap()
    }
    fn payload(token: &str) -> Value {
        let key = SymmetricKey::<V4>::from(LOCAL).unwrap();
        let token = UntrustedToken::<pasetors::Local, V4>::try_from(token).unwrap();
        let trusted = LocalToken::decrypt(&key, &token, None, Some(TYPE.as_bytes())).unwrap();
        serde_json::from_str(trusted.payload()).unwrap()
    }
}

/// Scalar and compressed point of the fixed P-384 key.
fn p384() -> [Vec<u8>; 2] {
    // PKCS#8 around SEC1 (RFC 5915): the scalar is its first octet string, and the uncompressed point the last 97 bytes.
    let der = der("p384.pkcs8");
    let at = der.windows(5).position(|bytes| bytes == [2, 1, 1, 4, 48]).unwrap() + 5;
    let (x, y) = der[der.len() - 96..].split_at(48);
    [der[at..at + 48].to_vec(), [&[2 | (y[47] & 1)], x].concat()]
}

#[allow(clippy::disallowed_types, reason = "pasetors as an oracle; the call that panics is not made")]
impl Fixed for V3Public {
    fn key() -> Key<Self> {
        Key::<Self>::from_pem(pem("p384.pkcs8")).unwrap()
    }
    fn head() -> String {
        footer()
    }
    fn time(at: Timestamp) -> Value {
        text_of(at)
    }
    fn forge(head: &str, payload: &[u8]) -> String {
        let key = AsymmetricSecretKey::<version3::V3>::from(&p384()[0]).unwrap();
        version3::PublicToken::sign(&key, payload, some(head), Some(TYPE.as_bytes())).unwrap()
    }
    fn payload(token: &str) -> Value {
        let key = AsymmetricPublicKey::<version3::V3>::from(&p384()[1]).unwrap();
        let token = UntrustedToken::<Public, version3::V3>::try_from(token).unwrap();
        let trusted = version3::PublicToken::verify(&key, &token, None, Some(TYPE.as_bytes())).unwrap();
        serde_json::from_str(trusted.payload()).unwrap()
    }
}

impl Fixed for V3Local {
    fn key() -> Key<Self> {
        Key::<Self>::from_paserk(&format!("k3.local.{}", base64(LOCAL3))).unwrap()
    }
    fn head() -> String {
        footer()
    }
    fn time(at: Timestamp) -> Value {
        text_of(at)
    }
    fn forge(head: &str, payload: &[u8]) -> String {
        let key = paseto_v3::core::LocalKey::from_raw_bytes(*LOCAL3);
        let nonce = <paseto_v3::core::V3 as SealingVersion<Local>>::nonce().unwrap();
        let drawn = [nonce.as_slice(), payload].concat();
        let body =
            <paseto_v3::core::V3 as SealingVersion<Local>>::dangerous_seal_with_nonce(&key, "", drawn, head.as_bytes(), TYPE.as_bytes());
        let footer = if head.is_empty() { String::new() } else { format!(".{}", base64(head)) };
        format!("v3.local.{}{footer}", base64(body.unwrap()))
    }
    fn payload(token: &str) -> Value {
        let key = paseto_v3::core::LocalKey::from_raw_bytes(*LOCAL3);
        let parts: Vec<&str> = token.split('.').collect();
        let (mut body, footer) = (unbase64(parts[2]), parts.get(3).map(|footer| unbase64(footer)).unwrap_or_default());
        let payload = <paseto_v3::core::V3 as UnsealingVersion<Local>>::unseal(&key, "", &mut body, &footer, TYPE.as_bytes()).unwrap();
        serde_json::from_slice(payload).unwrap()
    }
}

/// The same seal in its other spelling: with `(r, s)` every ECDSA signature has a twin `(r, n − s)`.
pub(crate) fn twin(token: &str) -> String {
    /// The order of P-256 (FIPS 186-4, D.1.2.3).
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
        0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let (signed, seal) = token.rsplit_once('.').unwrap();
    let mut seal = unbase64(seal);
    let mut borrow = 0_i16;
    for (byte, order) in seal[32..].iter_mut().zip(ORDER).rev() {
        let difference = i16::from(order) - i16::from(*byte) - borrow;
        borrow = i16::from(difference < 0);
        *byte = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    assert_eq!(borrow, 0, "s is below the order");
    format!("{signed}.{}", base64(seal))
}
