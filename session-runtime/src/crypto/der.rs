//! Tells the forms and families of DER keys apart before a back-end reads them, so that a refusal names its reason.

use pkcs1::{RsaPrivateKeyRef, RsaPssParamsOwned, RsaPublicKeyRef};
use pkcs8::{
    AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef,
    der::{
        Decode, Encode, Header, Reader, SliceReader, Tag,
        asn1::{AnyRef, BitStringRef, OctetStringRef},
    },
    spki::SubjectPublicKeyInfoRef,
};

use crate::error::KeyRule;

/// A longer file is no key: an RSA key of 8192 bits has less than 5 KiB.
pub(super) const LONGEST: usize = 16 * 1024;

/// What a structure is, whatever the key inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Pkcs8,
    Pkcs1,
    Sec1,
    Spki,
    Pkcs1Public,
}

impl Form {
    /// What bytes look like from outside. The outer structure decides, and whoever reads the form then reads it strictly.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, KeyRule> {
        let tags = bounded(bytes).and_then(first_tags).unwrap_or_default();
        match tags {
            [Some(Tag::Integer), Some(Tag::Sequence), _] => Ok(Self::Pkcs8),
            [Some(Tag::Integer), Some(Tag::OctetString), _] => Ok(Self::Sec1),
            [Some(Tag::Integer), Some(Tag::Integer), None] => Ok(Self::Pkcs1Public),
            [Some(Tag::Integer), Some(Tag::Integer), Some(_)] => Ok(Self::Pkcs1),
            [Some(Tag::Sequence), Some(Tag::BitString), None] => Ok(Self::Spki),
            [Some(Tag::Sequence), Some(Tag::OctetString), None] => Err(ENCRYPTED),
            _ => Err(KeyRule::Unreadable("the DER bytes of a key")),
        }
    }

    /// Why a pair of this family cannot be read from it.
    pub(super) fn unfit(self, wanted: Family) -> KeyRule {
        match self {
            Self::Spki | Self::Pkcs1Public => KeyRule::NoPrivateHalf,
            Self::Pkcs8 | Self::Pkcs1 | Self::Sec1 => KeyRule::WrongKind { wanted: wanted.name() },
        }
    }

    /// Why a public half of this family cannot be read from it. It is read from a public key only: a verifier that was handed a
    /// private key has leaked it, and should hear of it.
    pub(super) fn not_public(self, wanted: Family) -> KeyRule {
        match self {
            Self::Spki | Self::Pkcs1Public => KeyRule::WrongKind { wanted: wanted.name() },
            Self::Pkcs8 | Self::Pkcs1 | Self::Sec1 => KeyRule::Unreadable("a public key"),
        }
    }
}

/// The tags of the first three elements of one sequence that takes all the bytes.
fn first_tags(bytes: &[u8]) -> Option<[Option<Tag>; 3]> {
    let mut reader = content(bytes)?;
    let mut tags = [None; 3];
    for tag in &mut tags {
        if !reader.is_finished() {
            *tag = Some(AnyRef::decode(&mut reader).ok()?.header().tag());
        }
    }
    Some(tags)
}

/// The kinds of keys that this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Ed25519,
    P256,
    P384,
    P521,
    Rsa,
    RsaPss(Pss),
    MlDsa44,
    MlDsa65,
    MlDsa87,
    Other,
}

/// What an RSASSA-PSS key says about the signatures that it is for (RFC 4055 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pss {
    /// Nothing.
    Any,
    /// One hash for message and mask, and a salt of at most its length.
    Only(ObjectIdentifier),
    /// What no algorithm of JOSE is (RFC 7518 §3.5).
    Other,
}

impl Family {
    fn of(algorithm: &AlgorithmIdentifierRef<'_>) -> Self {
        match (algorithm.oid, algorithm.parameters_oid()) {
            (ED25519, _) => Self::Ed25519,
            (EC, Ok(P256)) => Self::P256,
            (EC, Ok(P384)) => Self::P384,
            (EC, Ok(P521)) => Self::P521,
            // RSASSA-PSS has an identifier of its own and is another family on purpose: such a key must not make PKCS#1 v1.5
            // signatures (RFC 4055 §1.2).
            (RSA, _) => Self::Rsa,
            (RSASSA_PSS, _) => Self::RsaPss(Pss::of(algorithm)),
            (ML_DSA_44, _) => Self::MlDsa44,
            (ML_DSA_65, _) => Self::MlDsa65,
            (ML_DSA_87, _) => Self::MlDsa87,
            _ => Self::Other,
        }
    }

    /// Refuses every other family.
    pub(super) fn must_be(self, wanted: Self) -> Result<(), KeyRule> {
        if self == wanted { Ok(()) } else { Err(KeyRule::WrongKind { wanted: wanted.name() }) }
    }

    /// Its name in messages; that of a curve is the one of JWK, that of ML-DSA also its algorithm's.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Rsa => "RSA",
            Self::RsaPss(_) => "RSASSA-PSS",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
            Self::Other => "another family",
        }
    }

    /// Writes a SubjectPublicKeyInfo (RFC 5280 §4.1) around the bytes of a public key.
    pub(super) fn to_spki(self, key: &[u8]) -> Result<Vec<u8>, KeyRule> {
        const UNWRITABLE: KeyRule = KeyRule::Unreadable("SubjectPublicKeyInfo");
        let curve = |curve: &'static ObjectIdentifier| (EC, Some(AnyRef::from(curve)));
        let (oid, parameters) = match self {
            Self::Ed25519 => (ED25519, None),
            Self::P256 => curve(&P256),
            Self::P384 => curve(&P384),
            Self::P521 => curve(&P521),
            // RFC 4055 §1.2: with this identifier the parameters are NULL.
            Self::Rsa => (RSA, Some(AnyRef::NULL)),
            // RFC 9881 §3: no parameters.
            Self::MlDsa44 => (ML_DSA_44, None),
            Self::MlDsa65 => (ML_DSA_65, None),
            Self::MlDsa87 => (ML_DSA_87, None),
            Self::RsaPss(_) | Self::Other => return Err(UNWRITABLE),
        };
        let subject_public_key = BitStringRef::from_bytes(key).map_err(|_| UNWRITABLE)?;
        let key = SubjectPublicKeyInfoRef { algorithm: AlgorithmIdentifierRef { oid, parameters }, subject_public_key };
        key.to_der().map_err(|_| UNWRITABLE)
    }
}

impl Pss {
    fn of(algorithm: &AlgorithmIdentifierRef<'_>) -> Self {
        let Some(parameters) = algorithm.parameters else { return Self::Any };
        // The reader knows no trailer but the one of RFC 8017.
        let Ok(parameters) = parameters.decode_as::<RsaPssParamsOwned>() else { return Self::Other };
        let Some((hash, length)) = HASHES.into_iter().find(|(hash, _)| *hash == parameters.hash.oid) else { return Self::Other };
        let mask = parameters.mask_gen.oid == MGF1 && parameters.mask_gen.parameters.as_ref().is_some_and(|inner| inner.oid == hash);
        // RFC 4055 §3.3: a salt may be longer than the key asks for and not shorter; JOSE's is as long as the hash.
        if mask && parameters.salt_len <= length { Self::Only(hash) } else { Self::Other }
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
        || is_sec1(bytes)
        || is_signed(bytes).unwrap_or(false)
}

/// The scalar of a SEC1 key (RFC 5915 §3).
pub(super) fn sec1_scalar(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = content(bytes)?;
    u8::decode(&mut reader).ok()?;
    <&OctetStringRef>::decode(&mut reader).ok().map(OctetStringRef::as_bytes)
}

/// RFC 5915: version 1 and an octet string.
pub(super) fn is_sec1(bytes: &[u8]) -> bool {
    let version = |bytes| u8::decode(&mut content(bytes)?).ok();
    version(bytes) == Some(1) && matches!(first_tags(bytes), Some([Some(Tag::Integer), Some(Tag::OctetString), _]))
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
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34"); // RFC 5480 §2.1.1.1
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35"); // RFC 5480 §2.1.1.1
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"); // RFC 8017 appendix C
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10"); // RFC 4055 §3.1
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8"); // RFC 4055 §2.2
pub(super) const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"); // RFC 4055 §2.1
pub(super) const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
pub(super) const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const ML_DSA_44: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"); // RFC 9881 §3
const ML_DSA_65: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18");
const ML_DSA_87: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19");
const HASHES: [(ObjectIdentifier, u8); 3] = [(SHA256, 32), (SHA384, 48), (SHA512, 64)];
pub(super) const ENCRYPTED: KeyRule = KeyRule::Unreadable("an unencrypted key");
