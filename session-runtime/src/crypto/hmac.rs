//! HMAC with SHA-256 (RFC 2104), for JWT `HS256`.

use std::{fmt, hint::black_box};

use base64_simd::{STANDARD, STANDARD_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    crypto::{Check, OpeningHalf, P256Point, Seal, SealingHalf, Sign, base64url, der, jwk, jwk::Jwk, looks_random, random, refused},
    error::{KeyError, KeyRule},
};

/// The secret, which is both halves.
#[derive(Clone)]
pub struct HmacSha256Key {
    // Both pads are hashed here once; a clone of it costs a copy of 200 bytes, where a new one costs two blocks of SHA-256.
    keyed: Hmac<Sha256>,
    secret: Zeroizing<Vec<u8>>,
}

impl HmacSha256Key {
    /// What `alg` may say in its JWK.
    pub const JWK_ALGORITHMS: &'static [&'static str] = &["HS256"];

    /// Takes a secret of at least 32 random bytes.
    ///
    /// Anything that is a key in some text or binary form is refused: a public key as the secret is the oldest forgery of JWT
    /// (CVE-2015-9235), and lists of prefixes were bypassed again and again (CVE-2022-29217, CVE-2023-48223, CVE-2026-48526).
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyRule> {
        // Judged first, since it says the most: a short PEM text is a mistake of another kind than a short secret.
        if is_key_text(secret) {
            return Err(KeyRule::SecretIsKeyText);
        }
        if secret.len() < LEAST {
            return Err(KeyRule::TooShort { found: secret.len(), least: LEAST });
        }
        if !looks_random(secret) {
            return Err(KeyRule::NotRandom);
        }
        Self::unjudged(secret)
    }

    /// Takes any secret that is not empty and not the text of a key. For tokens of others and their test vectors only: three valid
    /// ones of Wycheproof have a secret of zeros. It cannot be read back from a store.
    pub fn dangerous_short_secret(secret: &[u8]) -> Result<Self, KeyRule> {
        if is_key_text(secret) {
            return Err(KeyRule::SecretIsKeyText);
        }
        // An empty secret is what a failed look-up leaves behind (CVE-2026-44351, CVE-2026-45363, CVE-2026-49852).
        if secret.is_empty() {
            return Err(KeyRule::TooShort { found: 0, least: 1 });
        }
        Self::unjudged(secret)
    }

    /// Reads a symmetric JWK (RFC 7518 §6.4).
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        Self::from_secret(&Self::member(jwk)?)
    }

    /// As [`dangerous_short_secret`](Self::dangerous_short_secret), out of a JWK, for vectors with such keys.
    #[cfg(test)]
    pub fn dangerous_from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        Self::dangerous_short_secret(&Self::member(jwk)?)
    }

    fn member(jwk: &Jwk) -> Result<Zeroizing<Vec<u8>>, KeyRule> {
        jwk.must_be("oct", None, "HMAC")?;
        let secret = jwk.public("k")?;
        jwk.permit_either(Self::JWK_ALGORITHMS)?;
        Ok(secret)
    }

    fn unjudged(secret: &[u8]) -> Result<Self, KeyRule> {
        // HMAC takes secrets of any length, so this cannot fail.
        let keyed = Hmac::new_from_slice(secret).map_err(|_| KeyRule::Unreadable("an HMAC secret"))?;
        Ok(Self { keyed, secret: Zeroizing::new(secret.to_vec()) })
    }
}

impl Drop for HmacSha256Key {
    fn drop(&mut self) {
        // The hashed pads are as good as the secret. The library's own wiping would cost every sealing and opening, not only this.
        if let Ok(blank) = Hmac::new_from_slice(&[]) {
            self.keyed = blank;
            black_box(&self.keyed);
        }
    }
}

impl SealingHalf for HmacSha256Key {
    type Opening = Self;

    fn generate() -> Result<Self, KeyError> {
        Self::from_secret(Zeroizing::new(random::bytes::<LEAST>()?).as_slice()).map_err(refused)
    }

    fn opening(&self) -> Self {
        self.clone()
    }

    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        self.secret.clone()
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_secret(bytes)
    }
}

impl OpeningHalf for HmacSha256Key {
    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        self.secret.clone()
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_secret(bytes)
    }
}

impl Sign for HmacSha256Key {
    fn sign(&self, message: &[u8]) -> Result<Seal, KeyError> {
        let tag = self.keyed.clone().chain_update(message).finalize().into_bytes();
        Ok(Seal::from_slice(&tag))
    }
}

impl Check for HmacSha256Key {
    fn check(&self, message: &[u8], seal: &[u8]) -> bool {
        // Constant time, and an error for a tag that is cut short.
        self.keyed.clone().chain_update(message).verify_slice(seal).is_ok()
    }
}

impl fmt::Debug for HmacSha256Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacSha256Key").finish_non_exhaustive()
    }
}

/// Whether bytes are a key that was meant to be parsed: PEM, JWK, DER, OpenSSH, PASERK, or one of those in base64.
fn is_key_text(secret: &[u8]) -> bool {
    if is_key(secret) {
        return true;
    }
    // The body of a PEM file without its armour, or a key out of an environment variable.
    let packed = skip_blank(secret).iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    let packed = Zeroizing::new(packed.collect::<Vec<u8>>());
    let Ok(text) = std::str::from_utf8(&packed) else { return false };
    base64url::decode(text).is_some_and(|bytes| is_key(&bytes))
        || [STANDARD, STANDARD_NO_PAD].iter().any(|alphabet| alphabet.decode_to_vec(text).is_ok_and(|bytes| is_key(&Zeroizing::new(bytes))))
}

fn is_key(bytes: &[u8]) -> bool {
    let start = skip_blank(bytes);
    // A binary key may begin or end in a byte that is blank by chance, so it is also tried as it is.
    [bytes, start, start.trim_ascii_end()]
        .into_iter()
        .any(|bytes| der::is_key(bytes) || P256Point::from_stored(bytes).is_ok() || is_ssh_blob(bytes))
        // In pieces and without a copy, which nobody would wipe.
        || start.utf8_chunks().any(|chunk| is_text_of_key(chunk.valid()))
}

/// White space and byte order marks in any order: fast-jwt was bypassed with one space (CVE-2026-34950).
fn skip_blank(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    loop {
        let next = rest.trim_ascii_start();
        let next = next.strip_prefix(BYTE_ORDER_MARK).unwrap_or(next);
        let next = next.strip_prefix(b"\0").or_else(|| next.strip_prefix(b"\x0b")).unwrap_or(next);
        if next.len() == rest.len() {
            return rest;
        }
        rest = next;
    }
}

fn is_text_of_key(text: &str) -> bool {
    // Armour counts wherever it stands, since readers skip what is in front of it. `----` also covers SSH2 (RFC 4716).
    if text.contains("---- BEGIN ") || text.contains("-----BEGIN ") || text.starts_with("PuTTY-User-Key-File-") {
        return true;
    }
    let text = text.trim_start();
    if text.starts_with(['{', '[']) && (text.contains("\"kty\"") || text.contains("\"keys\"") || jwk::is_key(text)) {
        return true;
    }
    if PASERK.iter().any(|version| text.strip_prefix(version).is_some_and(|rest| rest.contains('.'))) {
        return true;
    }
    // `ssh-ed25519 AAAA…`, with or without the options of `authorized_keys` in front.
    let mut words = text.split_ascii_whitespace().peekable();
    while let Some(word) = words.next() {
        if SSH.iter().any(|name| word.starts_with(name)) && words.peek().is_some_and(|blob| blob.starts_with("AAAA")) {
            return true;
        }
    }
    false
}

/// The binary form of an OpenSSH key: the length of a name, and the name (RFC 4253 §6.6).
fn is_ssh_blob(bytes: &[u8]) -> bool {
    bytes.starts_with(b"openssh-key-v1\0")
        || bytes
            .split_first_chunk::<4>()
            .is_some_and(|(length, name)| u32::from_be_bytes(*length) < 64 && SSH.iter().any(|prefix| name.starts_with(prefix.as_bytes())))
}

const LEAST: usize = 32; // RFC 7518 §3.2
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const PASERK: [&str; 4] = ["k1.", "k2.", "k3.", "k4."];
const SSH: [&str; 4] = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"];
