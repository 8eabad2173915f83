//! The bare cryptography: what no library could leave out, on the bytes of a real token, with prepared keys and nothing around it.

mod v3_local;

use std::hint::black_box;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa,
    signature::{
        ED25519, EcdsaKeyPair, EcdsaVerificationAlgorithm, Ed25519KeyPair, KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_SHA256,
    },
};
use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use blake2::{
    Blake2bMac,
    digest::consts::{U32, U56},
};
use chacha20::{
    XChaCha20,
    cipher::{KeyIvInit, StreamCipher},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::contest::{Entry, Outcome, RAW};

pub use v3_local::V3LocalToken;

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode_to_string(bytes)
}

pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

pub fn from_base64url(text: &str) -> Outcome<Vec<u8>> {
    Ok(URL_SAFE_NO_PAD.decode_to_vec(text)?)
}

/// What a JWS signs, and its signature.
pub fn jws(token: &str) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let (signed, signature) = token.rsplit_once('.').ok_or("a JWS")?;
    Ok((signed.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode_to_vec(signature)?))
}

/// HMAC-SHA-256 with both pads hashed once.
#[derive(Clone)]
pub struct HmacKey(Hmac<Sha256>);

impl HmacKey {
    pub fn new(secret: &[u8]) -> Outcome<Self> {
        Ok(Self(Hmac::new_from_slice(secret)?))
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(message).finalize().into_bytes().into()
    }

    pub fn verify(&self, message: &[u8], tag: &[u8]) -> Result<(), impl std::fmt::Debug + use<>> {
        self.0.clone().chain_update(message).verify_slice(tag)
    }
}

/// Ed25519 with a point that was decompressed once.
pub fn ed25519(pair: Ed25519KeyPair, signed: Vec<u8>, signature: Vec<u8>) -> Outcome<Entry> {
    let point = ParsedPublicKey::new(&ED25519, pair.public_key().as_ref())?;
    let message = signed.clone();
    let verify = move || point.verify_sig(black_box(&signed), black_box(&signature));
    Ok(Entry::new(RAW, verify, move || pair.try_sign(black_box(&message))))
}

/// ECDSA with a point that was read once.
pub fn ecdsa(pair: EcdsaKeyPair, rule: &'static EcdsaVerificationAlgorithm, signed: Vec<u8>, signature: Vec<u8>) -> Outcome<Entry> {
    let point = ParsedPublicKey::new(rule, pair.public_key().as_ref())?;
    let message = signed.clone();
    let verify = move || point.verify_sig(black_box(&signed), black_box(&signature));
    Ok(Entry::new(RAW, verify, move || pair.sign(&SystemRandom::new(), black_box(&message))))
}

/// RSASSA-PKCS1-v1_5 with SHA-256 and a key that was read once.
pub fn rs256(pair: rsa::KeyPair, signed: Vec<u8>, signature: Vec<u8>) -> Outcome<Entry> {
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())?;
    let (message, mut made) = (signed.clone(), vec![0; pair.public_modulus_len()]);
    let verify = move || key.verify_sig(black_box(&signed), black_box(&signature));
    Ok(Entry::new(RAW, verify, move || pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), black_box(&message), &mut made)))
}

/// What a public token signs, and its signature of `N` bytes. Version 3 signs its compressed `point` as well.
pub fn signed<const N: usize>(token: &str, version: &str, point: Option<&[u8]>, assertion: &str) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let (body, footer) = paseto(token, version)?;
    let (payload, signature) = body.split_last_chunk::<N>().ok_or("a signature")?;
    let pieces: Vec<&[u8]> = point.into_iter().chain([version.as_bytes(), payload, &footer, assertion.as_bytes()]).collect();
    let mut message = Vec::new();
    authenticated(&pieces, |bytes| message.extend_from_slice(bytes));
    Ok((message, signature.to_vec()))
}

/// The parts of one `v4.local` token, and the key.
#[derive(Clone)]
pub struct V4LocalToken {
    /// Prepared: the key block and the constant before the nonce are hashed once.
    encryption: Blake2bMac<U56>,
    authentication: Blake2bMac<U32>,
    nonce: [u8; 32],
    cipher_text: Vec<u8>,
    tag: [u8; 32],
    footer: Vec<u8>,
    assertion: Vec<u8>,
    work: Vec<u8>,
}

impl V4LocalToken {
    pub fn new(token: &str, assertion: &str, secret: &[u8; 32]) -> Outcome<Self> {
        let (body, footer) = paseto(token, "v4.local.")?;
        let (nonce, rest) = body.split_first_chunk::<32>().ok_or("a nonce")?;
        let (cipher_text, tag) = rest.split_last_chunk::<32>().ok_or("a tag")?;
        Ok(Self {
            encryption: Blake2bMac::new_from_slice(secret)?.chain_update(b"paseto-encryption-key"),
            authentication: Blake2bMac::new_from_slice(secret)?.chain_update(b"paseto-auth-key-for-aead"),
            nonce: *nonce,
            cipher_text: cipher_text.to_vec(),
            tag: *tag,
            footer,
            assertion: assertion.as_bytes().to_vec(),
            work: cipher_text.to_vec(),
        })
    }

    /// Authentication and decryption, with the derivation of both keys.
    pub fn open(&mut self) -> bool {
        let fits = self.mac(&self.cipher_text) == self.tag;
        self.work.copy_from_slice(&self.cipher_text);
        self.cipher().apply_keystream(&mut self.work);
        fits
    }

    /// Encryption and authentication of as many bytes, with the derivation of both keys and without the draw of a nonce.
    pub fn seal(&mut self) -> [u8; 32] {
        self.cipher().apply_keystream(&mut self.work);
        self.mac(&self.work)
    }

    fn cipher(&self) -> XChaCha20 {
        let derived = self.encryption.clone().chain_update(self.nonce).finalize().into_bytes();
        let (key, inner) = derived.split_at(32);
        let key: &[u8; 32] = key.first_chunk().unwrap_or(&[0; 32]);
        let inner: &[u8; 24] = inner.first_chunk().unwrap_or(&[0; 24]);
        XChaCha20::new(key.into(), inner.into())
    }

    fn mac(&self, cipher_text: &[u8]) -> [u8; 32] {
        let key = self.authentication.clone().chain_update(self.nonce).finalize().into_bytes();
        let mut mac = Blake2bMac::<U32>::new_from_slice(&key).expect("a key of 32 bytes");
        authenticated(&[b"v4.local.", &self.nonce, cipher_text, &self.footer, &self.assertion], |bytes| mac.update(bytes));
        mac.finalize().into_bytes().into()
    }
}

/// Body and footer.
fn paseto(token: &str, version: &str) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let (body, footer) = token.strip_prefix(version).ok_or("a PASETO")?.split_once('.').ok_or("a footer")?;
    Ok((URL_SAFE_NO_PAD.decode_to_vec(body)?, URL_SAFE_NO_PAD.decode_to_vec(footer)?))
}

/// Pre-authentication encoding.
fn authenticated(pieces: &[&[u8]], mut out: impl FnMut(&[u8])) {
    out(&(pieces.len() as u64).to_le_bytes());
    for piece in pieces {
        out(&(piece.len() as u64).to_le_bytes());
        out(piece);
    }
}
