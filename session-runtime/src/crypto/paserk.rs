//! PASERK: the texts of PASETO keys, and their ids.

use blake2::{
    Blake2b,
    digest::{Digest, FixedOutput, Update, consts::U33},
};
use pasetors::{
    keys::{AsymmetricPublicKey, SymmetricKey},
    version4::V4,
};
use zeroize::Zeroizing;

use crate::{
    crypto::{
        OpeningHalf, PaserkOpening, PaserkSealing, base64url,
        ed25519::{Ed25519Pair, Ed25519Point},
        xchacha::V4LocalKey,
    },
    error::KeyRule,
};

pub(super) mod k3;
pub(super) mod k4;
pub(super) mod lock;
pub(super) mod password;
pub(super) mod pie;
pub(super) mod seal;
pub(super) mod v3;

impl V4LocalKey {
    /// Reads `k4.local`.
    pub fn from_paserk(text: &str) -> Result<Self, KeyRule> {
        let wanted = "a k4.local key";
        of_version(text, LOCAL, 43, wanted)?;
        let key = SymmetricKey::<V4>::try_from(text).map_err(|_| KeyRule::Unreadable(wanted))?;
        Self::unjudged(key.as_bytes())
    }

    /// Writes `k4.local`.
    pub fn to_paserk(&self) -> Zeroizing<String> {
        join(LOCAL, self.as_bytes())
    }

    /// Its `k4.lid`. It is safe to show: a hash of the whole 256-bit key.
    pub fn paserk_id(&self) -> String {
        id("k4.lid.", &self.to_paserk())
    }
}

impl PaserkSealing for V4LocalKey {
    fn from_paserk(text: &str) -> Result<Self, KeyRule> {
        Self::from_paserk(text)
    }
}

impl PaserkOpening for V4LocalKey {
    fn from_paserk(text: &str) -> Result<Self, KeyRule> {
        Self::from_paserk(text)
    }
}

impl PaserkSealing for Ed25519Pair {
    /// Reads `k4.secret`: the seed and its point, which must fit.
    fn from_paserk(text: &str) -> Result<Self, KeyRule> {
        let wanted = "a k4.secret key";
        // Not through pasetors, which panics on a seed of zeros and derives the point a second time.
        let body = of_version(text, SECRET, 86, wanted)?;
        let bytes = base64url::decode(body).ok_or(KeyRule::Unreadable(wanted))?;
        let (seed, point) = bytes.split_first_chunk::<32>().ok_or(KeyRule::Unreadable(wanted))?;
        Self::from_seed(seed, Some(point))
    }
}

impl Ed25519Pair {
    /// Writes `k4.secret`.
    pub fn to_paserk(&self) -> Zeroizing<String> {
        join(SECRET, &Zeroizing::new([*self.seed(), *self.point().as_bytes()].concat()))
    }

    /// Its `k4.sid`. Tokens are not found by it: a token names the public half, by its `k4.pid`.
    pub fn paserk_secret_id(&self) -> String {
        id("k4.sid.", &self.to_paserk())
    }
}

impl PaserkOpening for Ed25519Point {
    /// Reads `k4.public`.
    fn from_paserk(text: &str) -> Result<Self, KeyRule> {
        let wanted = "a k4.public key";
        of_version(text, PUBLIC, 43, wanted)?;
        let key = AsymmetricPublicKey::<V4>::try_from(text).map_err(|_| KeyRule::Unreadable(wanted))?;
        Self::from_stored(key.as_bytes())
    }
}

impl Ed25519Point {
    /// Writes `k4.public`.
    pub fn to_paserk(&self) -> String {
        public(self.as_bytes())
    }

    /// Its `k4.pid`.
    pub fn paserk_id(&self) -> String {
        public_id(self.as_bytes())
    }
}

fn public(point: &[u8; 32]) -> String {
    format!("{PUBLIC}{}", base64url::encode(point))
}

pub(super) fn public_id(point: &[u8; 32]) -> String {
    id("k4.pid.", &public(point))
}

/// The part after the header, which has a known length: pasetors takes any and allocates for it.
fn of_version<'t>(text: &'t str, header: &'static str, length: usize, wanted: &'static str) -> Result<&'t str, KeyRule> {
    match text.strip_prefix(header) {
        Some(body) if body.len() == length => Ok(body),
        Some(_) => Err(KeyRule::Unreadable(wanted)),
        // A key of another version or purpose is told apart from what is no key at all.
        None if text.len() > 3 && PURPOSES.iter().any(|purpose| text.get(2..).is_some_and(|rest| rest.starts_with(purpose))) => {
            Err(KeyRule::WrongKind { wanted: header.trim_end_matches('.') })
        }
        None => Err(KeyRule::Unreadable(wanted)),
    }
}

/// PASERK's `lid` and `pid`: BLAKE2b of 33 bytes over the header and the text of the key.
///
/// Written out because the library's way can fail on paper and panics inside; a test holds it against the library.
fn id(header: &str, paserk: &str) -> String {
    let hash = Blake2b::<U33>::new().chain(header).chain(paserk).finalize_fixed();
    format!("{header}{}", base64url::encode(&hash))
}

fn join(header: &str, bytes: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(base64url::encode(bytes));
    Zeroizing::new([header, body.as_str()].concat())
}

const LOCAL: &str = "k4.local.";
const SECRET: &str = "k4.secret.";
const PUBLIC: &str = "k4.public.";
const PURPOSES: [&str; 11] =
    [".local.", ".secret.", ".public.", ".local-wrap.", ".secret-wrap.", ".local-pw.", ".secret-pw.", ".seal.", ".lid.", ".sid.", ".pid."];
