//! The claims type of a tool that knows no claims types: everything is read, and only what is asked for is judged.

use std::collections::BTreeMap;

use serde_json::Value;
use session_runtime::Claims;

macro_rules! anything {
    ($(#[$doc:meta] #[claims($($setting:tt)*)] $name:ident),*) => { $(
        #[$doc]
        #[derive(Claims, Debug)]
        #[claims(untyped, no_issuer, no_audience, allow(iss, aud, typ), no_issued_at, $($setting)*)]
        pub(crate) struct $name {
            #[claim(sub)]
            pub(crate) subject: Option<String>,
            #[claim(flatten)]
            pub(crate) rest: BTreeMap<String, Value>,
        }
    )* };
}
anything! {
    /// Any token that expires. The tool issues none, so the life of what it would issue is the shortest: every `--max-ttl` is longer.
    #[claims(ttl = "1s")]
    Anything,
    /// Any token at all.
    #[claims(never_expires)]
    Undying
}
