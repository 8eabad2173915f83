//! PASETO: claims that are signed ([`V4Public`], [`V3Public`]) or encrypted ([`V4Local`], [`V3Local`]).
//!
//! Composed from the primitives of `crypto` by the specification (paseto-standard, versions 3 and 4), because prepared keys need
//! more than other libraries offer; held byte for byte against the official vectors and against those libraries.

use super::{Binding, Envelope, Examined, Head, Parts, PaserkKeys, decode, encode, encoded_length};
use crate::ids::KeyId;

pub(crate) mod footer;
mod local;
mod public;
mod v3;
mod v4;

#[cfg(test)]
mod tests;

pub use self::{
    local::{Local, LocalVersion},
    public::{Public, PublicVersion},
    v3::V3,
    v4::V4,
};

/// `v4.public`: Ed25519 signatures. The claims can be read by everybody.
pub type V4Public = Public<V4>;

/// `v4.local`: XChaCha20 and keyed BLAKE2b. The claims can be read by nobody without the key.
pub type V4Local = Local<V4>;

/// `v3.public`: ECDSA on P-384 with SHA-384, for those who have to use algorithms of NIST. The claims can be read by everybody.
pub type V3Public = Public<V3>;

/// `v3.local`: AES-256 in counter mode and HMAC with SHA-384, for those who have to use algorithms of NIST. The claims can be read by
/// nobody without the key.
pub type V3Local = Local<V3>;

/// Every PASETO format. Sealed, as every format is.
#[diagnostic::on_unimplemented(message = "`{Self}` is not PASETO, and only PASETO has footers")]
pub trait Paseto: PaserkKeys {}

fn envelope(key_id: Option<&KeyId>, Binding { token_type, assertion, footer, .. }: &Binding) -> Envelope {
    let footer = footer::whole(key_id, footer.as_deref());
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
    let mut tail = Vec::new();
    encode_tail(footer.as_bytes(), &bound, &mut tail);
    Envelope { text: text.into(), alternate: None, footer: footer.into_bytes().into(), assertion: bound.into(), tail: tail.into() }
}

/// Whether a token of this header has letter for letter the envelope's footer.
#[inline]
fn is_exactly(header: &str, parts: &Parts<'_>, envelope: &Envelope) -> bool {
    matches!(parts, Parts::Paseto { version, footer, .. } if *version == header && **footer == *envelope.text)
}

fn examine<'h>(header: &str, parts: &Parts<'_>, head: &'h Head) -> Examined<'h> {
    match parts {
        Parts::Paseto { version, .. } if *version == header => Examined::Mine { key_id: head.key_id.as_deref(), type_matches: true },
        Parts::Paseto { .. } => Examined::OtherAlgorithm,
        Parts::Jws { .. } => Examined::NotMine,
    }
}

/// The footer's bytes: those of the head, where the token's footer is not the envelope's own.
fn footer_of<'a>(envelope: &'a Envelope, head: Option<&'a Head>) -> &'a [u8] {
    head.map_or(&*envelope.footer, |head| &head.footer)
}

/// Pre-authentication encoding: the number of pieces, then each with its length, all as 64-bit little endian.
fn authenticated(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    out.clear();
    out.extend_from_slice(&length_of(pieces));
    pieces.iter().for_each(|piece| encode_piece(piece, out));
}

/// One piece of it.
fn encode_piece(piece: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&length_of(piece));
    out.extend_from_slice(piece);
}

/// How it ends in every token of one key and type.
fn encode_tail(footer: &[u8], assertion: &[u8], out: &mut Vec<u8>) {
    [footer, assertion].iter().for_each(|piece| encode_piece(piece, out));
}

/// The specification clears the top bit, which no length on this machine has.
fn length_of<T>(pieces: &[T]) -> [u8; 8] {
    u64::try_from(pieces.len()).unwrap_or(u64::MAX).to_le_bytes()
}

/// The length of a token with a body of this many bytes.
fn token_length(header: &str, body: usize, envelope: &Envelope) -> usize {
    let footer = if envelope.text.is_empty() { 0 } else { envelope.text.len().saturating_add(1) };
    header.len().saturating_add(encoded_length(body)).saturating_add(footer)
}

fn token(header: &str, body: &[u8], envelope: &Envelope) -> String {
    let mut token = String::with_capacity(token_length(header, body.len(), envelope));
    token.push_str(header);
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
