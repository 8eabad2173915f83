//! The NIST curves, each with the hash that JOSE and PASETO use on it.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaSigningAlgorithm,
    EcdsaVerificationAlgorithm,
};

use crate::{crypto::der::Family, error::KeyRule};

/// A curve with its hash.
pub trait Curve: Send + Sync + 'static {
    /// The family of its keys; its name is the `crv` of a JWK.
    const FAMILY: Family;
    /// The name of the algorithm, which is all that `alg` may say in its JWK.
    const ALGORITHM: &'static str;
    /// The length of a coordinate, of a scalar and of each half of a signature, in bytes.
    const COORDINATE: usize;
    /// How the library signs on it.
    const SIGNING: &'static EcdsaSigningAlgorithm;
    /// How the library checks on it.
    const CHECKING: &'static EcdsaVerificationAlgorithm;
    /// What is said of a private key that cannot be read.
    const UNREADABLE: KeyRule;
}

/// P-256 with SHA-256.
#[derive(Debug)]
pub enum P256 {}
/// P-384 with SHA-384.
#[derive(Debug)]
pub enum P384 {}
/// P-521 with SHA-512.
#[derive(Debug)]
pub enum P521 {}

impl Curve for P256 {
    const FAMILY: Family = Family::P256;
    const ALGORITHM: &'static str = "ES256";
    const COORDINATE: usize = 32;
    const SIGNING: &'static EcdsaSigningAlgorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    const CHECKING: &'static EcdsaVerificationAlgorithm = &ECDSA_P256_SHA256_FIXED;
    const UNREADABLE: KeyRule = KeyRule::Unreadable("a P-256 private key");
}

impl Curve for P384 {
    const FAMILY: Family = Family::P384;
    const ALGORITHM: &'static str = "ES384";
    const COORDINATE: usize = 48;
    const SIGNING: &'static EcdsaSigningAlgorithm = &ECDSA_P384_SHA384_FIXED_SIGNING;
    const CHECKING: &'static EcdsaVerificationAlgorithm = &ECDSA_P384_SHA384_FIXED;
    const UNREADABLE: KeyRule = KeyRule::Unreadable("a P-384 private key");
}

impl Curve for P521 {
    const FAMILY: Family = Family::P521;
    const ALGORITHM: &'static str = "ES512";
    // 521 bits do not fill their last byte.
    const COORDINATE: usize = 66;
    const SIGNING: &'static EcdsaSigningAlgorithm = &ECDSA_P521_SHA512_FIXED_SIGNING;
    const CHECKING: &'static EcdsaVerificationAlgorithm = &ECDSA_P521_SHA512_FIXED;
    const UNREADABLE: KeyRule = KeyRule::Unreadable("a P-521 private key");
}

/// The curves that a key of another curve may be on, so that the refusal can say so.
pub(super) const KNOWN: [&EcdsaSigningAlgorithm; 4] = [
    &ECDSA_P256_SHA256_FIXED_SIGNING,
    &ECDSA_P384_SHA384_FIXED_SIGNING,
    &ECDSA_P521_SHA512_FIXED_SIGNING,
    &ECDSA_P256K1_SHA256_FIXED_SIGNING,
];
