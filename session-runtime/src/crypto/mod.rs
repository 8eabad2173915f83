//! Prepared keys: the only folder that names a cryptographic library.
//!
//! Layer 0. Every key is checked when it is made from foreign bytes and is afterwards known to be good; whatever costs time
//! (parsing, key schedules) happens then and not when a token is sealed or opened. A second back-end would be a second folder.
#![allow(unreachable_pub, reason = "the types stand in associated types of a sealed public trait, so they are `pub` in a private module")]

use std::fmt::Debug;

use smallvec::SmallVec;
use zeroize::Zeroizing;

use crate::error::{KeyError, KeyRule};

mod aes_ctr;
mod base64url;
mod curve;
mod der;
mod digest;
mod ecdsa;
mod ed25519;
mod equal;
mod hmac;
mod jwk;
mod key_text;
mod ml_dsa;
mod paserk;
mod pem;
pub mod random;
mod rsa;
mod rsa_scheme;
mod thumbprint;
mod wrap;
mod xchacha;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use self::equal::equal;
pub use self::{
    aes_ctr::V3LocalKey,
    curve::{P256, P384, P521},
    der::Form,
    digest::digest,
    ecdsa::{EcPair, EcPoint},
    ed25519::{Ed25519Pair, Ed25519Point},
    hmac::{HmacKey, Sha256, Sha384, Sha512},
    jwk::{Jwk, JwkSet},
    ml_dsa::{MlDsa44, MlDsa65, MlDsa87, MlDsaKey, MlDsaPair},
    paserk::{
        k3::{K3, Pbkdf2Cost},
        k4::{Argon2Cost, K4},
        lock::{Cost, Version, Wrapped, WrapsKeys},
        password::{password_unwrap, password_wrap},
        pie::{pie_unwrap, pie_wrap},
        seal::{Recipient, Unsealer, seal, unseal},
    },
    rsa::{RsaKey, RsaPair},
    rsa_scheme::{Ps256, Ps384, Ps512, Rs256, Rs384, Rs512},
    thumbprint::{Thumbprint, ThumbprintHash},
    wrap::WrappingKey,
    xchacha::V4LocalKey,
};

/// The bytes of a signature or an authentication tag. Those of HMAC, Ed25519 and ES256 stay inline; the others are beside far dearer
/// arithmetic.
pub type Seal = SmallVec<[u8; 64]>;

/// The private or secret half of a key. `Debug` shows no material, and what this crate holds itself is wiped when it is dropped.
pub trait SealingHalf: Debug + Send + Sync + Sized + 'static {
    /// The half that opens or checks what this one seals.
    type Opening: OpeningHalf;

    /// A fresh key.
    fn generate() -> Result<Self, KeyError>;

    /// The other half.
    fn opening(&self) -> Self::Opening;

    /// What a store keeps, wrapped: the raw secret, or PKCS#8 DER.
    fn to_stored(&self) -> Zeroizing<Vec<u8>>;

    /// Reads what [`to_stored`](Self::to_stored) wrote, with every check and the self-test: a store is a file that somebody may edit.
    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule>;
}

/// The half of a key that opens or checks.
pub trait OpeningHalf: Debug + Send + Sync + Sized + Clone + 'static {
    /// What a store keeps: 32 raw bytes (Ed25519), the uncompressed point (ECDSA), PKCS#1 DER (RSA), the raw key (ML-DSA), or the secret itself.
    fn to_stored(&self) -> Zeroizing<Vec<u8>>;

    /// Reads what [`to_stored`](Self::to_stored) wrote, with every check.
    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule>;
}

/// A half that makes signatures or tags, in the form of JWS (ECDSA is `r || s`, each as long as the order of the curve).
pub trait Sign: SealingHalf {
    /// Seals a message; the seal is put at the end of `out`, which a caller may keep from token to token.
    fn sign_into(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError>;

    /// Seals a message where nobody counts what it allocates.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut seal = Vec::with_capacity(self.seal_length());
        self.sign_into(message, &mut seal).map(|()| seal)
    }

    /// The length of every seal of this key in bytes, so that a token can be written in one allocation.
    fn seal_length(&self) -> usize;
}

/// A half that checks signatures or tags.
pub trait Check: OpeningHalf {
    /// Whether the seal fits; constant time for tags, and a seal of a wrong length does not fit.
    fn check(&self, message: &[u8], seal: &[u8]) -> bool;
}

/// The secret of PASETO `local` in one version. Of it and a token's nonce come the two keys of that token.
///
/// The format is generic over it, so its code is made in the user's crate; the methods are marked for inlining there, which is worth
/// 100 ns a token (`docs/performance.md`).
pub trait LocalKey: SealingHalf<Opening = Self> + OpeningHalf {
    /// What makes the tag.
    type Authenticator: Authenticator;

    /// Encrypts or decrypts in place.
    fn apply(&self, nonce: &[u8; 32], data: &mut [u8]);

    /// The authentication of one token.
    fn authentication(&self, nonce: &[u8; 32]) -> Self::Authenticator;
}

/// A tag over a message that comes in pieces.
pub trait Authenticator {
    /// The length of the tag in bytes.
    const TAG: usize;

    /// Takes more of the message.
    fn update(&mut self, data: &[u8]);

    /// The tag.
    fn finish(self) -> Seal;

    /// Whether this is the tag, in constant time; a tag of a wrong length is not.
    fn matches(self, tag: &[u8]) -> bool;
}

/// A half that is one shared secret of bytes.
pub trait SharedSecret: SealingHalf {
    /// Takes a secret that is long enough, random, and not the text of a key.
    fn from_secret(secret: &[u8]) -> Result<Self, KeyRule>;

    /// Takes any secret that is not empty and not the text of a key, for the vectors of others.
    fn dangerous_short_secret(secret: &[u8]) -> Result<Self, KeyRule>;
}

/// A private or secret half that has a JWK.
pub trait JwkSealing: SealingHalf {
    /// Reads a private or secret JWK; its `alg`, `use` and `key_ops` must allow to sign.
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule>;

    /// The members of its private or secret JWK, the public ones among them. It does not fail for a key that was read.
    fn private_members(&self) -> Result<Vec<(&'static str, Zeroizing<String>)>, KeyRule>;
}

/// An opening half that has a JWK.
pub trait JwkOpening: OpeningHalf {
    /// Reads the public members of a JWK, or the secret one; its `alg`, `use` and `key_ops` must allow to check.
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule>;

    /// The hash of the members that identify the key (RFC 7638), made of the prepared key and of no text that it came in.
    fn thumbprint(&self, hash: ThumbprintHash) -> Thumbprint;
}

/// A public half whose JWK may be known to everybody. A trait of its own, so that no secret has a way to be published.
pub trait JwkPublic: JwkOpening {
    /// The public members of its JWK, those that identify the key and no others (RFC 7638 §3.2).
    fn jwk_members(&self) -> Vec<(&'static str, String)>;
}

/// A private half in DER, and in PEM around it.
pub trait PemPair: SealingHalf {
    /// Reads one structure of this form, or says why the family has no such form.
    fn from_form(form: Form, der: &[u8]) -> Result<Self, KeyRule>;

    /// Reads PKCS#8, or PKCS#1 and SEC1 where the family has them.
    fn from_der(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_form(Form::of(bytes)?, bytes)
    }

    /// Reads the same out of PEM.
    fn from_pem(text: &str) -> Result<Self, KeyRule> {
        let (form, der) = pem::read(text)?;
        Self::from_form(form, &der)
    }

    /// Writes PKCS#8.
    fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        self.to_stored()
    }

    /// Writes the same in PEM.
    fn to_pem(&self) -> Result<Zeroizing<String>, KeyRule> {
        pem::write("PRIVATE KEY", &self.to_pkcs8()).map(Zeroizing::new)
    }
}

/// A public half in DER, and in PEM around it.
pub trait PemPublic: OpeningHalf {
    /// Reads one structure of this form, or says why the family has no such form.
    fn from_form(form: Form, der: &[u8]) -> Result<Self, KeyRule>;

    /// Reads a SubjectPublicKeyInfo, or PKCS#1 where the family has it.
    fn from_der(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_form(Form::of(bytes)?, bytes)
    }

    /// Reads the same out of PEM.
    fn from_pem(text: &str) -> Result<Self, KeyRule> {
        let (form, der) = pem::read(text)?;
        Self::from_form(form, &der)
    }

    /// Writes a SubjectPublicKeyInfo. It does not fail for a key that was read.
    fn to_spki(&self) -> Result<Vec<u8>, KeyRule>;

    /// Writes the same in PEM.
    fn to_pem(&self) -> Result<String, KeyRule> {
        pem::write("PUBLIC KEY", &self.to_spki()?)
    }
}

/// A private or secret half that has a PASERK.
pub trait PaserkSealing: SealingHalf {
    /// Reads `secret`, or `local`.
    fn from_paserk(text: &str) -> Result<Self, KeyRule>;
}

/// An opening half that has a PASERK.
pub trait PaserkOpening: OpeningHalf {
    /// Reads `public`, or `local`.
    fn from_paserk(text: &str) -> Result<Self, KeyRule>;
}

/// A pair that cannot check its own signature is broken, in memory or in its file. FIPS 186-5 calls it the pairwise consistency test.
fn self_test<K>(pair: &K) -> Result<(), KeyRule>
where
    K: Sign,
    K::Opening: Check,
{
    const MESSAGE: &[u8] = b"self-test of a freshly loaded key";
    match pair.sign(MESSAGE) {
        Ok(seal) if pair.opening().check(MESSAGE, &seal) => Ok(()),
        _ => Err(KeyRule::SelfTest),
    }
}

/// Room for a seal at the end of `out`.
fn appended(out: &mut Vec<u8>, length: usize) -> &mut [u8] {
    let start = out.len();
    out.resize(start.saturating_add(length), 0);
    out.get_mut(start..).unwrap_or_default()
}

/// A rule that a nameless key breaks.
fn refused(rule: KeyRule) -> KeyError {
    KeyError::Refused { key_id: None, rule }
}

/// Whether bytes have at least eight distinct values. Of 32 random bytes fewer than eight are distinct once in 10^38 draws.
fn looks_random(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    seen.iter().filter(|seen| **seen).count() >= 8
}
