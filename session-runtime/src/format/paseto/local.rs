//! PASETO `local`: encrypted, then authenticated, with one secret for both ways.

use std::{fmt, marker::PhantomData};

use super::{Paseto, encode_tail, envelope, examine, is_exactly, length_of, token};
use crate::{
    claims::TimeEncoding,
    crypto::{Authenticator, LocalKey, PaserkOpening, PaserkSealing, Seal, random},
    error::{KeyError, Malformed},
    format::{Binding, Envelope, Examined, Format, Head, OpenError, Parts, PaserkKeys, Scratch, Symmetric, decode, sealed::Sealed},
    ids::KeyId,
};

/// An encrypted PASETO of version `V`: [`V4Local`](super::V4Local) or [`V3Local`](super::V3Local).
pub struct Local<V>(PhantomData<fn() -> V>);

/// A version of PASETO that encrypts. Sealed.
pub trait LocalVersion: Sealed + 'static {
    #[doc(hidden)]
    type LocalKey: LocalKey + PaserkSealing + PaserkOpening;
    /// As `v4.local`.
    const LOCAL: &'static str;
    /// The same with the dot behind it, as a token begins.
    #[doc(hidden)]
    const LOCAL_HEADER: &'static str;
    #[doc(hidden)]
    fn local_key_id(key: &Self::LocalKey) -> String;
}

impl<V> Sealed for Local<V> {}
impl<V: LocalVersion> Symmetric for Local<V> {}
impl<V: LocalVersion> PaserkKeys for Local<V> {}
impl<V: LocalVersion> Paseto for Local<V> {}

impl<V> fmt::Debug for Local<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Local")
    }
}

impl<V: LocalVersion> Format for Local<V> {
    type Sealing = V::LocalKey;
    type Opening = V::LocalKey;
    const NAME: &'static str = V::LOCAL;
    const SYMMETRIC: bool = true;
    const ENCRYPTED: bool = true;
    const FOOTER: bool = true;
    const TIMES: TimeEncoding = TimeEncoding::Rfc3339;

    fn name_key(key: &Self::Opening) -> Result<KeyId, KeyError> {
        KeyId::new(V::local_key_id(key)).ok_or(KeyError::SealFailed)
    }

    fn envelope(key_id: Option<&KeyId>, binding: &Binding) -> Envelope {
        envelope(key_id, binding)
    }

    fn seal(key: &Self::Sealing, envelope: &Envelope, scratch: &mut Scratch) -> Result<String, KeyError> {
        Ok(seal_with_nonce::<V>(key, &random::bytes()?, envelope, scratch))
    }

    #[inline]
    fn is_exactly(parts: &Parts<'_>, envelope: &Envelope) -> bool {
        is_exactly(V::LOCAL_HEADER, parts, envelope)
    }

    fn examine<'h>(parts: &Parts<'_>, head: &'h Head, _: &Binding) -> Examined<'h> {
        examine(V::LOCAL_HEADER, parts, head)
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
        let (cipher_text, tag) = rest.split_at_mut_checked(rest.len().wrapping_sub(tag_length::<V>())).ok_or(SHORT)?;
        let tail = match head {
            None => &*envelope.tail,
            Some(head) => {
                scratch.work.clear();
                encode_tail(&head.footer, &envelope.assertion, &mut scratch.work);
                &scratch.work
            }
        };
        if !authentication::<V>(key, nonce, cipher_text, tail).matches(tag) {
            return Err(OpenError::BadSeal);
        }
        scratch.confidential = true;
        key.apply(nonce, cipher_text);
        // The plain text moves to the front, where the nonce was.
        let length = cipher_text.len();
        scratch.payload.copy_within(NONCE..NONCE.saturating_add(length), 0);
        scratch.payload.truncate(length);
        Ok(())
    }
}

/// Only tests give a nonce of their own: a nonce that comes twice gives the claims of both tokens away.
pub(super) fn seal_with_nonce<V: LocalVersion>(
    key: &V::LocalKey,
    nonce: &[u8; NONCE],
    envelope: &Envelope,
    scratch: &mut Scratch,
) -> String {
    key.apply(nonce, &mut scratch.payload);
    // What is left in the payload buffer is cipher text, so nothing has to be wiped.
    scratch.confidential = false;
    let tag: Seal = authentication::<V>(key, nonce, &scratch.payload, &envelope.tail).finish();
    let body = &mut scratch.work;
    body.clear();
    body.extend_from_slice(nonce);
    body.extend_from_slice(&scratch.payload);
    body.extend_from_slice(&tag);
    token(V::LOCAL_HEADER, body, envelope)
}

/// The authenticator of one token, which has taken all that the tag covers: the pre-authentication encoding of header, nonce, cipher
/// text, footer and assertion. In three pieces, since a hash spends more on taking a short piece than on hashing it.
fn authentication<V: LocalVersion>(
    key: &V::LocalKey,
    nonce: &[u8; NONCE],
    cipher_text: &[u8],
    tail: &[u8],
) -> <V::LocalKey as LocalKey>::Authenticator {
    const { assert!(V::LOCAL_HEADER.len() == "v4.local.".len(), "`FRONT` has room for headers of this length") };
    let header = V::LOCAL_HEADER.as_bytes();
    let pieces = [&5_u64.to_le_bytes(), &length_of(header), header, &length_of(nonce), nonce, &length_of(cipher_text)];
    let (mut front, mut length) = ([0; FRONT], 0_usize);
    for piece in pieces {
        let end = length.saturating_add(piece.len());
        if let Some(room) = front.get_mut(length..end) {
            room.copy_from_slice(piece);
        }
        length = end;
    }
    let mut authenticator = key.authentication(nonce);
    [front.as_slice(), cipher_text, tail].into_iter().for_each(|piece| authenticator.update(piece));
    authenticator
}

const fn tag_length<V: LocalVersion>() -> usize {
    <V::LocalKey as LocalKey>::Authenticator::TAG
}

const NONCE: usize = 32;
/// The number of pieces, the header of every version, the nonce and the length of the cipher text, as they are encoded.
const FRONT: usize = 8 + (8 + "v4.local.".len()) + (8 + NONCE) + 8;
