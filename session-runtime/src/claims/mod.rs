//! Claims types: what `#[derive(Claims)]` implements, and what it reads from the attributes.
//!
//! # The derive in one example
//!
//! [`manual::attributes`](crate::manual::attributes) has every word one by one, [`manual::cookbook`](crate::manual::cookbook) recipes.
//!
//! ```
//! use std::time::Duration;
//! use chrono::{DateTime, Utc};
//! use serde::{Deserialize, Serialize};
//! use session_runtime::{Audience, Claims, Issuer, KeyRing, TokenId, Verifier, jwt::{Hs256, Jwt}};
//!
//! const ISSUER: &str = "https://id.example";
//! const SHIFT: Duration = Duration::from_secs(8 * 3_600);
//!
//! #[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
//! struct UserId(String);
//!
//! #[derive(Claims, Debug, Clone, PartialEq)]
//! #[claims(
//!     token_type = "at+jwt",              // or `untyped`, for tokens of others
//!     issuer = ISSUER,                    // a literal or a constant; or `no_issuer`
//!     audience("orders", "billing"),      // one is enough for a token; or `no_audience`
//!     ttl = "15m",                        // how long an issued token lives
//!     max_ttl = SHIFT,                    // the longest life that is accepted
//!     leeway = "10s",                     // how far clocks may differ
//!     rename_all = "camelCase",
//!     deny_unknown,
//! )]
//! struct Access {
//!     #[claim(sub)]
//!     user: UserId,                       // any type that is a JSON string
//!     #[claim(aud)]
//!     audience: Option<Audience>,         // `None` is stamped by the policy
//!     #[claim(exp)]
//!     expires: Option<DateTime<Utc>>,
//!     #[claim(jti)]
//!     id: Option<TokenId>,
//!     #[claim(rename = "org")]
//!     tenant: String,
//!     #[claim(default)]
//!     roles: Vec<String>,                 // absent: empty
//!     #[claim(default = "one")]
//!     seats: u8,                          // absent: what the function gives
//!     #[claim(check = within_reason)]
//!     discount_percent: u8,               // on the wire `discountPercent`
//!     #[claim(with = "seconds")]
//!     idle: Duration,
//!     #[claim(skip)]
//!     cached: Option<String>,             // never in a token
//! }
//!
//! fn one() -> u8 {
//!     1
//! }
//!
//! /// A check answers `bool`, or `Result<(), &'static str>` to say why.
//! fn within_reason(percent: &u8) -> Result<(), &'static str> {
//!     if *percent <= 50 { Ok(()) } else { Err("nobody gives more than half") }
//! }
//!
//! mod seconds {
//!     use std::time::Duration;
//!     use serde::{Deserialize, Deserializer, Serializer};
//!
//!     pub fn serialize<S: Serializer>(idle: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
//!         serializer.serialize_u64(idle.as_secs())
//!     }
//!
//!     pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
//!         u64::deserialize(deserializer).map(Duration::from_secs)
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let ring = KeyRing::<Jwt<Hs256>>::generate()?;
//! let (issuer, verifier) = (Issuer::<Access, _>::new(&ring)?, Verifier::<Access>::new(&ring)?);
//! let access = Access {
//!     user: UserId("ada".into()),
//!     audience: None,
//!     expires: None,
//!     id: None,
//!     tenant: "acme".into(),
//!     roles: vec![],
//!     seats: 3,
//!     discount_percent: 20,
//!     idle: Duration::from_secs(60),
//!     cached: Some("not in the token".into()),
//! };
//! let issued = issuer.issue(&access)?;
//! let read = verifier.verify_now(&issued.token)?;
//! assert_eq!(read.audience, Some(Audience::from(["orders", "billing"])));
//! assert_eq!(read.id, Some(issued.id));
//! assert_eq!((read.idle, read.cached.clone()), (Duration::from_secs(60), None));
//!
//! // What breaks a check is refused, and so is what lives longer than `max_ttl`.
//! let generous = issuer.issue(&Access { discount_percent: 90, ..access.clone() })?;
//! let refused = verifier.verify_now(&generous.token).unwrap_err();
//! assert_eq!(refused.to_string(), "claim `discountPercent`: nobody gives more than half");
//! let too_long = Access { expires: Some(DateTime::<Utc>::MAX_UTC), ..access };
//! assert!(issuer.issue(&too_long).is_err());
//! # Ok(())
//! # }
//! ```
//!
//! # Inside
//!
//! Layer 2. `json` reads one object strictly, `names` says what a name stands for, `reader` carries members into slots and registered
//! claims, `nested`, `rest` and `version` are the ways beside the straight one, `raw` is one value on its way to a field, `field` is what
//! generated code calls for one field, `writer` and `plain` are the way out, and `policy` and `bounds` judge. `enforced` tells what is
//! judged, `length` how long claims can become.

use std::time::Duration;

use crate::error::{ClaimErrors, IssueError};

mod audience;
mod bounds;
mod enforced;
mod expected;
mod field;
pub(crate) mod json;
mod kinds;
mod length;
mod names;
mod nested;
mod plain;
pub(crate) mod policy;
mod raw;
pub(crate) mod reader;
mod rest;
mod schema;
mod secret;
mod spec;
mod text;
mod times;
pub(crate) mod version;
mod writer;

pub(crate) use audience::may_be_array;
pub use audience::{Audience, AudienceClaim};
pub use enforced::{Demand, Enforced, Party, Rule, Unknown};
pub(crate) use enforced::{Settings, required};
pub use field::Outcome;
pub(crate) use length::{Stamped, of_claims, of_text, of_time};
pub(crate) use reader::OTHER;
pub use schema::{Expectation, Schema, Tolerated};
pub use secret::{Conceal, Secret};
pub use spec::{Bounds, Range, Role, Spec};
pub use text::Text;
pub use times::{TimeClaim, TimeEncoding};

/// What only generated code calls: it stands in signatures and in compiler messages, and in no documentation.
#[doc(hidden)]
pub use self::{
    field::{Slot, WHOLE, check, empty, fill, fill_with, or_default, or_else, put, put_with, require, require_with, unless},
    kinds::{Aud, Exp, Iat, Iss, Jti, Nbf, Own, Sid, Sub},
    length::{Unbounded, Width},
    nested::within,
    raw::Raw,
    rest::{Flat, Rest},
    secret::Hidden,
    version::{Payload, Same, follows, upgrade},
    writer::{JsonSerializer, Writer},
};

/// What is known of a claims type without a lifetime. Written by `#[derive(Claims)]`, never by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a claims type",
    note = "write `#[derive(Claims)]` and `#[claims(…)]` on the struct"
)]
pub trait ClaimsType {
    /// Everything that the attributes say.
    const SCHEMA: &'static Schema;
    /// The type with the lifetime of the text that it borrows from; `Self` for types that own their values.
    type At<'de>: Claims<'de> + ClaimsType<Context = Self::Context>;
    /// What checks are handed beside the value: the type that `context` names, or nothing.
    type Context;
    /// [`Confidential`] where a field is; [`Open`] where everybody may read the claims.
    type Exposure;
    /// The formats that `format` names, or [`AnyFormat`].
    type Formats;

    /// The most bytes of JSON that the claims of the type's own fields can take, names and all, whatever the format; `None` where one
    /// is not bounded.
    ///
    /// A claim is bounded by `max_len`, by its type (numbers, `bool` and `char`, where the struct has a `max_len` at all), as a `String`
    /// with `one_of`, and as a time: those are written from 1970 to the year 9999 only. What the policy stamps comes on top, see
    /// [`Issuer::longest_token`](crate::Issuer::longest_token).
    ///
    /// ```
    /// use session_runtime::{Claims, claims::ClaimsType};
    ///
    /// #[derive(Claims)]
    /// #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    /// struct Access {
    ///     #[claim(sub, max_len = 36)]
    ///     user: String,
    ///     #[claim(max_len = 64)]
    ///     name: String,
    /// }
    ///
    /// const _: () = assert!(Access::MAX_ENCODED_LEN.unwrap() < 128);
    /// ```
    const MAX_ENCODED_LEN: Option<usize> = length::of_type(Self::SCHEMA);

    /// What is enforced about tokens of this type, as data with a readable `Display`; see [`Enforced`].
    ///
    /// Settings of a deployment are not in it: [`Verifier::policy`](crate::Verifier::policy) has them.
    fn policy() -> Enforced {
        Enforced::of::<Self>()
    }
}

/// Claims that everybody who sees the token may read.
#[derive(Debug, Clone, Copy)]
pub enum Open {}

/// Claims of which one at least is `confidential`.
#[derive(Debug, Clone, Copy)]
pub enum Confidential {}

/// No `format` is named: every format may carry the claims.
#[derive(Debug, Clone, Copy)]
pub enum AnyFormat {}

/// How a claims type is read and written. Written by `#[derive(Claims)]`, never by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a claims type",
    note = "write `#[derive(Claims)]` and `#[claims(…)]` on the struct"
)]
pub trait Claims<'de>: ClaimsType + Sized {
    /// One slot a field: what has been read so far.
    type Slots;

    /// All slots empty.
    fn slots() -> Self::Slots;

    /// Reads one claim into its slot; [`Raw::claim`] is its index in [`Schema::claims`]. `None` when the value does not fit the field.
    fn read(slots: &mut Self::Slots, value: Raw<'de>) -> Option<()>;

    /// Reads the claims that the type does not name into the slot of the field that takes them. `None` when they do not fit it.
    #[inline]
    fn read_rest(_slots: &mut Self::Slots, _rest: Rest<'_, 'de>) -> Option<()> {
        None
    }

    /// The value, or every claim that is missing.
    fn build(slots: Self::Slots, errors: &mut ClaimErrors) -> Option<Self>;

    /// The value from a token of the version before this one, or of one before that. A type without an older one knows none.
    #[cold]
    fn older(payload: &mut Payload<'_, 'de>, _context: &Self::Context) -> Option<Self> {
        payload.unknown_version();
        None
    }

    /// Runs the checks of the attributes, all of them.
    #[inline]
    fn check(&self, _context: &Self::Context, _errors: &mut ClaimErrors) {}

    /// Writes every field.
    ///
    /// # Errors
    /// [`IssueError`] when a field cannot stand for its claim.
    fn write(&self, out: &mut Writer<'_>) -> Result<(), IssueError>;
}

/// A claims type that owns all its values, so that it may outlive the token's text. Written by `#[derive(Claims)]` for every struct
/// without a lifetime.
#[diagnostic::on_unimplemented(
    message = "`{Self}` borrows from the token's text",
    note = "verify it into a buffer, with `verify_in` or `verify_now_in`; or give it owned fields (`String` in place of `&str`)"
)]
pub trait OwnedClaims: for<'de> ClaimsType<At<'de> = Self> + for<'de> Claims<'de> + 'static {}

/// Claims that own their values, that any format may carry, and whose checks need no context: the bound for code of yours that takes any
/// such type, which is most of them. Implemented for all of them.
///
/// ```
/// use session_runtime::{Format, Issuer, KeyRing, Verifier, claims::PlainClaims, error::ConfigError};
///
/// fn both<C: PlainClaims, F: Format>(ring: &KeyRing<F>) -> Result<(Issuer<C, F>, Verifier<C>), ConfigError> {
///     Ok((Issuer::new(ring)?, Verifier::new(ring)?))
/// }
/// ```
pub trait PlainClaims: OwnedClaims + ClaimsType<Context = (), Exposure = Open, Formats = AnyFormat> {}

impl<C: OwnedClaims + ClaimsType<Context = (), Exposure = Open, Formats = AnyFormat>> PlainClaims for C {}

/// What the checks of a type are handed when no context was: nothing.
#[diagnostic::on_unimplemented(
    message = "the checks of these claims need a `{Self}`",
    note = "hand it over: `verifier.given(&context).verify(token)`"
)]
pub trait NoContext: 'static {
    /// It.
    fn none() -> &'static Self;
}

impl NoContext for () {
    fn none() -> &'static Self {
        &()
    }
}

/// The longest life of a type's tokens, in words that the derive and the policy share: `max_ttl`, else 24 hours.
pub(crate) fn longest_life(schema: &Schema) -> Duration {
    schema.max_ttl.unwrap_or(crate::limits::MAX_TTL)
}
