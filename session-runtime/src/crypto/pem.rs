//! PEM files: exactly one key, of the kinds that a family has.

use pem_rfc7468::Decoder;
use zeroize::Zeroizing;

use crate::{
    crypto::{
        der::{self, Family},
        ed25519::{Ed25519Pair, Ed25519Point},
        p256::{P256Pair, P256Point},
        rsa::{RsaKey, RsaPair},
    },
    error::KeyRule,
};

impl Ed25519Pair {
    /// Reads PKCS#8.
    pub fn from_pem(text: &str) -> Result<Self, KeyRule> {
        match read(text)? {
            (Armour::Pkcs8, der) => Self::from_pkcs8(&der),
            (armour, _) => Err(armour.unfit(Family::Ed25519)),
        }
    }
}

impl Ed25519Point {
    /// Reads a SubjectPublicKeyInfo.
    pub fn from_pem(text: &str) -> Result<Self, KeyRule> {
        match read(text)? {
            (Armour::Spki, der) => Self::from_spki(&der),
            _ => Err(PRIVATE),
        }
    }
}

impl P256Pair {
    /// Reads PKCS#8 or SEC1.
    pub fn from_pem(text: &str) -> Result<Self, KeyRule> {
        match read(text)? {
            (Armour::Pkcs8, der) => Self::from_pkcs8(&der),
            (Armour::Sec1, der) => Self::from_sec1(&der),
            (armour, _) => Err(armour.unfit(Family::P256)),
        }
    }
}

impl P256Point {
    /// Reads a SubjectPublicKeyInfo.
    pub fn from_pem(text: &str) -> Result<Self, KeyRule> {
        match read(text)? {
            (Armour::Spki, der) => Self::from_spki(&der),
            _ => Err(PRIVATE),
        }
    }
}

impl RsaPair {
    /// Reads PKCS#8 or PKCS#1.
    pub fn from_pem(text: &str) -> Result<Self, KeyRule> {
        match read(text)? {
            (Armour::Pkcs8, der) => Self::from_pkcs8(&der),
            (Armour::Pkcs1, der) => Self::from_pkcs1(&der),
            (armour, _) => Err(armour.unfit(Family::Rsa)),
        }
    }
}

impl RsaKey {
    /// Reads a SubjectPublicKeyInfo or PKCS#1.
    pub fn from_pem(text: &str) -> Result<Self, KeyRule> {
        match read(text)? {
            (Armour::Spki, der) => Self::from_spki(&der),
            (Armour::Pkcs1Public, der) => Self::from_pkcs1(&der),
            _ => Err(PRIVATE),
        }
    }
}

/// A public key is read from the file of a public key only. A verifier that was handed a private key has leaked it, and should hear of it.
const PRIVATE: KeyRule = KeyRule::Unreadable("the PEM text of a public key");

/// What the label promises; the content is checked later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Armour {
    Pkcs8,
    Pkcs1,
    Sec1,
    Spki,
    Pkcs1Public,
}

impl Armour {
    /// Why a pair of this family cannot be read from it.
    fn unfit(self, wanted: Family) -> KeyRule {
        match self {
            Self::Spki | Self::Pkcs1Public => KeyRule::NoPrivateHalf,
            Self::Pkcs8 | Self::Pkcs1 | Self::Sec1 => KeyRule::WrongKind { wanted: wanted.name() },
        }
    }
}

fn read(text: &str) -> Result<(Armour, Zeroizing<Vec<u8>>), KeyRule> {
    let mut found = None;
    let mut rest = text;
    while let Some((block, after)) = next_block(rest) {
        rest = after;
        // `openssl ecparam -genkey` writes the name of the curve in front of the key, which says it again.
        if block.starts_with("-----BEGIN EC PARAMETERS-----") {
            continue;
        }
        if found.replace(block).is_some() {
            return Err(KeyRule::Unreadable("the PEM text of one key"));
        }
    }
    let block = found.filter(|block| block.len() <= der::LONGEST.saturating_mul(2)).ok_or(UNREADABLE)?;
    let mut decoder = Decoder::new_detect_wrap(block.as_bytes()).map_err(|_| UNREADABLE)?;
    let armour = match decoder.type_label() {
        "PRIVATE KEY" => Armour::Pkcs8,
        "RSA PRIVATE KEY" => Armour::Pkcs1,
        "EC PRIVATE KEY" => Armour::Sec1,
        "PUBLIC KEY" => Armour::Spki,
        "RSA PUBLIC KEY" => Armour::Pkcs1Public,
        "ENCRYPTED PRIVATE KEY" => return Err(KeyRule::Unreadable("an unencrypted key")),
        _ => return Err(UNREADABLE),
    };
    let mut der = Zeroizing::new(vec![0; decoder.remaining_len()]);
    decoder.decode(&mut der).map_err(|_| UNREADABLE)?;
    if decoder.is_finished() { Ok((armour, der)) } else { Err(UNREADABLE) }
}

/// The next armoured block, and what follows it.
fn next_block(text: &str) -> Option<(&str, &str)> {
    let (_, block) = text.split_at_checked(text.find("-----BEGIN ")?)?;
    let (body, tail) = block.split_at_checked(block.find("-----END ")?)?;
    let label = tail.strip_prefix("-----END ")?;
    let end = label.find("-----")?.checked_add("-----END ".len())?.checked_add("-----".len())?.checked_add(body.len())?;
    block.split_at_checked(end)
}

const UNREADABLE: KeyRule = KeyRule::Unreadable("the PEM text of a key");
