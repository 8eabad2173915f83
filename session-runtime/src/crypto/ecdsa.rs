//! ECDSA on the NIST curves, each with the hash of RFC 7518 §3.4, for JWT `ES256`, `ES384` and `ES512`.

use std::{fmt, marker::PhantomData};

use aws_lc_rs::{
    agreement::{self, ECDH_P384},
    encoding::{AsBigEndian, AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{EcdsaKeyPair, KeyPair, ParsedPublicKey},
};
use zeroize::Zeroizing;

use crate::{
    crypto::{
        Check, JwkOpening, JwkPublic, JwkSealing, OpeningHalf, PemPair, PemPublic, SealingHalf, Sign, Thumbprint, ThumbprintHash,
        base64url,
        curve::{Curve, KNOWN, P384, P521},
        der,
        der::Form,
        jwk::{self, Jwk},
        refused, self_test,
    },
    error::{KeyError, KeyRule},
};

/// The private half.
pub struct EcPair<C: Curve> {
    pair: EcdsaKeyPair,
    point: EcPoint<C>,
    // As in `Ed25519Pair`.
    pkcs8: Zeroizing<Vec<u8>>,
}

impl<C: Curve> EcPair<C> {
    /// Reads PKCS#8; where it holds the public half too, that must fit.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (family, _) = der::pkcs8(bytes)?;
        family.must_be(C::FAMILY)?;
        // The library checks point, scalar and that they belong together, and does not tell which check failed.
        let pair = EcdsaKeyPair::from_pkcs8(C::SIGNING, bytes).map_err(|_| C::UNREADABLE)?;
        Self::from_library(pair)
    }

    /// Reads SEC1 (RFC 5915), which older tools write.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, KeyRule> {
        // The library's reader goes on to PKCS#8 and stops after one structure; both are not SEC1.
        if bytes.len() > der::LONGEST || !der::is_sec1(bytes) {
            return Err(C::UNREADABLE);
        }
        match EcdsaKeyPair::from_private_key_der(C::SIGNING, bytes) {
            Ok(pair) => Self::from_library(pair),
            Err(_) => {
                let other = KNOWN.into_iter().any(|curve| EcdsaKeyPair::from_private_key_der(curve, bytes).is_ok());
                Err(if other { KeyRule::WrongKind { wanted: C::FAMILY.name() } } else { C::UNREADABLE })
            }
        }
    }

    /// The public half.
    pub fn point(&self) -> &EcPoint<C> {
        &self.point
    }

    fn from_library(pair: EcdsaKeyPair) -> Result<Self, KeyRule> {
        let point = EcPoint::from_stored(pair.public_key().as_ref())?;
        let pkcs8 = Zeroizing::new(pair.to_pkcs8v1().map_err(|_| KeyRule::SelfTest)?.as_ref().to_vec());
        let pair = Self { pair, point, pkcs8 };
        self_test(&pair)?;
        Ok(pair)
    }
}

impl EcPair<P384> {
    /// Takes the scalar alone, which is all that a PASERK holds; the point comes of it.
    pub(super) fn from_scalar(scalar: &[u8; 48]) -> Result<Self, KeyRule> {
        // The library refuses zero and what is not below the order of the curve.
        let private = agreement::PrivateKey::from_private_key(&ECDH_P384, scalar).map_err(|_| P384::UNREADABLE)?;
        let point = private.compute_public_key().map_err(|_| P384::UNREADABLE)?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(P384::SIGNING, scalar, point.as_ref());
        Self::from_library(pair.map_err(|_| P384::UNREADABLE)?)
    }

    /// The scalar, 48 bytes big endian. It does not fail for a key that was read.
    pub(super) fn scalar(&self) -> Result<Zeroizing<Vec<u8>>, KeyRule> {
        let scalar = self.pair.private_key().as_be_bytes().map_err(|_| P384::UNREADABLE)?;
        Ok(Zeroizing::new(scalar.as_ref().to_vec()))
    }
}

impl<C: Curve> SealingHalf for EcPair<C> {
    type Opening = EcPoint<C>;

    fn generate() -> Result<Self, KeyError> {
        Self::from_library(EcdsaKeyPair::generate(C::SIGNING).map_err(|_| KeyError::NoRandomness)?).map_err(refused)
    }

    fn opening(&self) -> EcPoint<C> {
        self.point.clone()
    }

    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs8.clone()
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_pkcs8(bytes)
    }
}

impl<C: Curve> JwkSealing for EcPair<C> {
    /// Reads a private JWK (RFC 7518 §6.2).
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        let point = EcPoint::<C>::members(jwk)?;
        let scalar = jwk.private("d")?;
        jwk.permit_signing(EcPoint::<C>::JWK_ALGORITHMS)?;
        // RFC 7518 §6.2.2.1: exactly as long as the order of the curve.
        if scalar.len() != C::COORDINATE {
            return Err(C::UNREADABLE);
        }
        let pair = EcdsaKeyPair::from_private_key_and_public_key(C::SIGNING, &scalar, point.as_bytes());
        Self::from_library(pair.map_err(|_| KeyRule::HalvesDiffer)?)
    }

    fn private_members(&self) -> Result<Vec<(&'static str, Zeroizing<String>)>, KeyRule> {
        let (_, key) = der::pkcs8(&self.pkcs8)?;
        // RFC 7518 §6.2.2.1: as long as the order of the curve, and so the library writes it (RFC 5915 §3).
        let scalar = der::sec1_scalar(key.private_key.as_bytes()).filter(|scalar| scalar.len() == C::COORDINATE).ok_or(C::UNREADABLE)?;
        Ok(jwk::private_members(self.point.jwk_members(), &[("d", scalar)]))
    }
}

impl<C: Curve> PemPair for EcPair<C> {
    fn from_form(form: Form, der: &[u8]) -> Result<Self, KeyRule> {
        match form {
            Form::Pkcs8 => Self::from_pkcs8(der),
            Form::Sec1 => Self::from_sec1(der),
            form => Err(form.unfit(C::FAMILY)),
        }
    }
}

impl<C: Curve> Sign for EcPair<C> {
    fn sign_into(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError> {
        let signature = self.pair.sign(&SystemRandom::new(), message).map_err(|_| KeyError::SealFailed)?;
        out.extend_from_slice(signature.as_ref());
        Ok(())
    }

    fn seal_length(&self) -> usize {
        C::COORDINATE.saturating_mul(2)
    }
}

impl<C: Curve> fmt::Debug for EcPair<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcPair").field("curve", &C::FAMILY.name()).finish_non_exhaustive()
    }
}

/// The public half.
pub struct EcPoint<C: Curve> {
    key: ParsedPublicKey,
    // Uncompressed; of a smaller curve the rest is zero.
    bytes: [u8; LARGEST],
    curve: PhantomData<fn() -> C>,
}

impl<C: Curve> EcPoint<C> {
    /// What `alg` may say in its JWK.
    pub const JWK_ALGORITHMS: &'static [&'static str] = &[C::ALGORITHM];

    /// Reads a SubjectPublicKeyInfo with an uncompressed point.
    pub fn from_spki(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (family, point) = der::spki(bytes)?;
        family.must_be(C::FAMILY)?;
        Self::from_stored(point)
    }

    /// The uncompressed point (SEC1 §2.3.3).
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..uncompressed::<C>()).unwrap_or_default()
    }

    /// Its two coordinates.
    fn coordinates(&self) -> (&[u8], &[u8]) {
        self.as_bytes().get(1..).and_then(|both| both.split_at_checked(C::COORDINATE)).unwrap_or_default()
    }

    fn members(jwk: &Jwk) -> Result<Self, KeyRule> {
        jwk.must_be("EC", Some(C::FAMILY.name()), C::FAMILY.name())?;
        let (x, y) = (jwk.public("x")?, jwk.public("y")?);
        // RFC 7518 §6.2.1.2: leading zeros are not left out; a shifted coordinate would be another point.
        if x.len() != C::COORDINATE || y.len() != C::COORDINATE {
            return Err(KeyRule::InvalidPoint);
        }
        Self::from_stored(&[&[4], x.as_slice(), y.as_slice()].concat())
    }
}

impl EcPoint<P384> {
    /// Takes a compressed point (SEC1 §2.3.4).
    pub(super) fn from_compressed(bytes: &[u8; 49]) -> Result<Self, KeyRule> {
        // Of this length the library takes no other form. It solves the equation and writes the whole point in its
        // SubjectPublicKeyInfo.
        let key = ParsedPublicKey::new(P384::CHECKING, bytes).map_err(|_| KeyRule::InvalidPoint)?;
        let spki = AsDer::<PublicKeyX509Der<'_>>::as_der(&key).map_err(|_| KeyRule::InvalidPoint)?;
        Self::from_spki(spki.as_ref())
    }

    /// The compressed point (SEC1 §2.3.3), by which PASETO `v3.public` names its key.
    pub fn compressed(&self) -> [u8; 49] {
        let (x, y) = self.coordinates();
        let mut bytes = [0; 49];
        // The sign of y stands for y, since its curve equation has two solutions, one odd and one even.
        let sign = y.last().map_or(0, |last| last & 1);
        for (to, from) in bytes.iter_mut().zip([2 | sign].iter().chain(x)) {
            *to = *from;
        }
        bytes
    }
}

impl<C: Curve> OpeningHalf for EcPoint<C> {
    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.as_bytes().to_vec())
    }

    fn from_stored(point: &[u8]) -> Result<Self, KeyRule> {
        // SEC1 §2.3.3 also knows compressed (2, 3) and hybrid (6, 7) points; one key has one spelling here.
        if point.len() != uncompressed::<C>() || !point.starts_with(&[4]) {
            return Err(KeyRule::InvalidPoint);
        }
        let key = ParsedPublicKey::new(C::CHECKING, point).map_err(|_| KeyRule::InvalidPoint)?;
        let mut bytes = [0; LARGEST];
        bytes.get_mut(..point.len()).ok_or(KeyRule::InvalidPoint)?.copy_from_slice(point);
        Ok(Self { key, bytes, curve: PhantomData })
    }
}

impl<C: Curve> JwkOpening for EcPoint<C> {
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        let point = Self::members(jwk)?;
        jwk.permit_checking(Self::JWK_ALGORITHMS)?;
        Ok(point)
    }

    fn thumbprint(&self, hash: ThumbprintHash) -> Thumbprint {
        Thumbprint::of(&self.jwk_members(), hash)
    }
}

impl<C: Curve> JwkPublic for EcPoint<C> {
    fn jwk_members(&self) -> Vec<(&'static str, String)> {
        let (x, y) = self.coordinates();
        vec![("kty", "EC".to_owned()), ("crv", C::FAMILY.name().to_owned()), ("x", base64url::encode(x)), ("y", base64url::encode(y))]
    }
}

impl<C: Curve> PemPublic for EcPoint<C> {
    fn from_form(form: Form, der: &[u8]) -> Result<Self, KeyRule> {
        match form {
            Form::Spki => Self::from_spki(der),
            form => Err(form.not_public(C::FAMILY)),
        }
    }

    fn to_spki(&self) -> Result<Vec<u8>, KeyRule> {
        C::FAMILY.to_spki(self.as_bytes())
    }
}

impl<C: Curve> Check for EcPoint<C> {
    fn check(&self, message: &[u8], seal: &[u8]) -> bool {
        seal.len() == C::COORDINATE.saturating_mul(2) && self.key.verify_sig(message, seal).is_ok()
    }
}

impl<C: Curve> Clone for EcPoint<C> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), bytes: self.bytes, curve: PhantomData }
    }
}

impl<C: Curve> fmt::Debug for EcPoint<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EcPoint").field(&C::FAMILY.name()).field(&base64url::encode(self.as_bytes())).finish()
    }
}

const fn uncompressed<C: Curve>() -> usize {
    C::COORDINATE.saturating_mul(2).saturating_add(1)
}

const LARGEST: usize = uncompressed::<P521>();
