//! Writes what most claims are, a string or a list of strings, without serde_json, which looks at every byte by itself.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible},
};

use super::json;

/// Appends a value to a payload, if it is a string without escapes or a list of such.
///
/// Byte for byte what serde_json writes. Of any other value it says so as soon as it knows, and serde_json starts again; what was
/// appended until then is the caller's to take away.
pub(super) struct Plain<'o> {
    out: &'o mut Vec<u8>,
    in_list: bool,
}

impl<'o> Plain<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>) -> Self {
        Self { out, in_list: false }
    }
}

/// The value is for serde_json.
#[derive(Debug)]
pub(super) struct NotPlain;

/// Appends a string in quotes.
#[inline]
fn string(out: &mut Vec<u8>, text: &str) -> Result<(), NotPlain> {
    if !json::is_literal(text) {
        return Err(NotPlain);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}

/// A list that was begun.
pub(super) struct List<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl ser::SerializeSeq for List<'_> {
    type Ok = ();
    type Error = NotPlain;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotPlain> {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        value.serialize(Plain { out: self.out, in_list: true })
    }

    fn end(self) -> Result<(), NotPlain> {
        self.out.push(b']');
        Ok(())
    }
}

macro_rules! not_plain {
    ($($method:ident($($type:ty),*) -> $ok:ty;)*) => { $(
        fn $method(self, $(_: $type),*) -> Result<$ok, NotPlain> {
            Err(NotPlain)
        }
    )* };
}

type Never = Impossible<(), NotPlain>;

impl<'o> Serializer for Plain<'o> {
    type Ok = ();
    type Error = NotPlain;
    type SerializeSeq = List<'o>;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), NotPlain> {
        string(self.out, text)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NotPlain> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), NotPlain> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), NotPlain> {
        string(self.out, variant)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'o>, NotPlain> {
        // A list in a list may be too deep for a reader, which is for others to find out.
        if self.in_list {
            return Err(NotPlain);
        }
        self.out.push(b'[');
        Ok(List { out: self.out, empty: true })
    }

    /// The default would make a text first.
    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<(), NotPlain> {
        Err(NotPlain)
    }

    not_plain! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_i128(i128) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_u128(u128) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(&'static str, usize) -> Never;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never;
        serialize_map(Option<usize>) -> Never;
        serialize_struct(&'static str, usize) -> Never;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never;
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Result<(), NotPlain> {
        Err(NotPlain)
    }
}

impl ser::Error for NotPlain {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl fmt::Display for NotPlain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("neither a string without escapes nor a list of such")
    }
}

impl std::error::Error for NotPlain {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Serialize)]
    enum Role {
        Admin,
        #[serde(rename = "read \"only\"")]
        Reader,
        Of(String),
    }

    #[derive(Debug, Clone, Serialize)]
    struct UserId(String);

    /// Whatever is written here, serde_json writes too.
    #[track_caller]
    fn check(value: &impl Serialize, plain: Option<bool>) {
        let mut out = Vec::new();
        let written = value.serialize(Plain::new(&mut out)).is_ok();
        assert!(plain.is_none_or(|plain| plain == written));
        if written {
            assert_eq!(out, serde_json::to_vec(value).unwrap());
        }
    }

    #[test]
    fn what_is_plain_is_written_as_serde_json_writes_it() {
        check(&"", Some(true));
        check(&Some(UserId("ada".into())), Some(true));
        check(&vec!["a", "bc"], Some(true));
        check(&Vec::<String>::new(), Some(true));
        check(&vec![Role::Admin], Some(true));
        check(&vec![vec!["a"], vec![]], Some(false));
        check(&"DEL \u{7f}, ünï, 😀", Some(true));
        for other in ["\"", "\\", "\n", "\u{1f}", "long enough for two words\0"] {
            check(&other, Some(false));
        }
        check(&vec![Role::Admin, Role::Reader], Some(false));
        check(&Role::Of("x".into()), Some(false));
        check(&(1, "a"), Some(false));
        check(&None::<String>, Some(false));
        check(&serde_json::json!({ "a": 1 }), Some(false));
    }

    proptest! {
        #[test]
        fn any_text_is_written_as_serde_json_writes_it(text in any::<String>(), list in prop::collection::vec(".{0,12}", 0..5)) {
            check(&text, None);
            check(&list, None);
        }
    }
}
