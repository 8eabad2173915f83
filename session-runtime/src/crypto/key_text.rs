//! Whether what was given as a secret is the text or the bytes of a key, which others may know.

use base64_simd::{STANDARD, STANDARD_NO_PAD};
use zeroize::Zeroizing;

use crate::crypto::{EcPoint, OpeningHalf, P256, P384, P521, base64url, der, jwk};

/// Whether bytes are a key that was meant to be parsed: PEM, JWK, DER, OpenSSH, PASERK, or one of those in base64.
pub(super) fn is_key_text(secret: &[u8]) -> bool {
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
        .any(|bytes| der::is_key(bytes) || is_point(bytes) || is_ssh_blob(bytes))
        // In pieces and without a copy, which nobody would wipe.
        || start.utf8_chunks().any(|chunk| is_text_of_key(chunk.valid()))
}

/// An uncompressed point of one of the curves (SEC1 §2.3.3).
fn is_point(bytes: &[u8]) -> bool {
    EcPoint::<P256>::from_stored(bytes).is_ok()
        || EcPoint::<P384>::from_stored(bytes).is_ok()
        || EcPoint::<P521>::from_stored(bytes).is_ok()
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

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const PASERK: [&str; 4] = ["k1.", "k2.", "k3.", "k4."];
const SSH: [&str; 4] = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"];
