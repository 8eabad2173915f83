//! ECDSA on P-256 with SHA-256, for JWT `ES256`.

use std::fmt;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
        ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair, ParsedPublicKey,
    },
};
use zeroize::Zeroizing;

use crate::{
    crypto::{Check, OpeningHalf, Seal, SealingHalf, Sign, base64url, der, der::Family, jwk::Jwk, refused, self_test},
    error::{KeyError, KeyRule},
};

/// The private half.
pub struct P256Pair {
    pair: EcdsaKeyPair,
    point: P256Point,
    // As in `Ed25519Pair`.
    pkcs8: Zeroizing<Vec<u8>>,
}

impl P256Pair {
    /// Reads PKCS#8; where it holds the public half too, that must fit.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (family, _) = der::pkcs8(bytes)?;
        family.must_be(Family::P256)?;
        // The library checks point, scalar and that they belong together, and does not tell which check failed.
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).map_err(|_| UNREADABLE)?;
        Self::from_library(pair)
    }

    /// Reads SEC1 (RFC 5915), which older tools write.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, KeyRule> {
        // The library's reader goes on to PKCS#8 and stops after one structure; both are not SEC1.
        if bytes.len() > der::LONGEST || !der::is_sec1(bytes).unwrap_or(false) {
            return Err(UNREADABLE);
        }
        match EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes) {
            Ok(pair) => Self::from_library(pair),
            Err(_) => {
                let other = [&ECDSA_P384_SHA384_FIXED_SIGNING, &ECDSA_P256K1_SHA256_FIXED_SIGNING, &ECDSA_P521_SHA512_FIXED_SIGNING]
                    .into_iter()
                    .any(|curve| EcdsaKeyPair::from_private_key_der(curve, bytes).is_ok());
                Err(if other { KeyRule::WrongKind { wanted: Family::P256.name() } } else { UNREADABLE })
            }
        }
    }

    /// Reads a private JWK (RFC 7518 §6.2).
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        let point = P256Point::members(jwk)?;
        let scalar = jwk.private("d")?;
        jwk.permit_signing(P256Point::JWK_ALGORITHMS)?;
        // RFC 7518 §6.2.2.1: exactly as long as the order of the curve.
        let scalar: &[u8; 32] = scalar.as_slice().try_into().map_err(|_| UNREADABLE)?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, scalar, &point.bytes)
            .map_err(|_| KeyRule::HalvesDiffer)?;
        Self::from_library(pair)
    }

    fn from_library(pair: EcdsaKeyPair) -> Result<Self, KeyRule> {
        let point = P256Point::from_stored(pair.public_key().as_ref())?;
        let pkcs8 = Zeroizing::new(pair.to_pkcs8v1().map_err(|_| KeyRule::SelfTest)?.as_ref().to_vec());
        let pair = Self { pair, point, pkcs8 };
        self_test(&pair)?;
        Ok(pair)
    }
}

impl SealingHalf for P256Pair {
    type Opening = P256Point;

    fn generate() -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| KeyError::NoRandomness)?;
        Self::from_library(pair).map_err(refused)
    }

    fn opening(&self) -> P256Point {
        self.point.clone()
    }

    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs8.clone()
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_pkcs8(bytes)
    }
}

impl Sign for P256Pair {
    fn sign(&self, message: &[u8]) -> Result<Seal, KeyError> {
        let signature = self.pair.sign(&SystemRandom::new(), message).map_err(|_| KeyError::SealFailed)?;
        Ok(Seal::from_slice(signature.as_ref()))
    }
}

impl fmt::Debug for P256Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("P256Pair").finish_non_exhaustive()
    }
}

/// The public half.
#[derive(Clone)]
pub struct P256Point {
    key: ParsedPublicKey,
    bytes: [u8; 65],
}

impl P256Point {
    /// What `alg` may say in its JWK.
    pub const JWK_ALGORITHMS: &'static [&'static str] = &["ES256"];

    /// Reads a SubjectPublicKeyInfo with an uncompressed point.
    pub fn from_spki(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (family, point) = der::spki(bytes)?;
        family.must_be(Family::P256)?;
        Self::from_stored(point)
    }

    /// Reads the public members of a JWK.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        let point = Self::members(jwk)?;
        jwk.permit_checking(Self::JWK_ALGORITHMS)?;
        Ok(point)
    }

    /// The public members of its JWK.
    pub fn jwk_members(&self) -> Vec<(&'static str, String)> {
        let (x, y) = self.bytes.split_at(33);
        let x = base64url::encode(x.get(1..).unwrap_or_default());
        vec![("kty", "EC".to_owned()), ("crv", "P-256".to_owned()), ("x", x), ("y", base64url::encode(y))]
    }

    fn members(jwk: &Jwk) -> Result<Self, KeyRule> {
        jwk.must_be("EC", Some("P-256"), Family::P256.name())?;
        let (x, y) = (jwk.public("x")?, jwk.public("y")?);
        // RFC 7518 §6.2.1.2: leading zeros are not left out; a shifted coordinate would be another point.
        if x.len() != 32 || y.len() != 32 {
            return Err(KeyRule::InvalidPoint);
        }
        Self::from_stored(&[&[4], x.as_slice(), y.as_slice()].concat())
    }
}

impl OpeningHalf for P256Point {
    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.bytes.to_vec())
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        let bytes: [u8; 65] = bytes.try_into().map_err(|_| KeyRule::InvalidPoint)?;
        // SEC1 §2.3.3 also knows compressed (2, 3) and hybrid (6, 7) points; one key has one spelling here.
        if !bytes.starts_with(&[4]) {
            return Err(KeyRule::InvalidPoint);
        }
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes).map_err(|_| KeyRule::InvalidPoint)?;
        Ok(Self { key, bytes })
    }
}

impl Check for P256Point {
    fn check(&self, message: &[u8], seal: &[u8]) -> bool {
        seal.len() == 64 && self.key.verify_sig(message, seal).is_ok()
    }
}

impl fmt::Debug for P256Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("P256Point").field(&base64url::encode(&self.bytes)).finish()
    }
}

const UNREADABLE: KeyRule = KeyRule::Unreadable("a P-256 private key");
