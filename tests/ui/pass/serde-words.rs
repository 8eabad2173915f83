//! Serde's words, with its derives before ours, behind it, and without them.
use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use session_runtime::Claims;

fn nobody() -> String {
    "nobody".to_owned()
}

mod text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        text.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }
}

macro_rules! claims {
    ($name:ident: $($derive:path),*) => {
        #[derive($($derive),*)]
        #[claims(token_type = "at+jwt", ttl = "15m")]
        #[serde(rename_all(serialize = "camelCase", deserialize = "SCREAMING-KEBAB-CASE"))]
        struct $name<'a> {
            #[claim(sub)]
            user: String,
            #[serde(rename = "org", alias = "team", alias = "tenant")]
            organisation: String,
            #[serde(rename(serialize = "p", deserialize = "plan"), alias = "p", default)]
            plan: String,
            #[serde(default = "nobody", skip_serializing_if = "String::is_empty")]
            home_org: String,
            #[serde(with = "text")]
            note: String,
            #[serde(serialize_with = "text::serialize")]
            #[claim(check = is_short)]
            written: String,
            #[serde(deserialize_with = "text::deserialize")]
            read: String,
            #[serde(borrow)]
            name: Cow<'a, str>,
            #[serde(skip)]
            seen: bool,
            #[serde(skip, default = "nobody")]
            read_by: String,
            #[serde(flatten)]
            rest: std::collections::BTreeMap<String, String>,
        }
    };
}

claims!(Before: Serialize, Deserialize, Claims);
claims!(After: Claims, Serialize, Deserialize);
claims!(Between: Serialize, Claims, Deserialize);
claims!(Without: Claims);

#[derive(Claims, Serialize, Deserialize)]
#[claims(token_type = "at+jwt", ttl = "15m")]
#[serde(rename_all = "UPPERCASE", deny_unknown_fields, bound = "", crate = "serde")]
struct Strict {
    user: String,
}

fn is_short(text: &str) -> bool {
    text.len() < 9
}

fn main() {}
