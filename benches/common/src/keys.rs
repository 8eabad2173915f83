//! One key a format, in every encoding that a contestant may want.

use aws_lc_rs::{
    encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, EcPublicKeyCompressedBin, Pkcs8V1Der, PublicKeyX509Der},
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    },
};

use crate::{
    contest::Outcome,
    raw::{base64, base64url},
};

/// The secret of every symmetric format, and the seed of every Ed25519 key.
pub const SECRET: [u8; 32] =
    *b"\x8e\x1f\x42\xc3\x9a\x07\x5d\xb6\x2b\x70\xe4\x11\xfd\x38\x6c\x95\xa2\x03\xd8\x4f\x77\xbe\x19\x60\xcb\x54\x0d\x86\x3a\xf1\xe9\x27";

/// An asymmetric key. What a family has no use for is empty.
#[derive(Debug, Clone, Default)]
pub struct Material {
    /// PKCS#8 v1.
    pub private_pem: String,
    /// SubjectPublicKeyInfo.
    pub public_pem: String,
    /// Ed25519: seed and point; P-384: the scalar.
    pub secret: Vec<u8>,
    /// Ed25519: the point; P-384: the compressed point.
    pub public: Vec<u8>,
}

impl Material {
    pub fn paserk(&self, kind: &str) -> (String, String) {
        (format!("{kind}.secret.{}", base64url(&self.secret)), format!("{kind}.public.{}", base64url(&self.public)))
    }

    fn new(private: &[u8], public: &[u8]) -> Self {
        Self { private_pem: pem("PRIVATE KEY", private), public_pem: pem("PUBLIC KEY", public), ..Self::default() }
    }
}

pub fn paserk_local(kind: &str) -> String {
    format!("{kind}.local.{}", base64url(&SECRET))
}

pub fn ed25519() -> Outcome<(Ed25519KeyPair, Material)> {
    let pair = Ed25519KeyPair::from_seed_unchecked(&SECRET)?;
    let point = pair.public_key().as_ref().to_vec();
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
    let material = Material::new(pair.to_pkcs8v1()?.as_ref(), spki.as_ref());
    let material = Material { secret: [&SECRET, point.as_slice()].concat(), public: point, ..material };
    Ok((pair, material))
}

pub fn p256() -> Outcome<(EcdsaKeyPair, Material)> {
    ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING)
}

pub fn p384() -> Outcome<(EcdsaKeyPair, Material)> {
    ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING)
}

/// Made anew in every program: the cost of an operation does not depend on the key.
fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm) -> Outcome<(EcdsaKeyPair, Material)> {
    let pair = EcdsaKeyPair::generate(algorithm)?;
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
    let scalar: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes()?;
    let point: EcPublicKeyCompressedBin<'_> = pair.public_key().as_be_bytes()?;
    let material = Material::new(pair.to_pkcs8v1()?.as_ref(), spki.as_ref());
    let material = Material { secret: scalar.as_ref().to_vec(), public: point.as_ref().to_vec(), ..material };
    Ok((pair, material))
}

/// Of 2048 bits, the least that RFC 7518 §3.3 allows and what most services use. Made anew in every program.
pub fn rsa() -> Outcome<(RsaKeyPair, Material)> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
    let private: Pkcs8V1Der<'_> = pair.as_der()?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der()?;
    let material = Material::new(private.as_ref(), public.as_ref());
    Ok((pair, material))
}

/// RFC 7468, with lines of 64 characters.
fn pem(label: &str, der: &[u8]) -> String {
    let text = base64(der);
    let mut lines = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
        lines.push(line);
        rest = after;
    }
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
