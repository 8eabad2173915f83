//! A claims type as its committed file has it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::claims::{Claims, ClaimsType, Expectation, Raw, Schema, Spec, TimeEncoding, longest_life, required};

/// A claims type as the file has it. Times are in seconds.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    pub(super) token_type: Option<String>,
    /// `None` for none, a list with nothing in it for what the builder says.
    pub(super) issuer: Option<Vec<String>>,
    pub(super) audience: Option<Vec<String>>,
    pub(super) ttl: Option<u64>,
    pub(super) max_ttl: u64,
    pub(super) expires: bool,
    pub(super) issued_at: bool,
    pub(super) unknown_claims: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tolerated: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<u32>,
    pub(super) claims: Vec<Claim>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) path: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) written: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    pub(super) required: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) one_of: Vec<String>,
    /// The least, and the greatest that is still allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) range: Option<(Option<i64>, Option<i64>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_len: Option<usize>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) confidential: bool,
    pub(super) takes: BTreeSet<String>,
    /// The least and the greatest of the whole numbers that were tried and taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) takes_whole_numbers: Option<(i64, u64)>,
}

/// A type as its file would have it.
#[doc(hidden)]
pub fn described<C: ClaimsType>() -> Described {
    let schema = C::SCHEMA;
    let said = |said: Expectation<Vec<String>>| match said {
        Expectation::None => None,
        Expectation::Unsaid => Some(Vec::new()),
        Expectation::Declared(names) => Some(names),
    };
    let required = required::<C>();
    let claim = |(index, spec): (u16, &Spec)| {
        let (takes, takes_whole_numbers) = takes::<C>(index);
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let last = |range: crate::claims::Range| range.most.map(|most| most.saturating_sub(i64::from(range.exclusive)));
        Claim {
            name: spec.name.to_owned(),
            path: texts(spec.path),
            written: spec.written.map(str::to_owned),
            aliases: texts(spec.aliases),
            required: required.find(spec.name).is_some(),
            one_of: texts(spec.bounds.one_of),
            range: spec.bounds.range.map(|range| (range.least, last(range))),
            max_len: spec.bounds.max_len,
            confidential: spec.confidential,
            takes,
            takes_whole_numbers,
        }
    };
    Described {
        token_type: schema.token_type.map(str::to_owned),
        issuer: said(schema.issuer.map(|issuer| vec![issuer.to_owned()])),
        audience: said(schema.audience.map(|names| names.iter().map(|name| (*name).to_owned()).collect())),
        ttl: schema.ttl.map(|ttl| ttl.as_secs()),
        max_ttl: longest_life(schema).as_secs(),
        expires: !schema.never_expires,
        issued_at: !schema.no_issued_at,
        unknown_claims: unknown(schema).to_owned(),
        tolerated: schema.tolerated.iter().map(|tolerated| format!("{tolerated:?}")).collect(),
        version: schema.version,
        claims: (0..).zip(schema.claims).map(claim).collect(),
    }
}

fn unknown(schema: &Schema) -> &'static str {
    match (schema.takes_rest, schema.deny_unknown) {
        (true, _) => "kept",
        (_, true) => "refused",
        _ => "ignored",
    }
}

/// What one claim takes on the wire: the kinds of samples, and the ends of the whole numbers.
fn takes<C: ClaimsType>(claim: u16) -> (BTreeSet<String>, Option<(i64, u64)>) {
    let fits = |json: &'static str| {
        let plain = json.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let mut slots = <C::At<'static> as Claims<'static>>::slots();
        <C::At<'static> as Claims<'static>>::read(&mut slots, Raw::new(json, plain, TimeEncoding::NumericDate).of(claim)).is_some()
    };
    let mut kinds: BTreeSet<String> = SAMPLES.iter().filter(|(_, json)| fits(json)).map(|(kind, _)| (*kind).to_owned()).collect();
    let least = WHOLE_NUMBERS.iter().find(|json| fits(json));
    let most = WHOLE_NUMBERS.iter().rev().find(|json| fits(json));
    let whole = least.zip(most).and_then(|(least, most)| Some((least.parse().ok()?, most.parse().ok()?)));
    if kinds.is_empty() && whole.is_none() {
        kinds.insert("none of the samples".to_owned());
    }
    (kinds, whole)
}

/// One sample of every kind of value that claims usually are.
const SAMPLES: &[(&str, &str)] = &[
    ("text", r#""text""#),
    ("empty text", r#""""#),
    ("one character", r#""x""#),
    ("UUID", r#""67e55044-10b1-426f-9247-bb680e5fe0c8""#),
    ("time as text", r#""2030-01-01T12:00:00Z""#),
    ("URL", r#""https://id.example/""#),
    ("true or false", "true"),
    ("fraction", "1.5"),
    ("null", "null"),
    ("empty list", "[]"),
    ("list of text", r#"["text"]"#),
    ("list of numbers", "[0]"),
    ("empty object", "{}"),
    ("object of text", r#"{"text":"text"}"#),
];

/// The ends of the integer types, and of what a double holds exactly.
const WHOLE_NUMBERS: &[&str] = &[
    "-9223372036854775808",
    "-2147483648",
    "-32768",
    "-128",
    "-1",
    "0",
    "1",
    "127",
    "255",
    "32767",
    "65535",
    "2147483647",
    "4294967295",
    "9007199254740992",
    "9223372036854775807",
    "18446744073709551615",
];
