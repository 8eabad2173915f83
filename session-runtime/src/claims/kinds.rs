//! The kinds of fields: a trait for each registered claim and one for claims of the type's own, by which generated code reads, requires
//! and writes a field of that kind.
//!
//! Named by the field's type, because the compiler then marks the user's field when a bound fails.

use serde::{Deserialize, Serialize};

use super::{
    audience::{Audience, AudienceClaim},
    field::{self, Slot, set, taken},
    raw::Raw,
    spec::Role,
    times::{self, TimeClaim},
    writer::Writer,
};
use crate::error::{ClaimErrors, IssueError};

/// Declares how fields of one kind are read, required and written. One trait for the three, because the compiler then has one sentence
/// about a type that does not fit, and not three.
macro_rules! kind {
    ($(#[$attribute:meta])* $name:ident $(<$de:lifetime $(, $way:ident)?>)?: $raw:ty) => {
        $(#[$attribute])*
        pub trait $name $(<$de $(, $way)?>)?: Sized {
            /// Reads a value into its slot; `None` when it does not fit.
            fn fill(slot: &mut Slot<Self>, value: $raw) -> Option<()>;

            /// The slot's value; a type that may be absent is, any other is reported as missing.
            fn require(slot: Slot<Self>, claim: &'static str, errors: &mut ClaimErrors) -> Option<Self>;

            /// Writes the field; a value that is not there is left out, or to the policy.
            ///
            /// # Errors
            /// [`IssueError::Unwritable`] when the value's `Serialize` fails, [`IssueError::Claims`] when it is nothing that the claim
            /// can hold.
            fn put(out: &mut Writer<'_>, claim: &'static str, value: &Self) -> Result<(), IssueError>;
        }
    };
}

/// How a type comes to be a claim: by serde's traits.
#[derive(Debug, Clone, Copy)]
pub enum BySerde {}

/// Another way, which no type takes. With one impl to choose from, the compiler would tell of both of serde's traits, in two errors with all
/// types that have them; since there are two, it says once that neither fits.
#[derive(Debug, Clone, Copy)]
pub enum Otherwise {}

/// No type has it.
pub trait Never {}

/// The impl of a kind that is for no type.
macro_rules! otherwise {
    ($name:ident<$de:lifetime>: $raw:ty) => {
        impl<$de, T: $crate::claims::kinds::Never> $name<$de, $crate::claims::kinds::Otherwise> for T {
            fn fill(_: &mut Slot<T>, _: $raw) -> Option<()> {
                None
            }
            fn require(_: Slot<T>, _: &'static str, _: &mut ClaimErrors) -> Option<T> {
                None
            }
            fn put(_: &mut Writer<'_>, _: &'static str, _: &T) -> Result<(), IssueError> {
                Ok(())
            }
        }
    };
}

/// The impl of a kind for all types that serde reads and writes, which differ in how they are written.
macro_rules! by_serde {
    ($name:ident: |$out:ident, $claim:ident, $value:ident| $write:expr) => {
        impl<'de, T: Serialize + Deserialize<'de>> $name<'de, $crate::claims::kinds::BySerde> for T {
            #[inline]
            fn fill(slot: &mut Slot<T>, value: Raw<'de>) -> Option<()> {
                field::fill(slot, value)
            }
            #[inline]
            fn require(slot: Slot<T>, claim: &'static str, errors: &mut ClaimErrors) -> Option<T> {
                field::require(slot, claim, errors)
            }
            #[inline]
            fn put($out: &mut Writer<'_>, $claim: &'static str, $value: &T) -> Result<(), IssueError> {
                $write
            }
        }
    };
}

pub(super) use {by_serde, kind, otherwise};

kind! {
    /// A claim of the type's own, by its serde implementations.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be a claim",
        note = "derive `serde::Serialize` and `serde::Deserialize` for it, or name a module that reads and writes it, by `#[claim(with = …)]`",
        note = "a `Secret` stands in a field that is `#[claim(confidential)]`"
    )]
    Own<'de, Way>: Raw<'de>
}

otherwise!(Own<'de>: Raw<'de>);

by_serde!(Own: |out, claim, value| field::put(out, claim, value));

/// Registered claims that are texts: any type that serializes to a JSON string.
macro_rules! text_claims {
    ($($name:ident $role:ident $wire:literal)*) => { $(
        kind! {
            #[doc = concat!("`", $wire, "`")]
            #[diagnostic::on_unimplemented(
                message = "`{Self}` cannot hold a text claim",
                note = "use a type that serializes to a JSON string: `String`, a newtype of one, an enum of names, or an `Option` of such a type",
                note = "derive `serde::Serialize` and `serde::Deserialize` for a type of your own"
            )]
            $name<'de, Way>: Raw<'de>
        }

        otherwise!($name<'de>: Raw<'de>);

        by_serde!($name: |out, _claim, value| out.text(Role::$role, value));
    )* };
}
text_claims! { Iss Issuer "iss" Sub Subject "sub" Jti TokenId "jti" Sid SessionId "sid" }

/// Registered claims whose values only types of one trait can be.
macro_rules! claims_by_trait {
    ($(#[$attribute:meta])* $name:ident by $trait:ident: |$raw:ident| $read:expr, |$out:ident, $value:ident| $write:expr) => {
        kind! {
            $(#[$attribute])*
            $name: Raw<'_>
        }

        impl<T: $trait> $name for T {
            #[inline]
            fn fill(slot: &mut Slot<T>, $raw: Raw<'_>) -> Option<()> {
                set(slot, $read?);
                Some(())
            }
            #[inline]
            fn require(slot: Slot<T>, claim: &'static str, errors: &mut ClaimErrors) -> Option<T> {
                match taken(slot) {
                    None => field::missing(T::absent(), claim, errors),
                    value => value,
                }
            }
            #[inline]
            fn put($out: &mut Writer<'_>, _: &'static str, $value: &T) -> Result<(), IssueError> {
                $write
            }
        }
    };
}

/// Times, in the payload's own encoding.
macro_rules! time_claims {
    ($($name:ident $role:ident $wire:literal)*) => { $(
        claims_by_trait! {
            #[doc = concat!("`", $wire, "`")]
            #[diagnostic::on_unimplemented(
                message = "`{Self}` cannot hold a time claim",
                note = "use `chrono::DateTime<Utc>`, `std::time::SystemTime`, `session_runtime::Timestamp`, `u64` or `i64` seconds, or an `Option` of one"
            )]
            $name by TimeClaim:
                |raw| TimeClaim::from_timestamp(times::read(raw, Role::$role)?),
                |out, value| out.time(Role::$role, value.to_timestamp())
        }
    )* };
}
time_claims! { Exp Expires "exp" Nbf NotBefore "nbf" Iat IssuedAt "iat" }

claims_by_trait! {
    /// `aud`
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot hold an audience",
        note = "use `session_runtime::Audience`, or an `Option` of it: an audience may be one text or an array (RFC 7519 §4.1.3)"
    )]
    Aud by AudienceClaim:
        |raw| AudienceClaim::from_audience(Audience::deserialize(raw).ok()?),
        |out, value| out.audience(value.to_audience())
}
