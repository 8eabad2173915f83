//! What can be wrong with a token, by name.

use std::fmt;

macro_rules! bad {
    ($($(#[$doc:meta])* $name:ident = $words:literal;)*) => {
        /// One thing that can be wrong with a token.
        ///
        /// Not every format and every claims type has all of them: a PASETO has no `alg`, a type without audience no wrong one.
        ///
        /// # Example
        /// ```
        /// use session_runtime::testing::Bad;
        ///
        /// assert_eq!(Bad::ExpiredByOneSecond.to_string(), "expired by one second");
        /// assert!(Bad::ALL.contains(&Bad::NoAlgorithm));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Bad {
            $($(#[$doc])* $name,)*
        }

        impl Bad {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// What is wrong, in words.
            fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)*
                }
            }
        }
    };
}

bad! {
    // Times.
    /// Dead since one second, leeway included.
    ExpiredByOneSecond = "expired by one second";
    /// Dead since this very second, leeway included: a token is dead *at* `exp` (RFC 7519 §4.1.4).
    ExpiredAtTheEdge = "expired in this very second";
    /// Without `exp`, which the type needs.
    NoExpiry = "no `exp`";
    /// `exp` as text in a JWT, as a number in a PASETO (CVE-2026-25537 took it for absent).
    ExpiryOfAnotherType = "`exp` of another JSON type";
    /// `exp` before all time.
    ExpiryBelowZero = "`exp` below zero";
    /// `exp` beyond every date: above 2^53 in a JWT, with a year of five digits in a PASETO.
    ExpiryTooLarge = "`exp` too large";
    /// `nbf` one second too far ahead.
    NotYetValid = "not yet valid by one second";
    /// `iat` one second too far ahead.
    IssuedInTheFuture = "issued one second in the future";
    /// Without `iat`, which the type needs.
    NoIssuedAt = "no `iat`";
    /// Lives one second longer than the type allows.
    LivesTooLong = "lives one second too long";
    // From whom and for whom.
    /// Another issuer, whose name begins with the right one.
    WrongIssuer = "another issuer";
    /// Without `iss`, which the type needs.
    NoIssuer = "no `iss`";
    /// `iss` as a list that holds the right one (CVE-2025-30144).
    IssuerList = "`iss` as a list";
    /// With `iss`, of which the type declares none.
    UnexpectedIssuer = "`iss` that nobody expects";
    /// For another audience, whose name begins with the right one.
    WrongAudience = "another audience";
    /// Without `aud`, which the type needs.
    NoAudience = "no `aud`";
    /// `aud` as a number.
    AudienceOfAnotherType = "`aud` as a number";
    /// With `aud`, of which the type declares none.
    UnexpectedAudience = "`aud` that nobody expects";
    // What it is.
    /// A token of another type: `typ` in JWT, the implicit assertion in PASETO (RFC 8725 §3.11).
    WrongType = "a token of another type";
    /// A token that does not say its type.
    NoType = "a token without a type";
    /// Bound to another implicit assertion.
    WrongAssertion = "another implicit assertion";
    // Claims of the type.
    /// Without a claim that the type needs; one token for each.
    ClaimMissing = "a claim that is missing";
    /// With a claim of another JSON type than its field's; one token for each.
    ClaimOfAnotherType = "a claim of another JSON type";
    /// With a claim outside of its `one_of`, `range` or `max_len`; one token for each.
    ClaimOutOfBounds = "a claim out of its bounds";
    /// With a claim that the type does not know and denies.
    UnknownClaim = "a claim that the type does not know";
    /// Without `jti`, which revocation needs.
    NoTokenId = "no `jti`";
    /// Without `gen`, which revocation needs.
    NoLogPosition = "no `gen`";
    // The payload.
    /// A claim twice with the same value (RFC 7519 §4).
    DuplicateClaim = "a claim twice";
    /// A claim twice with two values: readers differ in which one wins.
    DuplicateWithAnotherValue = "a claim twice with two values";
    /// A claim twice, once with an escape in its name.
    DuplicateInAnotherSpelling = "a claim twice in two spellings";
    /// A name twice that no type knows.
    DuplicateUnknown = "an unknown name twice";
    /// A name twice in an object inside of the payload.
    DuplicateInside = "a name twice in an inner object";
    /// A payload that is a list.
    PayloadNoObject = "a payload that is no object";
    /// A payload with a byte that is not UTF-8.
    PayloadNotUtf8 = "a payload that is not UTF-8";
    /// A payload with text after the object.
    PayloadWithMore = "text after the payload";
    /// A payload with a comma after its last member.
    PayloadWithAComma = "a comma at the end of the payload";
    /// A payload one level deeper than is read.
    PayloadTooDeep = "a payload that is too deep";
    /// A payload of one member more than is read.
    PayloadTooWide = "too many members";
    /// A payload with a text of one byte more than is read.
    TextTooLong = "a text in the payload that is too long";
    // The header or footer.
    /// A header with `crit` (RFC 7515 §4.1.11).
    CriticalExtension = "an unknown `crit`";
    /// A header that brings a key (CVE-2018-0114).
    EmbeddedKey = "a key in the header";
    /// A header that links a key set.
    LinkedKey = "a link to keys in the header";
    /// A header with `zip` (CVE-2024-28180).
    Compressed = "a compressed payload";
    /// A header that announces a token inside of the token (RFC 7519 §5.2).
    Nested = "a token in the token";
    /// The algorithm `none`, and no seal.
    NoAlgorithm = "algorithm `none`";
    /// Another algorithm's name over a seal that fits.
    AlgorithmSwapped = "another algorithm's name";
    /// `HS256` with the text of the public key for its secret (CVE-2015-9235).
    SealedWithPublicKey = "sealed with the public key as a secret";
    /// A header with `alg` twice.
    HeaderTwice = "a header with a name twice";
    /// The name of a key that nobody has.
    UnknownKey = "an unknown key id";
    /// No key id, where the keys have names.
    NoKeyId = "no key id";
    // The seal.
    /// Sealed with another key under our key's name.
    AnotherKey = "sealed with another key";
    /// One bit of the seal changed.
    SealChanged = "one bit of the seal changed";
    /// The last byte of the seal cut off.
    SealCut = "a seal that is too short";
    /// The seal cut off.
    NoSeal = "no seal";
    /// The claims changed after they were sealed.
    ClaimsChanged = "claims changed after sealing";
    /// The header or footer changed after it was sealed.
    HeaderChanged = "header or footer changed after sealing";
    // The text.
    /// Cut off, at several places.
    Truncated = "cut off";
    /// One character more.
    OneCharacterMore = "one character more";
    /// With the padding of base64.
    Padded = "base64 padding";
    /// A space before it.
    SpaceBefore = "a space before";
    /// A space after it.
    SpaceAfter = "a space after";
    /// Its last bits set that base64url has to leave zero: a second spelling of the same token.
    AnotherSpelling = "base64url with loose bits";
    /// A part too few.
    TooFewParts = "a part too few";
    /// Parts too many, as a JWE has them (CVE-2023-51774).
    TooManyParts = "too many parts";
    /// The prefix of another format.
    AnotherFormat = "another format";
    /// The JSON serialization of JWS.
    JsonSerialization = "JSON serialization";
    /// No text at all.
    Empty = "an empty text";
    /// A text of one byte more than is read.
    TooLong = "a text that is too long";
    // Keys and revocations.
    /// A token that was revoked; made by [`Forge::revoked`](super::Forge::revoked).
    Revoked = "revoked";
    /// A token under a key that is in other hands; made by [`Forge::compromised`](super::Forge::compromised).
    CompromisedKey = "under a compromised key";
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
