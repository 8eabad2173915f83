//! PASETO version 4: `v4.public` (signed) and `v4.local` (encrypted).
//!
//! Composed from the primitives of `crypto` by the specification (paseto-standard, version 4), because prepared keys need
//! more than pasetors offers; held byte for byte against the official vectors and against pasetors.

use super::{
    Asymmetric, Binding, Envelope, Examined, Format, Head, OpenError, Parts, PaserkKeys, PemKeys, Scratch, Symmetric, decode, encode,
    encoded_length, sealed::Sealed,
};
use crate::{
    claims::TimeEncoding,
    crypto::{Check, Ed25519Pair, Ed25519Point, PaserkPublic, PaserkSealing, Sign, V4LocalKey, random},
    error::{KeyError, Malformed},
    ids::KeyId,
};

/// `v4.public`: Ed25519 signatures. The claims can be read by everybody.
#[derive(Debug, Clone, Copy)]
pub enum V4Public {}

/// `v4.local`: XChaCha20 and keyed BLAKE2b. The claims can be read by nobody without the key.
#[derive(Debug, Clone, Copy)]
pub enum V4Local {}

impl Sealed for V4Public {}
impl Sealed for V4Local {}
impl Symmetric for V4Local {}
impl PaserkKeys for V4Local {}
impl Asymmetric for V4Public {}
impl PaserkKeys for V4Public {}
impl PemKeys for V4Public {}

const PUBLIC: &str = "v4.public.";
const LOCAL: &str = "v4.local.";
const SIGNATURE: usize = 64;
const NONCE: usize = 32;
const TAG: usize = 32;

impl Format for V4Public {
    type Sealing = Ed25519Pair;
    type Opening = Ed25519Point;
    const NAME: &'static str = "v4.public";
    const SYMMETRIC: bool = false;
    const TIMES: TimeEncoding = TimeEncoding::Rfc3339;

    fn name_key(key: &Self::Opening) -> Result<KeyId, KeyError> {
        KeyId::new(key.paserk_id()).ok_or(KeyError::SealFailed)
    }

    fn envelope(key_id: Option<&KeyId>, binding: &Binding) -> Envelope {
        envelope(key_id, binding)
    }

    fn seal(key: &Self::Sealing, envelope: &Envelope, scratch: &mut Scratch) -> Result<String, KeyError> {
        authenticated(&mut scratch.work, &[PUBLIC.as_bytes(), &scratch.payload, &envelope.footer, &envelope.assertion]);
        let signature = key.sign(&scratch.work)?;
        scratch.payload.extend_from_slice(&signature);
        Ok(token(PUBLIC, &scratch.payload, envelope))
    }

    #[inline]
    fn is_exactly(parts: &Parts<'_>, envelope: &Envelope) -> bool {
        matches!(parts, Parts::Paseto { version: PUBLIC, footer, .. } if **footer == *envelope.text)
    }

    fn examine<'h>(parts: &Parts<'_>, head: &'h Head, _: Option<&str>) -> Examined<'h> {
        examine(PUBLIC, parts, head)
    }

    fn open(
        key: &Self::Opening,
        parts: &Parts<'_>,
        envelope: &Envelope,
        head: Option<&Head>,
        scratch: &mut Scratch,
    ) -> Result<(), OpenError> {
        let Parts::Paseto { body, .. } = parts else { return Err(OpenError::Malformed(Malformed::Shape)) };
        decode(body, &mut scratch.payload)?;
        let length = scratch.payload.len().checked_sub(SIGNATURE).ok_or(OpenError::Malformed(Malformed::Shape))?;
        let (payload, signature) = scratch.payload.split_at_checked(length).ok_or(OpenError::BadSeal)?;
        let footer = head.map_or(&*envelope.footer, |head| &head.footer);
        authenticated(&mut scratch.work, &[PUBLIC.as_bytes(), payload, footer, &envelope.assertion]);
        if !key.check(&scratch.work, signature) {
            return Err(OpenError::BadSeal);
        }
        scratch.payload.truncate(length);
        Ok(())
    }
}

impl Format for V4Local {
    type Sealing = V4LocalKey;
    type Opening = V4LocalKey;
    const NAME: &'static str = "v4.local";
    const SYMMETRIC: bool = true;
    const ENCRYPTED: bool = true;
    const TIMES: TimeEncoding = TimeEncoding::Rfc3339;

    fn name_key(key: &Self::Opening) -> Result<KeyId, KeyError> {
        KeyId::new(key.paserk_id()).ok_or(KeyError::SealFailed)
    }

    fn envelope(key_id: Option<&KeyId>, binding: &Binding) -> Envelope {
        envelope(key_id, binding)
    }

    fn seal(key: &Self::Sealing, envelope: &Envelope, scratch: &mut Scratch) -> Result<String, KeyError> {
        let nonce = random::bytes::<NONCE>()?;
        key.encryption(&nonce).apply(&mut scratch.payload);
        let tag = authentication(key, &nonce, &scratch.payload, &envelope.footer, &envelope.assertion).finish();
        let body = &mut scratch.work;
        body.clear();
        body.extend_from_slice(&nonce);
        body.extend_from_slice(&scratch.payload);
        body.extend_from_slice(&tag);
        // What is left in the payload buffer is cipher text, so nothing has to be wiped.
        scratch.confidential = false;
        Ok(token(LOCAL, body, envelope))
    }

    #[inline]
    fn is_exactly(parts: &Parts<'_>, envelope: &Envelope) -> bool {
        matches!(parts, Parts::Paseto { version: LOCAL, footer, .. } if **footer == *envelope.text)
    }

    fn examine<'h>(parts: &Parts<'_>, head: &'h Head, _: Option<&str>) -> Examined<'h> {
        examine(LOCAL, parts, head)
    }

    fn open(
        key: &Self::Opening,
        parts: &Parts<'_>,
        envelope: &Envelope,
        head: Option<&Head>,
        scratch: &mut Scratch,
    ) -> Result<(), OpenError> {
        const SHORT: OpenError = OpenError::Malformed(Malformed::Shape);
        let Parts::Paseto { body, .. } = parts else { return Err(SHORT) };
        decode(body, &mut scratch.payload)?;
        let (nonce, rest) = scratch.payload.split_first_chunk_mut::<NONCE>().ok_or(SHORT)?;
        let (cipher_text, tag) = rest.split_last_chunk_mut::<TAG>().ok_or(SHORT)?;
        let footer = head.map_or(&*envelope.footer, |head| &head.footer);
        if !authentication(key, nonce, cipher_text, footer, &envelope.assertion).matches(&*tag) {
            return Err(OpenError::BadSeal);
        }
        scratch.confidential = true;
        key.encryption(nonce).apply(cipher_text);
        // The plain text moves to the front, where the nonce was.
        let length = cipher_text.len();
        scratch.payload.copy_within(NONCE..NONCE.saturating_add(length), 0);
        scratch.payload.truncate(length);
        Ok(())
    }
}

fn envelope(key_id: Option<&KeyId>, Binding { token_type, assertion, .. }: &Binding) -> Envelope {
    let footer = key_id.map(|key_id| serde_json::json!({ "kid": key_id.as_str() }).to_string()).unwrap_or_default();
    let mut text = String::new();
    encode(footer.as_bytes(), &mut text);
    // The type of a token is part of what is sealed: the assertion is the type's exact bytes, or the pre-authentication
    // encoding of type and user assertion, in which neither can pass for a part of the other.
    let mut bound = Vec::new();
    match token_type {
        Some(token_type) if assertion.is_empty() => bound.extend_from_slice(token_type.as_bytes()),
        Some(token_type) => authenticated(&mut bound, &[token_type.as_bytes(), assertion]),
        None => bound.extend_from_slice(assertion),
    }
    Envelope { text: text.into(), alternate: None, footer: footer.into_bytes().into(), assertion: bound.into() }
}

fn examine<'h>(wanted: &str, parts: &Parts<'_>, head: &'h Head) -> Examined<'h> {
    match parts {
        Parts::Paseto { version, .. } if *version == wanted => Examined::Mine { key_id: head.key_id.as_deref(), type_matches: true },
        Parts::Paseto { .. } => Examined::OtherAlgorithm,
        Parts::Jws { .. } => Examined::NotMine,
    }
}

/// Pre-authentication encoding: the number of pieces, then each with its length, all as 64-bit little endian.
fn authenticated(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    out.clear();
    out.extend_from_slice(&length_of(pieces));
    for piece in pieces {
        out.extend_from_slice(&length_of(piece));
        out.extend_from_slice(piece);
    }
}

/// The same encoding, streamed into the authenticator.
fn authentication(key: &V4LocalKey, nonce: &[u8; NONCE], cipher_text: &[u8], footer: &[u8], assertion: &[u8]) -> crate::crypto::LocalMac {
    let pieces = [LOCAL.as_bytes(), nonce, cipher_text, footer, assertion];
    let mut mac = key.authentication(nonce);
    mac.update(&length_of(&pieces));
    for piece in pieces {
        mac.update(&length_of(piece));
        mac.update(piece);
    }
    mac
}

/// The specification clears the top bit, which no length on this machine has.
fn length_of<T>(pieces: &[T]) -> [u8; 8] {
    u64::try_from(pieces.len()).unwrap_or(u64::MAX).to_le_bytes()
}

fn token(version: &str, body: &[u8], envelope: &Envelope) -> String {
    let length = version.len().saturating_add(encoded_length(body.len())).saturating_add(envelope.text.len()).saturating_add(1);
    let mut token = String::with_capacity(length);
    token.push_str(version);
    encode(body, &mut token);
    if !envelope.text.is_empty() {
        token.push('.');
        token.push_str(&envelope.text);
    }
    token
}

/// The footer of a token that **nobody has checked**: for routing and debugging, never for a decision.
///
/// Empty when there is none; `None` when the text is no PASETO, or longer than any verifier would read.
///
/// # Example
/// ```
/// use session_runtime::paseto::unverified_footer;
///
/// assert_eq!(unverified_footer("v4.local.AAAA.e30").as_deref(), Some(&b"{}"[..]));
/// ```
pub fn unverified_footer(token: &str) -> Option<Vec<u8>> {
    let Ok(Parts::Paseto { footer, .. }) = Parts::split(token, crate::limits::TOKEN_LENGTH_CAP) else { return None };
    let mut bytes = Vec::new();
    decode(footer, &mut bytes).ok()?;
    Some(bytes)
}
