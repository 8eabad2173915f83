#![no_implicit_prelude]

/// Every role and every word.
#[derive(::std::fmt::Debug, ::session_runtime::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", issuer = "https://id.example", audience("a", "b"), deny_unknown)]
pub struct Everything {
    #[claim(sub)]
    subject: ::std::string::String,
    #[claim(aud)]
    audience: ::std::option::Option<::session_runtime::Audience>,
    #[claim(exp)]
    until: ::std::option::Option<u64>,
    #[claim(default)]
    roles: ::std::vec::Vec<::std::string::String>,
    #[claim(default = "four")]
    number: u8,
    #[claim(with = "text", check = is_short)]
    text: ::std::string::String,
    #[claim(skip)]
    seen: bool,
}

/// With a lifetime and a parameter.
#[derive(::std::fmt::Debug, ::session_runtime::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
pub struct Borrowed<'a, T> {
    #[claim(sub)]
    subject: &'a str,
    extra: T,
}

fn four() -> u8 {
    4
}

const fn is_short(text: &str) -> bool {
    text.len() < 9
}

mod text {
    pub(super) use ::std::string::String;

    pub(super) fn serialize<S: ::serde::Serializer>(text: &String, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
        ::serde::Serialize::serialize(text, serializer)
    }

    pub(super) fn deserialize<'de, D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<String, D::Error> {
        ::serde::Deserialize::deserialize(deserializer)
    }
}

const _: () = crate::owned::<Everything>();
const _: () = crate::claims_type::<Borrowed<'static, u8>>();
