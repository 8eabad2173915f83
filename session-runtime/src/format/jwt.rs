//! JWT: signed claims in JWS compact serialization (RFC 7519, RFC 7515).

use std::{fmt, marker::PhantomData};

use super::{
    Asymmetric, Envelope, Examined, Format, Head, OpenError, Parts, Published, Scratch, Symmetric, decode, encode, encoded_length, head,
    sealed::Sealed,
};
use crate::{
    claims::TimeEncoding,
    crypto::{Check, Ed25519Pair, Ed25519Point, HmacSha256Key, P256Pair, P256Point, RsaKey, RsaPair, Sign, random},
    error::{KeyError, Malformed},
    ids::KeyId,
};

/// A JWT whose algorithm is `A`: [`Hs256`], [`Rs256`], [`Es256`] or [`EdDsa`].
pub struct Jwt<A>(PhantomData<fn() -> A>);

impl<A> fmt::Debug for Jwt<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt")
    }
}

/// One JWS algorithm. Sealed; `none` has no type, so it cannot be asked for.
pub trait Algorithm: Sealed + 'static {
    #[doc(hidden)]
    type Sealing: Sign<Opening = Self::Opening>;
    #[doc(hidden)]
    type Opening: Check;
    /// The name that is written.
    const NAME: &'static str;
    #[doc(hidden)]
    const SYMMETRIC: bool;
    /// The names that are read.
    const ACCEPTED: &'static [&'static str];
}

macro_rules! algorithms {
    ($($(#[$doc:meta])* $name:ident = $written:literal, reads $accepted:expr, symmetric $symmetric:literal, $sealing:ty => $opening:ty;)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}
        impl Sealed for $name {}
        impl Algorithm for $name {
            type Sealing = $sealing;
            type Opening = $opening;
            const NAME: &'static str = $written;
            const ACCEPTED: &'static [&'static str] = &$accepted;
            const SYMMETRIC: bool = $symmetric;
        }
    )* };
}

algorithms! {
    /// HMAC with SHA-256: one secret signs and verifies (RFC 7518 §3.2).
    Hs256 = "HS256", reads ["HS256"], symmetric true, HmacSha256Key => HmacSha256Key;
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3). For partners who can do nothing else; new keys have 3072 bits.
    Rs256 = "RS256", reads ["RS256"], symmetric false, RsaPair => RsaKey;
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    Es256 = "ES256", reads ["ES256"], symmetric false, P256Pair => P256Point;
    /// Ed25519 (RFC 8037). Writes the header name `EdDSA`, reads also `Ed25519` (RFC 9864), since both name this one algorithm.
    EdDsa = "EdDSA", reads ["EdDSA", "Ed25519"], symmetric false, Ed25519Pair => Ed25519Point;
}

impl<A> Sealed for Jwt<A> {}
impl Symmetric for Jwt<Hs256> {}

macro_rules! asymmetric {
    ($($name:ty),*) => { $(
        impl Asymmetric for Jwt<$name> {}
        impl Published for Jwt<$name> {
            fn public_jwk(key: &Self::Opening) -> Vec<(&'static str, String)> {
                key.jwk_members()
            }
        }
    )* };
}
asymmetric!(Rs256, Es256, EdDsa);

impl<A: Algorithm> Format for Jwt<A> {
    type Sealing = A::Sealing;
    type Opening = A::Opening;
    const NAME: &'static str = A::NAME;
    const SYMMETRIC: bool = A::SYMMETRIC;
    const TIMES: TimeEncoding = TimeEncoding::NumericDate;

    /// 128 random bits: a hash of a secret would tell something about it, and a hash of a public key needs no secrecy but
    /// also brings nothing.
    fn name_key(_: &Self::Opening) -> Result<KeyId, KeyError> {
        let mut text = String::with_capacity(22);
        encode(&random::bytes::<16>()?, &mut text);
        KeyId::new(text).ok_or(KeyError::NoRandomness)
    }

    fn envelope(key_id: Option<&KeyId>, token_type: Option<&str>, _assertion: &[u8]) -> Envelope {
        let mut header = serde_json::Map::new();
        header.insert("alg".to_owned(), A::NAME.into());
        if let Some(key_id) = key_id {
            header.insert("kid".to_owned(), key_id.as_str().into());
        }
        if let Some(token_type) = token_type {
            header.insert("typ".to_owned(), token_type.into());
        }
        let mut text = String::new();
        encode(serde_json::Value::Object(header).to_string().as_bytes(), &mut text);
        Envelope { text: text.into(), footer: Box::default(), assertion: Box::default() }
    }

    fn seal(key: &Self::Sealing, envelope: &Envelope, scratch: &mut Scratch) -> Result<String, KeyError> {
        /// Room for the signature of every algorithm but RSA, which grows the text once beside a far dearer signature.
        const SIGNATURE: usize = 64;
        let length = envelope.text.len().saturating_add(encoded_length(scratch.payload.len())).saturating_add(encoded_length(SIGNATURE));
        let mut token = String::with_capacity(length.saturating_add(2));
        token.push_str(&envelope.text);
        token.push('.');
        encode(&scratch.payload, &mut token);
        let seal = key.sign(token.as_bytes())?;
        token.push('.');
        encode(&seal, &mut token);
        Ok(token)
    }

    #[inline]
    fn is_exactly(parts: &Parts<'_>, envelope: &Envelope) -> bool {
        matches!(parts, Parts::Jws { header, .. } if **header == *envelope.text)
    }

    fn examine<'h>(parts: &Parts<'_>, head: &'h Head, token_type: Option<&str>) -> Examined<'h> {
        let (Parts::Jws { .. }, Some(algorithm)) = (parts, head.algorithm.as_deref()) else { return Examined::NotMine };
        // The header's algorithm is compared and never chooses (CVE-2015-9235); exact bytes, so `none` in any spelling is
        // just another wrong name.
        if !A::ACCEPTED.contains(&algorithm) {
            return Examined::OtherAlgorithm;
        }
        let type_matches = match token_type {
            Some(wanted) => head.token_type.as_deref().is_some_and(|found| head::is_media_type(found, wanted)),
            None => true,
        };
        Examined::Mine { key_id: head.key_id.as_deref(), type_matches }
    }

    #[inline]
    fn open(key: &Self::Opening, parts: &Parts<'_>, _: &Envelope, _: Option<&Head>, scratch: &mut Scratch) -> Result<(), OpenError> {
        let Parts::Jws { signed, payload, signature, .. } = parts else { return Err(OpenError::Malformed(Malformed::Shape)) };
        decode(signature, &mut scratch.work)?;
        if !key.check(signed.as_bytes(), &scratch.work) {
            return Err(OpenError::BadSeal);
        }
        decode(payload, &mut scratch.payload)
    }
}

/// The header of a token that **nobody has checked**: for routing and debugging, never for a decision.
///
/// `None` when there is none, or when it is longer than any verifier would read.
///
/// # Example
/// ```
/// use session_runtime::jwt::unverified_header;
///
/// let header = unverified_header("eyJhbGciOiJub25lIn0.e30.").unwrap();
/// assert_eq!(header["alg"], "none");
/// ```
pub fn unverified_header(token: &str) -> Option<serde_json::Value> {
    let Ok(Parts::Jws { header, .. }) = Parts::split(token, crate::limits::TOKEN_LENGTH_CAP) else { return None };
    let mut bytes = Vec::new();
    decode(header, &mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}
