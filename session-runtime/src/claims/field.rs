//! One field of a claims type: what generated code calls to read it, to require it, to check it and to write it.
//!
//! Free functions with a turbofish of the field's type, because the compiler then marks the user's field when a bound fails.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor, value::BorrowedStrDeserializer},
};

use super::{
    audience::{Audience, AudienceClaim},
    json::Elements,
    schema::Role,
    times::{TimeClaim, TimeEncoding},
    writer::{JsonSerializer, Writer},
};
use crate::error::{ClaimErrors, IssueError, Problem};

/// The place of one field while a payload is read.
#[derive(Debug)]
pub struct Slot<T>(Option<T>);

impl<T> Slot<T> {
    /// Nothing read yet.
    pub const EMPTY: Self = Self(None);
}

/// The text of one claim's value, already known to be strict JSON within the limits.
///
/// It is a serde deserializer; a plain string goes straight to the field without being scanned again.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'de> {
    text: &'de str,
    plain: Option<&'de str>,
    times: TimeEncoding,
}

impl<'de> Raw<'de> {
    /// `plain` is what stands between the quotes when `text` is a string without any escape.
    pub(crate) fn new(text: &'de str, plain: Option<&'de str>, times: TimeEncoding) -> Self {
        Self { text, plain, times }
    }

    /// The JSON text.
    pub(crate) fn json(self) -> &'de str {
        self.text
    }

    /// How this payload's format writes times.
    pub(crate) fn times(self) -> TimeEncoding {
        self.times
    }

    /// What stands between the quotes of a string without escapes.
    pub(crate) fn plain(self) -> Option<&'de str> {
        self.plain
    }
}

macro_rules! plain_text_first {
    ($($method:ident),*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            match self.plain() {
                Some(text) => visitor.visit_borrowed_str(text),
                None => serde_json::Deserializer::from_str(self.text).$method(visitor),
            }
        }
    )* };
}

macro_rules! through_serde_json {
    ($($method:ident($($argument:ident: $type:ty),*)),*) => { $(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Self::Error> {
            serde_json::Deserializer::from_str(self.text).$method($($argument,)* visitor)
        }
    )* };
}

impl<'de> Deserializer<'de> for Raw<'de> {
    type Error = serde_json::Error;

    plain_text_first!(deserialize_any, deserialize_str, deserialize_string, deserialize_identifier);

    /// Element by element, so that strings in a list are as cheap as strings alone.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        // What is no array is refused in serde_json's words.
        let Some(elements) = Elements::open(self.text) else {
            return serde_json::Deserializer::from_str(self.text).deserialize_seq(visitor);
        };
        let mut list = List { elements, times: self.times };
        let value = visitor.visit_seq(&mut list)?;
        // As in serde_json, elements that the visitor left refuse the value.
        if list.elements.next_element().is_ok_and(|left| left.is_none()) { Ok(value) } else { Err(not_a_list()) }
    }

    through_serde_json!(
        deserialize_bool(), deserialize_i8(), deserialize_i16(), deserialize_i32(), deserialize_i64(), deserialize_i128(),
        deserialize_u8(), deserialize_u16(), deserialize_u32(), deserialize_u64(), deserialize_u128(), deserialize_f32(),
        deserialize_f64(), deserialize_char(), deserialize_bytes(), deserialize_byte_buf(), deserialize_unit(),
        deserialize_unit_struct(name: &'static str), deserialize_newtype_struct(name: &'static str),
        deserialize_tuple(length: usize), deserialize_tuple_struct(name: &'static str, length: usize), deserialize_map(),
        deserialize_struct(name: &'static str, fields: &'static [&'static str]),
        deserialize_ignored_any()
    );

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.text == "null" { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self.plain() {
            Some(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            None if self.text.starts_with('{') => {
                serde_json::Deserializer::from_str(self.text).deserialize_enum(name, variants, WithData(visitor))
            }
            None => serde_json::Deserializer::from_str(self.text).deserialize_enum(name, variants, visitor),
        }
    }
}

/// Reads an enum from an object, where its variant has to hold data. serde_json would also read `{"admin":null}` as the variant
/// that is written `"admin"`: a second spelling, which no other reader of the claim takes.
///
/// Enums deeper inside of a field's own type are read by serde_json and keep that spelling.
struct WithData<T>(T);

impl<'de, V: Visitor<'de>> Visitor<'de> for WithData<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.expecting(f)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Self::Value, A::Error> {
        self.0.visit_enum(WithData(data))
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for WithData<A> {
    type Error = A::Error;
    type Variant = WithData<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), Self::Error> {
        self.0.variant_seed(seed).map(|(name, variant)| (name, WithData(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for WithData<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        Err(de::Error::custom("a variant without data is written as its name"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Self::Error> {
        self.0.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.tuple_variant(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Self::Error> {
        self.0.struct_variant(fields, visitor)
    }
}

/// The elements of a list, each of them handed on as a value of its own.
struct List<'de> {
    elements: Elements<'de>,
    times: TimeEncoding,
}

impl<'de> de::SeqAccess<'de> for List<'de> {
    type Error = serde_json::Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Self::Error> {
        match self.elements.next_element().map_err(|_| not_a_list())? {
            Some((text, plain)) => seed.deserialize(Raw::new(text, plain, self.times)).map(Some),
            None => Ok(None),
        }
    }
}

#[cold]
fn not_a_list() -> serde_json::Error {
    de::Error::custom("not the elements that were expected")
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

/// Reads a time in the payload's own encoding.
#[inline]
pub fn fill_time<T: TimeClaim>(slot: &mut Slot<T>, value: Raw<'_>, role: Role) -> Option<()> {
    let time = super::times::read(value, role)?;
    slot.0 = Some(T::from_timestamp(time)?);
    Some(())
}

/// Reads an audience.
#[inline]
pub fn fill_audience<T: AudienceClaim>(slot: &mut Slot<T>, value: Raw<'_>) -> Option<()> {
    slot.0 = Some(T::from_audience(Audience::deserialize(value).ok()?)?);
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

/// The slot's time.
#[inline]
pub fn require_time<T: TimeClaim>(slot: Slot<T>, claim: &'static str, errors: &mut ClaimErrors) -> Option<T> {
    match slot.0 {
        None => missing(T::absent(), claim, errors),
        value => value,
    }
}

/// The slot's audience.
#[inline]
pub fn require_audience<T: AudienceClaim>(slot: Slot<T>, claim: &'static str, errors: &mut ClaimErrors) -> Option<T> {
    match slot.0 {
        None => missing(T::absent(), claim, errors),
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
fn missing<T>(absent: Option<T>, claim: &'static str, errors: &mut ClaimErrors) -> Option<T> {
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

/// Writes `iss`, `sub` or `jti`; what serializes to `null` is left to the policy.
///
/// # Errors
/// [`IssueError::Unwritable`] when `Serialize` fails, [`IssueError::Claims`] when it does not give a JSON string.
#[inline]
pub fn put_text<T: Serialize>(out: &mut Writer<'_>, role: Role, value: &T) -> Result<(), IssueError> {
    out.text(role, value)
}

/// Writes `exp`, `nbf` or `iat` in the format's own encoding; `None` is left to the policy.
///
/// # Errors
/// [`IssueError::Claims`] when the value is outside what a time claim can say.
#[inline]
pub fn put_time<T: TimeClaim>(out: &mut Writer<'_>, role: Role, value: &T) -> Result<(), IssueError> {
    out.time(role, value.to_timestamp())
}

/// Writes `aud`; `None` is left to the policy.
///
/// # Errors
/// [`IssueError::Claims`] when the audience is empty.
#[inline]
pub fn put_audience<T: AudienceClaim>(out: &mut Writer<'_>, value: &T) -> Result<(), IssueError> {
    out.audience(value.to_audience())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Role {
        Admin,
        Guest { of: String },
        Level(u8),
    }

    #[track_caller]
    fn check<'t, T: Deserialize<'t> + PartialEq + std::fmt::Debug>(json: &'t str, want: Option<T>) {
        let mut slot = Slot::EMPTY;
        let plain = (json.starts_with('"') && !json.contains('\\')).then(|| &json[1..json.len() - 1]);
        fill::<T>(&mut slot, Raw::new(json, plain, TimeEncoding::NumericDate));
        assert_eq!(slot.0, want, "{json}");
    }

    #[test]
    fn an_enum_has_one_spelling() {
        check(r#""admin""#, Some(Role::Admin));
        check(r#""\u0061dmin""#, Some(Role::Admin));
        check(r#"{"guest":{"of":"ada"}}"#, Some(Role::Guest { of: "ada".to_owned() }));
        check(r#"{"level":3}"#, Some(Role::Level(3)));
        check(r#""admin""#, Some(Some(Role::Admin)));
        check::<Option<Role>>("null", Some(None));
        for refused in [r#"{"admin":null}"#, r#""Admin""#, r#""level""#, r#"["admin"]"#, r#"{"level":3,"x":1}"#, "0", "{}"] {
            check::<Role>(refused, None);
            check::<Option<Role>>(refused, None);
        }
    }
}
