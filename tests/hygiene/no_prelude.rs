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

/// The words for claims of every shape.
#[derive(::std::fmt::Debug, ::session_runtime::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", namespace = "https://example.com/", no_audience, allow(aud))]
#[claims(version(2, from = Older), context = Tenant, check = Shaped::is_whole, format = ::session_runtime::paseto::V4Local)]
pub struct Shaped {
    #[claim(sid, max_len = 64)]
    session: ::std::option::Option<::std::string::String>,
    #[claim(path = "realm.access.roles", alias("groups", "teams"), namespace = "")]
    roles: ::std::vec::Vec<::std::string::String>,
    #[claim(path("realm", "x.y"), namespace = "", check = of_tenant)]
    name: ::std::string::String,
    #[claim(one_of("free", PAID), skip_if = "::std::string::String::is_empty", default)]
    plan: ::std::string::String,
    #[claim(range = -1..=LIMIT, max_len = LENGTH)]
    seats: i64,
    #[claim(confidential)]
    pin: ::session_runtime::claims::Secret<::std::string::String>,
    #[claim(flatten)]
    rest: ::std::collections::BTreeMap<::std::string::String, ::std::string::String>,
}

/// What it was.
#[derive(::std::fmt::Debug, ::session_runtime::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = Tenant)]
pub struct Older {
    #[claim(check = of_tenant)]
    name: ::std::string::String,
}

impl ::std::convert::From<Older> for Shaped {
    fn from(Older { name }: Older) -> Self {
        let (plan, pin) = (::std::string::String::new(), ::session_runtime::claims::Secret::new(::std::string::String::new()));
        Self {
            session: ::std::option::Option::None,
            roles: ::std::vec::Vec::new(),
            name,
            plan,
            seats: 0,
            pin,
            rest: ::std::collections::BTreeMap::new(),
        }
    }
}

impl Shaped {
    const fn is_whole(&self, _: &Tenant) -> bool {
        self.seats > 0
    }
}

/// What checks are handed.
#[derive(::std::fmt::Debug)]
pub struct Tenant;

const fn of_tenant(name: &str, _: &Tenant) -> bool {
    !name.is_empty()
}

const PAID: &str = "paid";
const LIMIT: i64 = 9;
const LENGTH: usize = 3;

/// Words of serde's, without serde's derives.
#[derive(::std::fmt::Debug, ::session_runtime::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OfSerde {
    #[serde(rename(serialize = "org"), alias = "org", default = "nobody")]
    home_org: ::std::string::String,
    #[serde(
        serialize_with = "text::serialize",
        deserialize_with = "text::deserialize",
        skip_serializing_if = "::std::string::String::is_empty"
    )]
    name: ::std::string::String,
    #[serde(skip, default = "nobody")]
    read_by: ::std::string::String,
}

const fn nobody() -> ::std::string::String {
    ::std::string::String::new()
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
const _: () = crate::owned::<Shaped>();
const _: () = crate::owned::<OfSerde>();
const _: () = crate::claims_type::<Borrowed<'static, u8>>();
