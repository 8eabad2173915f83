//! Where the crate has another name, `crate = …` leads to it, and nothing else is needed.
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub)]
#![allow(dead_code)]

extern crate session_runtime as renamed;
// The usual name leads nowhere useful, as in a crate that has never heard of it.
#[allow(unused_extern_crates)]
extern crate core as session_runtime;

mod facade {
    pub(crate) use renamed::{__private, claims};
}

#[derive(Debug, renamed::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", crate = "::renamed")]
struct InQuotes {
    #[claim(sub)]
    user: String,
}

#[derive(Debug, renamed::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", crate = ::renamed)]
struct AsAPath<'a, T> {
    #[claim(sub)]
    user: &'a str,
    other: Vec<T>,
}

#[derive(Debug, renamed::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", crate = crate::facade)]
struct ThroughAModule {
    #[claim(sub)]
    user: String,
}

#[derive(Debug, renamed::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", format = renamed::paseto::V4Local, version(2, from = InQuotes), crate = "::renamed")]
struct Shaped {
    #[claim(path = "act.sub", one_of("ada", "bob"))]
    actor: String,
    #[claim(confidential)]
    pin: renamed::claims::Secret<String>,
    #[claim(flatten)]
    rest: std::collections::BTreeMap<String, String>,
}

impl From<InQuotes> for Shaped {
    fn from(InQuotes { user }: InQuotes) -> Self {
        Self { actor: user, pin: String::new().into(), rest: std::collections::BTreeMap::new() }
    }
}

macro_rules! made {
    ($name:ident) => {
        #[derive(Debug, renamed::Claims)]
        #[claims(token_type = "at+jwt", ttl = "15m", crate = $crate::facade)]
        struct $name {
            #[claim(sub)]
            user: String,
        }
    };
}

made!(ByAMacro);

const fn claims_type<C: facade::claims::ClaimsType>() {}

#[test]
fn all_are_claims() {
    claims_type::<InQuotes>();
    claims_type::<AsAPath<'static, u8>>();
    claims_type::<ThroughAModule>();
    claims_type::<ByAMacro>();
    claims_type::<Shaped>();
}
