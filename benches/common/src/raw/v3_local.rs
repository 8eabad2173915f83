//! The bare cryptography of `v3.local`: HKDF's second step, AES-256 in counter mode, and HMAC with SHA-384. HKDF's first step does not
//! know the token and is done once.

use aes::Aes256;
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit, StreamCipher},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha384;

use super::{authenticated, paseto};
use crate::contest::Outcome;

/// The parts of one token, and the key.
#[derive(Clone)]
pub struct V3LocalToken {
    /// With both pads of the key hashed.
    derivation: Hmac<Sha384>,
    nonce: [u8; 32],
    cipher_text: Vec<u8>,
    tag: [u8; 48],
    footer: Vec<u8>,
    assertion: Vec<u8>,
    work: Vec<u8>,
}

impl V3LocalToken {
    pub fn new(token: &str, assertion: &str, secret: &[u8; 32]) -> Outcome<Self> {
        let (body, footer) = paseto(token, "v3.local.")?;
        let (nonce, rest) = body.split_first_chunk::<32>().ok_or("a nonce")?;
        let (cipher_text, tag) = rest.split_last_chunk::<48>().ok_or("a tag")?;
        let extracted = Hmac::<Sha384>::new_from_slice(&[0; 48])?.chain_update(secret).finalize().into_bytes();
        Ok(Self {
            derivation: Hmac::new_from_slice(&extracted)?,
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
    pub fn seal(&mut self) -> [u8; 48] {
        self.cipher().apply_keystream(&mut self.work);
        self.mac(&self.work)
    }

    fn cipher(&self) -> Ctr128BE<Aes256> {
        let derived = self.derive(b"paseto-encryption-key");
        let (key, counter) = derived.split_at(32);
        let key: &[u8; 32] = key.first_chunk().unwrap_or(&[0; 32]);
        let counter: &[u8; 16] = counter.first_chunk().unwrap_or(&[0; 16]);
        Ctr128BE::new(key.into(), counter.into())
    }

    fn mac(&self, cipher_text: &[u8]) -> [u8; 48] {
        // Padded to a block of the hash, as HMAC does itself, so that no length has to be checked.
        let mut block = [0; 128];
        if let Some(start) = block.first_chunk_mut() {
            *start = self.derive(b"paseto-auth-key-for-aead");
        }
        let mut mac = Hmac::<Sha384>::new((&block).into());
        authenticated(&[b"v3.local.", &self.nonce, cipher_text, &self.footer, &self.assertion], |bytes| mac.update(bytes));
        mac.finalize().into_bytes().into()
    }

    /// One block of HKDF's second step.
    fn derive(&self, constant: &[u8]) -> [u8; 48] {
        self.derivation.clone().chain_update(constant).chain_update(self.nonce).chain_update([1]).finalize().into_bytes().into()
    }
}
