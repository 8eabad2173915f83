//! Every name that an expansion could lean on means something else here.
#![allow(non_upper_case_globals, non_camel_case_types)]

use serde::{Deserialize, Serialize};

type Text = ::std::string::String;

macro_rules! decoys {
    ($($name:ident),*) => { $(
        #[derive(Debug)]
        struct $name;
    )* };
}

decoys!(
    Result,
    Ok,
    Some,
    None,
    Option,
    Default,
    Claims,
    ClaimsType,
    String,
    Vec,
    Box,
    Schema,
    Spec,
    Slot,
    Slots,
    Raw,
    Role,
    Writer,
    Duration,
    Own,
    Sub,
    Exp,
    Aud,
    Hidden,
    Range,
    Rest,
    Payload,
    Open,
    Confidential,
    AnyFormat,
    Tolerated,
    Value,
    PhantomData,
    Err,
    core,
    std,
    session_runtime,
    serde_json,
    bool,
    usize
);

// A constant in lower case turns a pattern of its name into a comparison.
const slots: u8 = 0;
const value: u8 = 0;
const errors: u8 = 0;
const out: u8 = 0;
const claim: u8 = 0;
const user: u8 = 0;
const serializer: u8 = 0;
const within: u8 = 0;
const rest: u8 = 0;
const context: u8 = 0;

trait Shadow {
    fn read(&self) {}
    fn build(&self) {}
    fn check(&self) {}
    fn write(&self) {}
    fn slots(&self) {}
    fn fill(&self) {}
    fn require(&self) {}
    fn put(&self) {}
    fn older(&self) {}
    fn read_rest(&self) {}
    fn issuer(&self) {}
    fn claims(&self) {}
}

impl<T: ?Sized> Shadow for T {}

#[derive(Serialize, Deserialize)]
struct Plan(u8);

impl Plan {
    const fn free() -> Self {
        Self(0)
    }
    const fn is_live(&self) -> ::core::primitive::bool {
        self.0 > 0
    }
}

#[derive(::session_runtime::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", issuer = "https://id.example", audience = "orders", rename_all = "camelCase")]
struct Access {
    #[claim(sub)]
    user: Text,
    #[claim(default = Plan::free, check = "Plan::is_live")]
    value: Plan,
    #[claim(default)]
    errors: Text,
    slots: Text,
    out: u8,
    claim: u8,
    serializer: u8,
    r#type: Text,
    r#match: Text,
    r#async: Text,
    #[claim(rename = "x")]
    __slots: u8,
    #[claim(rename = "y")]
    __type: u8,
    #[claim(skip)]
    r#fn: Text,
}

type Map = ::std::collections::BTreeMap<Text, Text>;

#[derive(::session_runtime::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = Plan, check = Shaped::is_whole, version(2, from = Access1))]
struct Shaped {
    #[claim(path = "within.rest", range = ..=9, alias = "r#type")]
    within: i64,
    #[claim(path("within", "r#type"), skip_if = "Text::is_empty", default)]
    r#type: Text,
    #[claim(one_of("free", "paid"), max_len = 4)]
    context: Text,
    #[claim(confidential)]
    r#match: ::session_runtime::claims::Secret<Text>,
    #[claim(flatten)]
    r#rest: Map,
}

#[derive(::session_runtime::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = Plan)]
struct Access1 {
    #[claim(check = is_of, default)]
    user: Text,
}

const fn is_of(_: &str, plan: &Plan) -> ::core::primitive::bool {
    plan.is_live()
}

impl ::core::convert::From<Access1> for Shaped {
    fn from(_: Access1) -> Self {
        let none = Text::new;
        Self { within: 0, r#type: none(), context: none(), r#match: none().into(), r#rest: Map::new() }
    }
}

impl Shaped {
    const fn is_whole(&self, plan: &Plan) -> ::core::primitive::bool {
        self.within > 0 && plan.is_live()
    }
}

const _: () = crate::owned::<Access>();
const _: () = crate::owned::<Shaped>();
