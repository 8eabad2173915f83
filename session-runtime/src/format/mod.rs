//! Formats: how a payload is sealed into a token and a token opened to its payload, and nothing else.
//!
//! A format knows no claim and no clock. Which key is used was decided before; here the header or footer is compared with
//! what that key writes, and the seal is checked.

use std::fmt::Debug;

use crate::{
    claims::TimeEncoding,
    crypto::{JwkOpening, JwkPublic, JwkSealing, OpeningHalf, PaserkOpening, PaserkSealing, PemPair, PemPublic, SealingHalf},
    error::{KeyError, Malformed},
    ids::KeyId,
};

mod carries;
pub(crate) mod head;
pub mod jwt;
pub mod paseto;
mod scratch;
mod split;
mod versions;

pub use carries::{Among, Carries};
pub(crate) use head::Head;
pub use scratch::Buffer;
#[cfg(test)]
pub(crate) use scratch::wiped;
pub(crate) use scratch::{Lent, Scratch};
pub(crate) use split::Parts;
pub use versions::Paseto;

/// A token format with one algorithm: [`Jwt<Hs256>`](jwt::Jwt), [`V4Public`](paseto::V4Public), ….
///
/// The type of a key ring says its format, so a key has exactly one algorithm (RFC 8725 §3.1) and a header can never choose
/// another. Sealed: a format is a security decision of this crate.
pub trait Format: sealed::Sealed + Debug + Send + Sync + 'static {
    /// The private or secret half.
    #[doc(hidden)]
    type Sealing: SealingHalf<Opening = Self::Opening>;
    /// The public half; for symmetric formats the same secret.
    #[doc(hidden)]
    type Opening: OpeningHalf;

    /// The format's name: the `alg` of a JWT, the version and purpose of a PASETO.
    const NAME: &'static str;

    /// Whether the opening half is the secret itself.
    #[doc(hidden)]
    const SYMMETRIC: bool;

    /// Whether the claims are encrypted, so that their plain text has to be wiped.
    #[doc(hidden)]
    const ENCRYPTED: bool = false;

    /// Whether tokens may have a footer.
    #[doc(hidden)]
    const FOOTER: bool = false;

    /// How the format writes times.
    #[doc(hidden)]
    const TIMES: TimeEncoding;

    /// A new key id for a new key.
    #[doc(hidden)]
    fn name_key(key: &Self::Opening) -> Result<KeyId, KeyError>;

    /// What one key and one claims type fix about every token.
    #[doc(hidden)]
    fn envelope(key_id: Option<&KeyId>, binding: &Binding) -> Envelope;

    /// Seals the payload that stands in `scratch.payload`.
    #[doc(hidden)]
    fn seal(key: &Self::Sealing, envelope: &Envelope, scratch: &mut Scratch) -> Result<String, KeyError>;

    /// Whether the token's header or footer is letter for letter the one of this envelope.
    #[doc(hidden)]
    fn is_exactly(parts: &Parts<'_>, envelope: &Envelope) -> bool;

    /// What a head that is not letter for letter ours says, if it is of this format at all.
    #[doc(hidden)]
    fn examine<'h>(parts: &Parts<'_>, head: &'h Head, binding: &Binding) -> Examined<'h>;

    /// Checks the seal and leaves the payload in `scratch.payload`. `head` is there when the footer is not the envelope's own.
    #[doc(hidden)]
    fn open(
        key: &Self::Opening,
        parts: &Parts<'_>,
        envelope: &Envelope,
        head: Option<&Head>,
        scratch: &mut Scratch,
    ) -> Result<(), OpenError>;
}

/// A format whose opening half may be known to everybody.
pub trait Asymmetric: Format {}

/// A format whose opening half is the secret itself.
pub trait Symmetric: Format {}

/// A format whose keys have a JWK (RFC 7517): every [`Jwt`](jwt::Jwt). Sealed, as every format is.
pub trait JwkKeys: Format<Sealing: JwkSealing, Opening: JwkOpening> {}

/// A format whose keys are written in PEM and DER: every asymmetric [`Jwt`](jwt::Jwt), and every signed [`paseto`]. Sealed.
pub trait PemKeys: Asymmetric<Sealing: PemPair, Opening: PemPublic> {}

/// A format whose keys have a PASERK: the PASETO formats. Sealed.
pub trait PaserkKeys: Format<Sealing: PaserkSealing, Opening: PaserkOpening> {}

/// A format whose public keys can be published as a JWK set (RFC 7517): every asymmetric [`Jwt`](jwt::Jwt). Sealed.
pub trait Published: Asymmetric + JwkKeys<Opening: JwkPublic> {}

/// What claims type, issuer and verifier fix about every token, whatever the key.
#[derive(Debug, Clone, Default)]
pub struct Binding {
    /// The type of the token; `None` for tokens without one.
    pub(crate) token_type: Option<Box<str>>,
    /// Whether a token without a type of its own here may say that it is of any.
    pub(crate) any_type: bool,
    /// The implicit assertion, which JWT has not.
    pub(crate) assertion: Box<[u8]>,
    /// What an issuer adds to the key id in the footer, as the members of a JSON object; JWT has none.
    pub(crate) footer: Option<Box<str>>,
    /// The name of the algorithm that a JWT writes, where it has several.
    pub(crate) algorithm_name: Option<&'static str>,
}

/// What one key and one token type fix about every token, computed once.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// JWT: the encoded header. PASETO: the encoded footer, empty when there is none.
    pub(crate) text: Box<str>,
    /// JWT: the encoded header with the other name of the algorithm, where it has two. Either is a token of our own.
    pub(crate) alternate: Option<Box<str>>,
    /// PASETO: the footer's bytes.
    pub(crate) footer: Box<[u8]>,
    /// PASETO: the implicit assertion.
    pub(crate) assertion: Box<[u8]>,
    /// PASETO: footer and assertion as the pre-authentication encoding ends in them.
    pub(crate) tail: Box<[u8]>,
}

/// What a foreign head says.
#[derive(Debug, PartialEq, Eq)]
pub enum Examined<'h> {
    /// Not of this format.
    NotMine,
    /// Of this format's kind, for another algorithm.
    OtherAlgorithm,
    /// Of this format.
    Mine {
        /// The key that it names.
        key_id: Option<&'h str>,
        /// Whether it is of the expected type; for PASETO the seal says so.
        type_matches: bool,
    },
}

/// Why a token did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenError {
    /// A part cannot be read.
    Malformed(Malformed),
    /// The seal does not fit.
    BadSeal,
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// Encodes to base64url without padding, at the end of `out`.
pub(crate) fn encode(bytes: &[u8], out: &mut String) {
    base64_simd::URL_SAFE_NO_PAD.encode_append(bytes, out);
}

/// The length of `bytes` bytes in base64url without padding.
pub(crate) fn encoded_length(bytes: usize) -> usize {
    base64_simd::URL_SAFE_NO_PAD.encoded_length(bytes)
}

/// Decodes strict base64url into `out`, in place of what it held. No padding, no white space, no second spelling of a value:
/// lax decoding would let a revoked or cached token be spelled anew (RFC 8725bis §3.14).
pub(crate) fn decode(text: &str, out: &mut Vec<u8>) -> Result<(), OpenError> {
    out.clear();
    base64_simd::URL_SAFE_NO_PAD.decode_append(text.as_bytes(), out).map_err(|_| OpenError::Malformed(Malformed::Encoding))
}
