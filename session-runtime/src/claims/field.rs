//! One field of a claims type: what generated code calls to read it, to require it, to check it and to write it, where the field's words
//! say more than its kind does (see `kinds`).
//!
//! Named by the field's type, because the compiler then marks the user's field when a bound fails.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, IntoDeserializer, Visitor},
};

use super::{
    raw::Raw,
    writer::{JsonSerializer, Writer},
};
use crate::error::{ClaimErrors, IssueError, Problem};

/// The place of one field while a payload is read.
#[derive(Debug)]
pub struct Slot<T>(Option<T>);

/// Nothing read yet.
#[inline]
pub const fn empty<T>() -> Slot<T> {
    Slot(None)
}

/// Fills a slot.
#[inline]
pub(super) fn set<T>(slot: &mut Slot<T>, value: T) {
    slot.0 = Some(value);
}

/// What is in a slot.
#[inline]
pub(super) fn taken<T>(slot: Slot<T>) -> Option<T> {
    slot.0
}

/// Reads a value by its own `Deserialize`.
#[inline]
pub fn fill<'de, T: Deserialize<'de>>(slot: &mut Slot<T>, value: Raw<'de>) -> Option<()> {
    slot.0 = Some(T::deserialize(value).ok()?);
    Some(())
}

/// Reads a value by the `deserialize` function of a `with` module.
#[inline]
pub fn fill_with<'de, T, F>(slot: &mut Slot<T>, value: Raw<'de>, read: F) -> Option<()>
where
    F: FnOnce(Raw<'de>) -> Result<T, serde_json::Error>,
{
    slot.0 = Some(read(value).ok()?);
    Some(())
}

/// The slot's value; a type that serde lets be absent (`Option`) is, any other is reported as missing.
#[inline]
pub fn require<'de, T: Deserialize<'de>>(slot: Slot<T>, claim: &'static str, errors: &mut ClaimErrors) -> Option<T> {
    match slot.0 {
        None => missing(T::deserialize(Absent).ok(), claim, errors),
        value => value,
    }
}

/// The slot's value for a field read by a `with` module, which has no way to say that absence is fine.
#[inline]
pub fn require_with<T>(slot: Slot<T>, claim: &'static str, errors: &mut ClaimErrors) -> Option<T> {
    match slot.0 {
        None => missing(None, claim, errors),
        value => value,
    }
}

/// The slot's value, or the type's default.
#[inline]
pub fn or_default<T: Default>(slot: Slot<T>) -> Option<T> {
    Some(slot.0.unwrap_or_default())
}

/// The slot's value, or what the function gives.
#[inline]
pub fn or_else<T>(slot: Slot<T>, default: impl FnOnce() -> T) -> Option<T> {
    Some(slot.0.unwrap_or_else(default))
}

#[cold]
pub(super) fn missing<T>(absent: Option<T>, claim: &'static str, errors: &mut ClaimErrors) -> Option<T> {
    // A claim that was there and did not fit is already reported, and is not missing.
    if absent.is_none() && errors.find(claim).is_none() {
        errors.push(claim, Problem::Missing);
    }
    absent
}

/// Stands for a claim that is not there: only types that accept absence by serde's own rules read it.
struct Absent;

impl<'de> Deserializer<'de> for Absent {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("missing"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit_struct newtype_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_> for Absent {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

/// The name under which what the check of a whole struct finds is reported.
pub const WHOLE: &str = "(claims)";

/// What a check function may answer.
#[diagnostic::on_unimplemented(
    message = "a check cannot answer `{Self}`",
    note = "answer `bool`, or `Result<(), &'static str>` to say why; a text made from the claim's value could carry it into a log"
)]
pub trait Outcome {
    /// Why the claim is refused; `None` when it is not.
    fn problem(self) -> Option<&'static str>;
}

impl Outcome for bool {
    fn problem(self) -> Option<&'static str> {
        (!self).then_some("refused by its check")
    }
}

impl Outcome for Result<(), &'static str> {
    fn problem(self) -> Option<&'static str> {
        self.err()
    }
}

/// Records what a check found.
#[inline]
pub fn check(errors: &mut ClaimErrors, claim: &'static str, outcome: impl Outcome) {
    if let Some(reason) = outcome.problem() {
        errors.push(claim, Problem::Rejected(reason));
    }
}

/// Writes a claim of the type's own; a value that serializes to `null` is left out.
///
/// # Errors
/// [`IssueError::Unwritable`] when the value's `Serialize` fails.
#[inline]
pub fn put<T: Serialize>(out: &mut Writer<'_>, claim: &'static str, value: &T) -> Result<(), IssueError> {
    out.value(claim, value)
}

/// Writes a claim by the `serialize` function of a `with` module.
///
/// # Errors
/// [`IssueError::Unwritable`] when the function fails.
#[inline]
pub fn put_with<F>(out: &mut Writer<'_>, claim: &'static str, write: F) -> Result<(), IssueError>
where
    F: FnOnce(JsonSerializer<'_, '_>) -> Result<(), serde_json::Error>,
{
    out.custom(claim, write)
}

/// Leaves a claim out when its `skip_if` says so.
///
/// # Errors
/// Those of `write`.
#[inline]
pub fn unless(left_out: bool, write: impl FnOnce() -> Result<(), IssueError>) -> Result<(), IssueError> {
    if left_out { Ok(()) } else { write() }
}
