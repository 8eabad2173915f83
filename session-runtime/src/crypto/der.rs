//! Tells the families of DER keys apart before a back-end reads them, so that a refusal names its reason.

use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use pkcs8::{
    AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef,
    der::{
        Decode, Header, Reader, SliceReader, Tag,
        asn1::{AnyRef, BitStringRef},
    },
    spki::SubjectPublicKeyInfoRef,
};

use crate::error::KeyRule;

/// A longer file is no key: an RSA key of 8192 bits has less than 5 KiB.
pub(super) const LONGEST: usize = 16 * 1024;

/// The kinds of keys that this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Ed25519,
    P256,
    Rsa,
    Other,
}

impl Family {
    fn of(algorithm: &AlgorithmIdentifierRef<'_>) -> Self {
        match algorithm.oid {
            ED25519 => Self::Ed25519,
            EC if algorithm.parameters_oid() == Ok(P256) => Self::P256,
            // RSASSA-PSS has an identifier of its own and is another family on purpose: such a key must not make PKCS#1 v1.5
            // signatures (RFC 4055 §1.2).
            RSA => Self::Rsa,
            _ => Self::Other,
        }
    }

    /// Refuses every other family.
    pub(super) fn must_be(self, wanted: Self) -> Result<(), KeyRule> {
        if self == wanted { Ok(()) } else { Err(KeyRule::WrongKind { wanted: wanted.name() }) }
    }

    /// Its name in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::P256 => "P-256",
            Self::Rsa => "RSA",
            Self::Other => "another family",
        }
    }
}

/// Reads PKCS#8; nothing may follow the one structure.
pub(super) fn pkcs8(bytes: &[u8]) -> Result<(Family, PrivateKeyInfoRef<'_>), KeyRule> {
    let key = bounded(bytes).and_then(|bytes| PrivateKeyInfoRef::from_der(bytes).ok()).ok_or(KeyRule::Unreadable("PKCS#8"))?;
    Ok((Family::of(&key.algorithm), key))
}

/// Reads a SubjectPublicKeyInfo and returns what is inside.
pub(super) fn spki(bytes: &[u8]) -> Result<(Family, &[u8]), KeyRule> {
    let unreadable = KeyRule::Unreadable("SubjectPublicKeyInfo");
    let key = bounded(bytes).and_then(|bytes| SubjectPublicKeyInfoRef::from_der(bytes).ok()).ok_or(unreadable)?;
    Ok((Family::of(&key.algorithm), key.subject_public_key.as_bytes().ok_or(unreadable)?))
}

/// Whether bytes are a key or a certificate in DER of any kind and family.
pub(super) fn is_key(bytes: &[u8]) -> bool {
    let Some(bytes) = bounded(bytes) else { return false };
    SubjectPublicKeyInfoRef::from_der(bytes).is_ok()
        || PrivateKeyInfoRef::from_der(bytes).is_ok()
        || RsaPublicKeyRef::from_der(bytes).is_ok()
        || RsaPrivateKeyRef::from_der(bytes).is_ok()
        || is_sec1(bytes).unwrap_or(false)
        || is_signed(bytes).unwrap_or(false)
}

/// RFC 5915: version 1 and an octet string.
pub(super) fn is_sec1(bytes: &[u8]) -> Option<bool> {
    let mut reader = content(bytes)?;
    let version = u8::decode(&mut reader).ok()?;
    Some(version == 1 && AnyRef::decode(&mut reader).is_ok_and(|key| key.header().tag() == Tag::OctetString))
}

/// X.509 certificates and requests: a sequence, an algorithm, a bit string (RFC 5280 §4.1).
fn is_signed(bytes: &[u8]) -> Option<bool> {
    let mut reader = content(bytes)?;
    let body = AnyRef::decode(&mut reader).ok()?;
    AlgorithmIdentifierRef::decode(&mut reader).ok()?;
    BitStringRef::decode(&mut reader).ok()?;
    Some(body.header().tag() == Tag::Sequence && reader.is_finished())
}

/// What is inside one sequence that takes all the bytes.
fn content(bytes: &[u8]) -> Option<SliceReader<'_>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let header = Header::decode(&mut reader).ok()?;
    (header.tag() == Tag::Sequence && header.length() == reader.remaining_len()).then_some(reader)
}

fn bounded(bytes: &[u8]) -> Option<&[u8]> {
    (bytes.len() <= LONGEST).then_some(bytes)
}

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112"); // RFC 8410 §3
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"); // RFC 5480 §2.1.1
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"); // RFC 5480 §2.1.1.1
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"); // RFC 8017 appendix C
