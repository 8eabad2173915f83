//! PASETO `public`: signed with a private half, checked with the public half.

use std::{fmt, marker::PhantomData};

use super::{Paseto, authenticated, envelope, examine, footer_of, is_exactly, token};
use crate::{
    claims::TimeEncoding,
    crypto::{Check, PaserkOpening, PaserkSealing, PemPair, PemPublic, Sign},
    error::{KeyError, Malformed},
    format::{
        Asymmetric, Binding, Envelope, Examined, Format, Head, OpenError, Parts, PaserkKeys, PemKeys, Scratch, decode, sealed::Sealed,
    },
    ids::KeyId,
};

/// A signed PASETO of version `V`: [`V4Public`](super::V4Public) or [`V3Public`](super::V3Public).
pub struct Public<V>(PhantomData<fn() -> V>);

/// A version of PASETO that signs. Sealed.
pub trait PublicVersion: Sealed + 'static {
    #[doc(hidden)]
    type Pair: Sign<Opening = Self::Point> + PemPair + PaserkSealing;
    #[doc(hidden)]
    type Point: Check + PemPublic + PaserkOpening;
    /// As `v4.public`.
    const PUBLIC: &'static str;
    /// The same with the dot behind it, as a token begins.
    #[doc(hidden)]
    const PUBLIC_HEADER: &'static str;
    /// The length of a signature in bytes.
    #[doc(hidden)]
    const SIGNATURE: usize;
    #[doc(hidden)]
    fn public_key_id(point: &Self::Point) -> String;
    /// The public half itself, where the version has it signed too.
    #[doc(hidden)]
    fn signed_point(point: &Self::Point) -> Option<[u8; 49]>;
    #[doc(hidden)]
    fn point(pair: &Self::Pair) -> &Self::Point;
}

impl<V> Sealed for Public<V> {}
impl<V: PublicVersion> Asymmetric for Public<V> {}
impl<V: PublicVersion> PaserkKeys for Public<V> {}
impl<V: PublicVersion> Paseto for Public<V> {}
impl<V: PublicVersion> PemKeys for Public<V> {}

impl<V> fmt::Debug for Public<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Public")
    }
}

impl<V: PublicVersion> Format for Public<V> {
    type Sealing = V::Pair;
    type Opening = V::Point;
    const NAME: &'static str = V::PUBLIC;
    const SYMMETRIC: bool = false;
    const FOOTER: bool = true;
    const TIMES: TimeEncoding = TimeEncoding::Rfc3339;

    fn name_key(point: &Self::Opening) -> Result<KeyId, KeyError> {
        KeyId::new(V::public_key_id(point)).ok_or(KeyError::SealFailed)
    }

    fn envelope(key_id: Option<&KeyId>, binding: &Binding) -> Envelope {
        envelope(key_id, binding)
    }

    fn seal(pair: &Self::Sealing, envelope: &Envelope, scratch: &mut Scratch) -> Result<String, KeyError> {
        signed::<V>(&mut scratch.work, V::point(pair), &scratch.payload, &envelope.footer, &envelope.assertion);
        pair.sign_into(&scratch.work, &mut scratch.payload)?;
        Ok(token(V::PUBLIC_HEADER, &scratch.payload, envelope))
    }

    #[inline]
    fn is_exactly(parts: &Parts<'_>, envelope: &Envelope) -> bool {
        is_exactly(V::PUBLIC_HEADER, parts, envelope)
    }

    fn examine<'h>(parts: &Parts<'_>, head: &'h Head, _: &Binding) -> Examined<'h> {
        examine(V::PUBLIC_HEADER, parts, head)
    }

    fn open(
        point: &Self::Opening,
        parts: &Parts<'_>,
        envelope: &Envelope,
        head: Option<&Head>,
        scratch: &mut Scratch,
    ) -> Result<(), OpenError> {
        const SHORT: OpenError = OpenError::Malformed(Malformed::Shape);
        let Parts::Paseto { body, .. } = parts else { return Err(SHORT) };
        decode(body, &mut scratch.payload)?;
        let length = scratch.payload.len().checked_sub(V::SIGNATURE).ok_or(SHORT)?;
        let (payload, signature) = scratch.payload.split_at_checked(length).ok_or(SHORT)?;
        signed::<V>(&mut scratch.work, point, payload, footer_of(envelope, head), &envelope.assertion);
        if !point.check(&scratch.work, signature) {
            return Err(OpenError::BadSeal);
        }
        scratch.payload.truncate(length);
        Ok(())
    }
}

/// What a signature covers.
fn signed<V: PublicVersion>(out: &mut Vec<u8>, point: &V::Point, payload: &[u8], footer: &[u8], assertion: &[u8]) {
    let header = V::PUBLIC_HEADER.as_bytes();
    match V::signed_point(point) {
        Some(point) => authenticated(out, &[&point, header, payload, footer, assertion]),
        None => authenticated(out, &[header, payload, footer, assertion]),
    }
}
