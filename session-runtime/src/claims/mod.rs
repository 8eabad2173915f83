//! Claims types: the traits that the derive implements, and the schema that it writes down.
//!
//! Layer 2. `json` reads one object strictly, `reader` carries its members into slots and registered claims, `field` is what
//! generated code calls for one field, `writer` is the way out, and `policy` judges.

use std::time::Duration;

use crate::error::{ClaimErrors, IssueError};

mod audience;
mod field;
pub(crate) mod json;
pub(crate) mod policy;
pub(crate) mod reader;
mod schema;
mod times;
mod writer;

pub use audience::{Audience, AudienceClaim};
pub use field::{
    Outcome, Raw, Slot, check, fill, fill_audience, fill_time, fill_with, or_default, or_else, put, put_audience, put_text, put_time,
    put_with, require, require_audience, require_time, require_with,
};
pub use schema::{Expectation, Role, Schema, Spec};
pub use times::{TimeClaim, TimeEncoding};
pub use writer::{JsonSerializer, Writer};

/// What is known of a claims type without a lifetime. Written by `#[derive(Claims)]`, never by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a claims type",
    note = "write `#[derive(Claims)]` and `#[claims(…)]` on the struct"
)]
pub trait ClaimsType {
    /// Everything that the attributes say.
    const SCHEMA: &'static Schema;
    /// The type with the lifetime of the text that it borrows from; `Self` for types that own their values.
    type At<'de>: Claims<'de>;
}

/// How a claims type is read and written. Written by `#[derive(Claims)]`, never by hand.
pub trait Claims<'de>: Sized {
    /// One slot a field: what has been read so far.
    type Slots;

    /// All slots empty.
    fn slots() -> Self::Slots;

    /// Reads one claim into its slot; `claim` is its index in [`Schema::claims`]. `None` when the value does not fit the field.
    fn read(slots: &mut Self::Slots, claim: usize, value: Raw<'de>) -> Option<()>;

    /// The value, or every claim that is missing.
    fn build(slots: Self::Slots, errors: &mut ClaimErrors) -> Option<Self>;

    /// Runs the checks of the attributes, all of them.
    fn check(&self, errors: &mut ClaimErrors);

    /// Writes every field.
    ///
    /// # Errors
    /// [`IssueError`] when a field cannot stand for its claim.
    fn write(&self, out: &mut Writer<'_>) -> Result<(), IssueError>;
}

/// A claims type that owns all its values, so that it may outlive the token's text. Every type without a lifetime is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` borrows from the token's text",
    note = "give the claims type owned fields (`String` in place of `&str`) to use it here"
)]
pub trait OwnedClaims: ClaimsType + for<'de> Claims<'de> + 'static {}

impl<C: ClaimsType + for<'de> Claims<'de> + 'static> OwnedClaims for C {}

/// The longest life of a type's tokens, in words that the derive and the policy share: `max_ttl`, else 24 hours.
pub(crate) fn longest_life(schema: &Schema) -> Duration {
    schema.max_ttl.unwrap_or(crate::limits::MAX_TTL)
}
