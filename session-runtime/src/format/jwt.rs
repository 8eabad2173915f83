//! JWT: signed claims in JWS compact serialization (RFC 7519, RFC 7515).

use std::{fmt, marker::PhantomData};

use super::{
    Asymmetric, Binding, Envelope, Examined, Format, Head, JwkKeys, OpenError, Parts, PemKeys, Published, Scratch, Symmetric, decode,
    encode, encoded_length, head, sealed::Sealed,
};
use crate::{
    claims::TimeEncoding,
    crypto::{
        self, Check, EcPair, EcPoint, Ed25519Pair, Ed25519Point, HmacKey, JwkOpening, JwkPublic, JwkSealing, MlDsaKey, MlDsaPair, PemPair,
        PemPublic, RsaKey, RsaPair, SharedSecret, Sign, random,
    },
    error::{KeyError, Malformed},
    ids::KeyId,
};

/// A JWT whose algorithm is `A`: [`EdDsa`], [`Es256`], [`Hs256`] or another of this module.
pub struct Jwt<A>(PhantomData<fn() -> A>);

impl<A> fmt::Debug for Jwt<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt")
    }
}

/// One JWS algorithm. Sealed; `none` has no type, so it cannot be asked for.
pub trait Algorithm: Sealed + 'static {
    #[doc(hidden)]
    type Sealing: Sign<Opening = Self::Opening> + JwkSealing;
    #[doc(hidden)]
    type Opening: Check + JwkOpening;
    /// The name that is written.
    const NAME: &'static str;
    #[doc(hidden)]
    const SYMMETRIC: bool;
    /// The names that are read.
    const ACCEPTED: &'static [&'static str];
}

/// An algorithm whose keys are pairs: one half signs, and the other may be known to everybody. Sealed.
pub trait AsymmetricAlgorithm: Algorithm<Sealing: PemPair, Opening: PemPublic + JwkPublic> {}

/// An algorithm whose key is one shared secret: HMAC. Sealed.
pub trait SymmetricAlgorithm: Algorithm<Sealing: SharedSecret> {}

macro_rules! algorithms {
    ($kind:ident: $($(#[$doc:meta])* $name:ident = $written:literal, reads $accepted:expr, $sealing:ty => $opening:ty;)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}
        impl Sealed for $name {}
        impl Algorithm for $name {
            type Sealing = $sealing;
            type Opening = $opening;
            const NAME: &'static str = $written;
            const ACCEPTED: &'static [&'static str] = &$accepted;
            const SYMMETRIC: bool = algorithms!(@$kind);
        }
        impl $kind for $name {}
    )* };
    (@SymmetricAlgorithm) => { true };
    (@AsymmetricAlgorithm) => { false };
}

algorithms! {
    SymmetricAlgorithm:
    /// HMAC with SHA-256: one secret signs and verifies (RFC 7518 §3.2).
    Hs256 = "HS256", reads ["HS256"], HmacKey<crypto::Sha256> => HmacKey<crypto::Sha256>;
    /// HMAC with SHA-384 (RFC 7518 §3.2); its secrets have 48 bytes or more.
    Hs384 = "HS384", reads ["HS384"], HmacKey<crypto::Sha384> => HmacKey<crypto::Sha384>;
    /// HMAC with SHA-512 (RFC 7518 §3.2); its secrets have 64 bytes or more.
    Hs512 = "HS512", reads ["HS512"], HmacKey<crypto::Sha512> => HmacKey<crypto::Sha512>;
}

algorithms! {
    AsymmetricAlgorithm:
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3). For partners who can do nothing else; new keys have 3072 bits.
    Rs256 = "RS256", reads ["RS256"], RsaPair<crypto::Rs256> => RsaKey<crypto::Rs256>;
    /// RSASSA-PKCS1-v1_5 with SHA-384 (RFC 7518 §3.3). For partners who can do nothing else; new keys have 3072 bits.
    Rs384 = "RS384", reads ["RS384"], RsaPair<crypto::Rs384> => RsaKey<crypto::Rs384>;
    /// RSASSA-PKCS1-v1_5 with SHA-512 (RFC 7518 §3.3). For partners who can do nothing else; new keys have 3072 bits.
    Rs512 = "RS512", reads ["RS512"], RsaPair<crypto::Rs512> => RsaKey<crypto::Rs512>;
    /// RSASSA-PSS with SHA-256 (RFC 7518 §3.5); new keys have 3072 bits.
    Ps256 = "PS256", reads ["PS256"], RsaPair<crypto::Ps256> => RsaKey<crypto::Ps256>;
    /// RSASSA-PSS with SHA-384 (RFC 7518 §3.5); new keys have 3072 bits.
    Ps384 = "PS384", reads ["PS384"], RsaPair<crypto::Ps384> => RsaKey<crypto::Ps384>;
    /// RSASSA-PSS with SHA-512 (RFC 7518 §3.5); new keys have 3072 bits.
    Ps512 = "PS512", reads ["PS512"], RsaPair<crypto::Ps512> => RsaKey<crypto::Ps512>;
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    Es256 = "ES256", reads ["ES256"], EcPair<crypto::P256> => EcPoint<crypto::P256>;
    /// ECDSA on P-384 with SHA-384 (RFC 7518 §3.4).
    Es384 = "ES384", reads ["ES384"], EcPair<crypto::P384> => EcPoint<crypto::P384>;
    /// ECDSA on P-521 with SHA-512 (RFC 7518 §3.4).
    Es512 = "ES512", reads ["ES512"], EcPair<crypto::P521> => EcPoint<crypto::P521>;
    /// Ed25519 (RFC 8037). Writes the header name `EdDSA`, or `Ed25519` (RFC 9864) where the
    /// [issuer](crate::IssuerBuilder::fully_specified_algorithm) is told to, and reads both, since both name this one algorithm.
    EdDsa = "EdDSA", reads ["EdDSA", EdDsa::FULLY_SPECIFIED], Ed25519Pair => Ed25519Point;
    /// ML-DSA-44 (FIPS 204, RFC 9964): holds against quantum computers. A signature is 3227 characters long.
    MlDsa44 = "ML-DSA-44", reads ["ML-DSA-44"], MlDsaPair<crypto::MlDsa44> => MlDsaKey<crypto::MlDsa44>;
    /// ML-DSA-65 (FIPS 204, RFC 9964): holds against quantum computers. A signature is 4412 characters long.
    MlDsa65 = "ML-DSA-65", reads ["ML-DSA-65"], MlDsaPair<crypto::MlDsa65> => MlDsaKey<crypto::MlDsa65>;
    /// ML-DSA-87 (FIPS 204, RFC 9964): holds against quantum computers. A signature is 6170 characters long, which leaves less than
    /// 2 KiB of the 8 KiB that a token may have ([`limits::TOKEN_LENGTH`](crate::limits::TOKEN_LENGTH)) to header and claims.
    MlDsa87 = "ML-DSA-87", reads ["ML-DSA-87"], MlDsaPair<crypto::MlDsa87> => MlDsaKey<crypto::MlDsa87>;
}

impl EdDsa {
    /// The name of RFC 9864, which says the curve too.
    pub(crate) const FULLY_SPECIFIED: &'static str = "Ed25519";
}

impl<A> Sealed for Jwt<A> {}
impl<A: Algorithm> JwkKeys for Jwt<A> {}
impl<A: SymmetricAlgorithm> Symmetric for Jwt<A> {}
impl<A: AsymmetricAlgorithm> Asymmetric for Jwt<A> {}
impl<A: AsymmetricAlgorithm> PemKeys for Jwt<A> {}
impl<A: AsymmetricAlgorithm> Published for Jwt<A> {}

impl<A: Algorithm> Format for Jwt<A> {
    type Sealing = A::Sealing;
    type Opening = A::Opening;
    const NAME: &'static str = A::NAME;
    const SYMMETRIC: bool = A::SYMMETRIC;
    const TIMES: TimeEncoding = TimeEncoding::NumericDate;

    /// 128 random bits: a hash of a secret would tell something about it, and a hash of a public key needs no secrecy but
    /// also brings nothing. None begins with a hyphen, which a program's arguments would take for an option.
    fn name_key(_: &Self::Opening) -> Result<KeyId, KeyError> {
        loop {
            let mut text = String::with_capacity(22);
            encode(&random::bytes::<16>()?, &mut text);
            if !text.starts_with('-') {
                return KeyId::new(text).ok_or(KeyError::NoRandomness);
            }
        }
    }

    fn envelope(key_id: Option<&KeyId>, binding: &Binding) -> Envelope {
        let token_type = binding.token_type.as_deref();
        let written = binding.algorithm_name.unwrap_or(A::NAME);
        let alternate = A::ACCEPTED.iter().find(|name| **name != written).map(|name| header(name, key_id, token_type));
        Envelope {
            text: header(written, key_id, token_type),
            alternate,
            footer: Box::default(),
            assertion: Box::default(),
            tail: Box::default(),
        }
    }

    #[inline]
    fn sealed_length(key: &Self::Sealing, envelope: &Envelope, payload: usize) -> usize {
        let pieces = [envelope.text.len(), 1, encoded_length(payload), 1, encoded_length(key.seal_length())];
        pieces.into_iter().fold(0, usize::saturating_add)
    }

    fn seal(key: &Self::Sealing, envelope: &Envelope, scratch: &mut Scratch) -> Result<String, KeyError> {
        let mut token = String::with_capacity(Self::sealed_length(key, envelope, scratch.payload.len()));
        token.push_str(&envelope.text);
        token.push('.');
        encode(&scratch.payload, &mut token);
        scratch.work.clear();
        key.sign_into(token.as_bytes(), &mut scratch.work)?;
        token.push('.');
        encode(&scratch.work, &mut token);
        Ok(token)
    }

    #[inline]
    fn is_exactly(parts: &Parts<'_>, envelope: &Envelope) -> bool {
        let Parts::Jws { header, .. } = parts else { return false };
        **header == *envelope.text || envelope.alternate.as_deref().is_some_and(|alternate| *header == alternate)
    }

    fn examine<'h>(parts: &Parts<'_>, head: &'h Head, binding: &Binding) -> Examined<'h> {
        let (Parts::Jws { .. }, Some(algorithm)) = (parts, head.algorithm.as_deref()) else { return Examined::NotMine };
        // The header's algorithm is compared and never chooses (CVE-2015-9235); exact bytes, so `none` in any spelling is
        // just another wrong name.
        if !A::ACCEPTED.contains(&algorithm) {
            return Examined::OtherAlgorithm;
        }
        let type_matches = match (binding.token_type.as_deref(), head.token_type.as_deref()) {
            (Some(wanted), found) => found.is_some_and(|found| head::is_media_type(found, wanted)),
            // RFC 7519 §5.1: `JWT` says nothing more than that it is one. Any other type is another kind of token (RFC 8725 §3.11).
            (None, found) => binding.any_type || found.is_none_or(|found| head::is_media_type(found, "JWT")),
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

/// The encoded header.
fn header(algorithm: &str, key_id: Option<&KeyId>, token_type: Option<&str>) -> Box<str> {
    let mut header = serde_json::Map::new();
    header.insert("alg".to_owned(), algorithm.into());
    if let Some(key_id) = key_id {
        header.insert("kid".to_owned(), key_id.as_str().into());
    }
    if let Some(token_type) = token_type {
        header.insert("typ".to_owned(), token_type.into());
    }
    let mut text = String::new();
    encode(serde_json::Value::Object(header).to_string().as_bytes(), &mut text);
    text.into()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SealingHalf;

    /// A token of our own is found without parsing, by either name of its algorithm and by no other.
    #[test]
    fn both_names_take_the_short_way() {
        #[track_caller]
        fn check<A: Algorithm>(binding: &Binding, written: &str, ours: &[&str]) {
            let key_id = KeyId::literal("k1");
            let envelope = Jwt::<A>::envelope(Some(&key_id), binding);
            assert_eq!(envelope.text, header(written, Some(&key_id), Some("at+jwt")));
            for name in ["EdDSA", "Ed25519", "Ed448", "eddsa", "ES256", "none"] {
                for (id, token_type) in [("k1", "at+jwt"), ("k2", "at+jwt"), ("k1", "rt+jwt")] {
                    let text = format!("{}.e30.c2VhbA", header(name, Some(&KeyId::literal(id)), Some(token_type)));
                    let parts = Parts::split(&text, 1024).unwrap();
                    let want = ours.contains(&name) && (id, token_type) == ("k1", "at+jwt");
                    assert_eq!(Jwt::<A>::is_exactly(&parts, &envelope), want, "{name} {id} {token_type}");
                }
            }
        }
        let binding = Binding { token_type: Some("at+jwt".into()), ..Binding::default() };
        check::<EdDsa>(&binding, "EdDSA", &["EdDSA", "Ed25519"]);
        check::<Es256>(&binding, "ES256", &["ES256"]);
        let binding = Binding { algorithm_name: Some(EdDsa::FULLY_SPECIFIED), ..binding };
        check::<EdDsa>(&binding, "Ed25519", &["EdDSA", "Ed25519"]);
    }

    /// Every token is one allocation beside what the library takes for the signature.
    #[test]
    fn the_room_for_a_token_is_exact() {
        fn check<A: Algorithm>() {
            let key = <Jwt<A> as Format>::Sealing::generate().unwrap();
            let envelope = Jwt::<A>::envelope(None, &Binding::default());
            let mut scratch = Scratch::default();
            scratch.payload.extend_from_slice(&[b'a'; 100]);
            let token = Jwt::<A>::seal(&key, &envelope, &mut scratch).unwrap();
            assert_eq!(token.capacity(), token.len(), "{}", A::NAME);
        }
        check::<Hs256>();
        check::<Hs384>();
        check::<Hs512>();
        check::<Ps256>();
        check::<Es256>();
        check::<Es384>();
        check::<Es512>();
        check::<EdDsa>();
        check::<MlDsa44>();
        check::<MlDsa65>();
        check::<MlDsa87>();
    }
}
