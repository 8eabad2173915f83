//! Ed25519 (RFC 8032), for JWT `EdDSA` and PASETO `v4.public`.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use curve25519_dalek::edwards::CompressedEdwardsY;
use pkcs8::der::{Decode, asn1::OctetStringRef};
use zeroize::Zeroizing;

use crate::{
    crypto::{
        Check, JwkOpening, JwkPublic, JwkSealing, OpeningHalf, PemPair, PemPublic, SealingHalf, Sign, Thumbprint, ThumbprintHash,
        base64url, der,
        der::{Family, Form},
        jwk::{self, Jwk},
        refused, self_test,
    },
    error::{KeyError, KeyRule},
};

/// The private half.
pub struct Ed25519Pair {
    pair: Ed25519KeyPair,
    point: Ed25519Point,
    seed: Zeroizing<[u8; 32]>,
    // The library's export may fail; taking it once, when the key is loaded, keeps `to_stored` free of a failure that nobody handles.
    pkcs8: Zeroizing<Vec<u8>>,
}

impl Ed25519Pair {
    /// Reads PKCS#8, version 1 or 2 (RFC 8410 §7); in version 2 the public half must fit.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (family, key) = der::pkcs8(bytes)?;
        family.must_be(Family::Ed25519)?;
        let unreadable = KeyRule::Unreadable("an Ed25519 private key");
        let seed = <&OctetStringRef>::from_der(key.private_key.as_bytes()).map_err(|_| unreadable)?;
        let public = match key.public_key {
            Some(public) => Some(public.as_bytes().ok_or(unreadable)?),
            None => None,
        };
        Self::from_seed(seed.as_bytes(), public)
    }

    /// The public half.
    pub fn point(&self) -> &Ed25519Point {
        &self.point
    }

    /// The seed, which PASERK puts in front of the point.
    pub(super) fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// Takes the 32 bytes of RFC 8032 §5.1.5; where the point is known too, it must be the seed's.
    pub(super) fn from_seed(seed: &[u8], public: Option<&[u8]>) -> Result<Self, KeyRule> {
        let seed: &[u8; 32] = seed.try_into().map_err(|_| KeyRule::Unreadable("an Ed25519 private key"))?;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyRule::Unreadable("an Ed25519 private key"))?;
        if public.is_some_and(|public| public != pair.public_key().as_ref()) {
            return Err(KeyRule::HalvesDiffer);
        }
        Self::from_library(pair)
    }

    fn from_library(pair: Ed25519KeyPair) -> Result<Self, KeyRule> {
        let point = Ed25519Point::from_stored(pair.public_key().as_ref())?;
        let pkcs8 = Zeroizing::new(pair.to_pkcs8v1().map_err(|_| KeyRule::SelfTest)?.as_ref().to_vec());
        // RFC 8410 §7: version 1 ends in the seed. The library's own way to it leaves a copy behind.
        let seed = Zeroizing::new(*pkcs8.last_chunk().ok_or(KeyRule::SelfTest)?);
        let pair = Self { pair, point, seed, pkcs8 };
        self_test(&pair)?;
        Ok(pair)
    }
}

impl SealingHalf for Ed25519Pair {
    type Opening = Ed25519Point;

    fn generate() -> Result<Self, KeyError> {
        Self::from_library(Ed25519KeyPair::generate().map_err(|_| KeyError::NoRandomness)?).map_err(refused)
    }

    fn opening(&self) -> Ed25519Point {
        self.point.clone()
    }

    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs8.clone()
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_pkcs8(bytes)
    }
}

impl JwkSealing for Ed25519Pair {
    /// Reads a private JWK (RFC 8037 §2).
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        let point = Ed25519Point::members(jwk)?;
        let seed = jwk.private("d")?;
        jwk.permit_signing(Ed25519Point::JWK_ALGORITHMS)?;
        Self::from_seed(&seed, Some(&point.bytes))
    }

    fn private_members(&self) -> Result<Vec<(&'static str, Zeroizing<String>)>, KeyRule> {
        Ok(jwk::private_members(self.point.jwk_members(), &[("d", self.seed.as_slice())]))
    }
}

impl PemPair for Ed25519Pair {
    fn from_form(form: Form, der: &[u8]) -> Result<Self, KeyRule> {
        match form {
            Form::Pkcs8 => Self::from_pkcs8(der),
            form => Err(form.unfit(Family::Ed25519)),
        }
    }
}

impl Sign for Ed25519Pair {
    fn sign_into(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError> {
        let signature = self.pair.try_sign(message).map_err(|_| KeyError::SealFailed)?;
        out.extend_from_slice(signature.as_ref());
        Ok(())
    }

    fn seal_length(&self) -> usize {
        64
    }
}

impl fmt::Debug for Ed25519Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed25519Pair").finish_non_exhaustive()
    }
}

/// The public half.
#[derive(Clone)]
pub struct Ed25519Point {
    key: ParsedPublicKey,
    bytes: [u8; 32],
}

impl Ed25519Point {
    /// What `alg` may say in its JWK: the name of RFC 8037 and the fully specified one of RFC 9864.
    pub const JWK_ALGORITHMS: &'static [&'static str] = &["EdDSA", "Ed25519"];

    /// Reads a SubjectPublicKeyInfo.
    pub fn from_spki(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (family, point) = der::spki(bytes)?;
        family.must_be(Family::Ed25519)?;
        Self::from_stored(point)
    }

    /// The 32 bytes of RFC 8032 §5.1.2.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    fn members(jwk: &Jwk) -> Result<Self, KeyRule> {
        jwk.must_be("OKP", Some("Ed25519"), Family::Ed25519.name())?;
        Self::from_stored(&jwk.public("x")?)
    }
}

impl OpeningHalf for Ed25519Point {
    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.bytes.to_vec())
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| KeyRule::InvalidPoint)?;
        // The library takes any 32 bytes and fails only when a signature is checked, so the point is judged here.
        let point = CompressedEdwardsY(bytes).decompress().ok_or(KeyRule::InvalidPoint)?;
        if point.is_small_order() {
            return Err(KeyRule::WeakPoint);
        }
        // RFC 8032 §5.1.3 wants y below p and no sign on x = 0; decompressing reduces, so another spelling comes back changed.
        if point.compress().to_bytes() != bytes {
            return Err(KeyRule::InvalidPoint);
        }
        let key = ParsedPublicKey::new(&ED25519, bytes).map_err(|_| KeyRule::InvalidPoint)?;
        Ok(Self { key, bytes })
    }
}

impl JwkOpening for Ed25519Point {
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        let point = Self::members(jwk)?;
        jwk.permit_checking(Self::JWK_ALGORITHMS)?;
        Ok(point)
    }

    fn thumbprint(&self, hash: ThumbprintHash) -> Thumbprint {
        Thumbprint::of(&self.jwk_members(), hash)
    }
}

impl JwkPublic for Ed25519Point {
    fn jwk_members(&self) -> Vec<(&'static str, String)> {
        vec![("kty", "OKP".to_owned()), ("crv", "Ed25519".to_owned()), ("x", base64url::encode(&self.bytes))]
    }
}

impl PemPublic for Ed25519Point {
    fn from_form(form: Form, der: &[u8]) -> Result<Self, KeyRule> {
        match form {
            Form::Spki => Self::from_spki(der),
            form => Err(form.not_public(Family::Ed25519)),
        }
    }

    fn to_spki(&self) -> Result<Vec<u8>, KeyRule> {
        Family::Ed25519.to_spki(&self.bytes)
    }
}

impl Check for Ed25519Point {
    fn check(&self, message: &[u8], seal: &[u8]) -> bool {
        seal.len() == 64 && self.key.verify_sig(message, seal).is_ok()
    }
}

impl fmt::Debug for Ed25519Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ed25519Point").field(&base64url::encode(&self.bytes)).finish()
    }
}
