//! The claims that a type does not name: `flatten`.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{
        self, DeserializeSeed, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, StrDeserializer},
    },
};

use super::{
    Raw, Schema, Slot, Writer, field,
    kinds::{BySerde, kind, otherwise},
    names,
    reader::OTHER,
};
use crate::error::{ClaimErrors, IssueError};

/// The members of the outer object that neither the type nor the policy knows, as a serde deserializer of a map.
#[derive(Debug, Clone, Copy)]
pub struct Rest<'r, 'de> {
    names: &'r [Cow<'de, str>],
    values: &'r [Raw<'de>],
    schema: &'r Schema,
}

impl<'r, 'de> Rest<'r, 'de> {
    /// Each name has its value at the same place.
    pub(super) fn new(names: &'r [Cow<'de, str>], values: &'r [Raw<'de>], schema: &'r Schema) -> Self {
        Self { names, values, schema }
    }
}

kind! {
    /// What takes the rest: a map, or a struct of claims that may be absent.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot take the claims that no field names",
        note = "use a map, as `BTreeMap<String, serde_json::Value>`, or a type with serde's `Serialize` and `Deserialize` that reads one"
    )]
    Flat<'de, Way>: Rest<'_, 'de>
}

otherwise!(Flat<'de>: Rest<'_, 'de>);

impl<'de, T: Serialize + Deserialize<'de>> Flat<'de, BySerde> for T {
    #[inline]
    fn fill(slot: &mut Slot<T>, rest: Rest<'_, 'de>) -> Option<()> {
        field::set(slot, T::deserialize(rest).ok()?);
        Some(())
    }
    /// The rest is never missing, and may be empty.
    #[inline]
    fn require(slot: Slot<T>, _: &'static str, errors: &mut ClaimErrors) -> Option<T> {
        field::require_with(slot, OTHER, errors)
    }
    /// Writes the members into the outer object: `Claims` too when it is no object or has a name that is registered, reserved, another
    /// field's, or there twice, and `BeyondLimits` when no verifier would read it.
    #[inline]
    fn put(out: &mut Writer<'_>, _: &'static str, value: &T) -> Result<(), IssueError> {
        out.rest(value)
    }
}

macro_rules! as_a_map {
    ($($method:ident($($argument:ty),*))*) => { $(
        fn $method<V: Visitor<'de>>(self, $(_: $argument,)* visitor: V) -> Result<V::Value, Self::Error> {
            visitor.visit_map(Members { rest: self, value: None })
        }
    )* };
}

impl<'de> Deserializer<'de> for Rest<'_, 'de> {
    type Error = serde_json::Error;

    as_a_map! { deserialize_any() deserialize_map() deserialize_struct(&'static str, &'static [&'static str]) }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    /// Takes nothing: the names are unknown to the type in any case.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit_struct seq tuple tuple_struct enum
        identifier ignored_any
    }
}

struct Members<'r, 'de> {
    rest: Rest<'r, 'de>,
    value: Option<Raw<'de>>,
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        while let (Some((name, names)), Some((value, values))) = (self.rest.names.split_first(), self.rest.values.split_first()) {
            (self.rest.names, self.rest.values) = (names, values);
            // Reserved names are the policy's, whether it has a use for them or not; they could not be issued either.
            if names::is_reserved(name, self.rest.schema) {
                continue;
            }
            self.value = Some(*value);
            return match name {
                Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
                Cow::Owned(name) => seed.deserialize(StrDeserializer::new(name)).map(Some),
            };
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        seed.deserialize(self.value.take().ok_or_else(|| de::Error::custom("a value before its name"))?)
    }
}
