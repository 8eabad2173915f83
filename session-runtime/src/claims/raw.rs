//! One claim's value on its way to a field: a serde deserializer over text that was already checked.

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, EnumAccess, VariantAccess, Visitor, value::BorrowedStrDeserializer},
};

use super::{json::Elements, times::TimeEncoding};

/// The text of one claim's value, already known to be strict JSON within the limits.
///
/// It is a serde deserializer; a plain string goes straight to the field without being scanned again.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'de> {
    text: &'de str,
    plain: Option<&'de str>,
    times: TimeEncoding,
    claim: u16,
}

impl<'de> Raw<'de> {
    /// `plain` is what stands between the quotes when `text` is a string without any escape.
    pub(crate) fn new(text: &'de str, plain: Option<&'de str>, times: TimeEncoding) -> Self {
        Self { text, plain, times, claim: u16::MAX }
    }

    /// The value as one of the claim with this index.
    pub(crate) fn of(self, claim: u16) -> Self {
        Self { claim, ..self }
    }

    /// The index of the claim, see [`Claims::read`](super::Claims::read).
    #[inline]
    pub fn claim(self) -> u16 {
        self.claim
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

// Inlined, so that a string is made where it is kept: handed back it would be copied from fresh stores, which costs more than the call.
macro_rules! plain_text_first {
    ($($method:ident),*) => { $(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            #[cold]
            #[inline(never)]
            fn with_escapes<'de, V: Visitor<'de>>(text: &'de str, visitor: V) -> Result<V::Value, serde_json::Error> {
                serde_json::Deserializer::from_str(text).$method(visitor)
            }
            match self.plain() {
                Some(text) => visitor.visit_borrowed_str(text),
                None => with_escapes(self.text, visitor),
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;

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
        let plain = json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('\\'));
        assert_eq!(T::deserialize(Raw::new(json, plain, TimeEncoding::NumericDate)).ok(), want, "{json}");
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
