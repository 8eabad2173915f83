//! A claims type as a committed file says it, so that a change that would strand live tokens is seen before it is deployed.

use std::{collections::BTreeSet, env, fmt::Write as _, fs, io, path::Path};

use serde::{Deserialize, Serialize};

use crate::claims::{Claims, ClaimsType, Expectation, Raw, Role, Schema, Spec, TimeEncoding, longest_life, required};

/// Holds a claims type to its committed schema, `schemas/Access.json` in the folder of the crate that the test is in, or the path that is
/// given. Any difference fails the test, and its message says of every line whether live tokens would be refused by the new type.
///
/// `CLAIMS_SCHEMA=update cargo test` writes what strands nobody, `CLAIMS_SCHEMA=strand cargo test` all of it. A type with
/// `version(2, from = AccessV1)` names the older type, by which tokens of the older schema are read: `claims_schema!(Access, from = AccessV1)`.
///
/// What a field takes is asked of the field itself, with one sample of every kind of JSON; a type that takes none of them (an enum)
/// is not looked into.
///
/// # Example
/// ```
/// use session_runtime::{Claims, testing::claims_schema};
///
/// #[derive(Claims)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
/// }
///
/// // #[test]
/// fn live_tokens_stay_good() {
///     claims_schema!(Access); // or `claims_schema!(Access, "elsewhere/access.json")`
/// }
/// ```
#[macro_export]
macro_rules! claims_schema {
    ($type:ty) => {
        $crate::claims_schema!($type, concat!("schemas/", stringify!($type), ".json"))
    };
    ($type:ty, from = $older:ty) => {
        $crate::claims_schema!($type, concat!("schemas/", stringify!($type), ".json"), from = $older)
    };
    ($type:ty, $path:expr) => {
        $crate::testing::hold_schema($crate::testing::described::<$type>(), None, env!("CARGO_MANIFEST_DIR"), ($path).as_ref())
    };
    ($type:ty, $path:expr, from = $older:ty) => {
        $crate::testing::hold_schema(
            $crate::testing::described::<$type>(),
            Some($crate::testing::described::<$older>()),
            env!("CARGO_MANIFEST_DIR"),
            ($path).as_ref(),
        )
    };
}

/// What [`claims_schema!`](crate::claims_schema) calls.
///
/// # Panics
/// When the type is not what the file says, in the words of [`compare_schema`].
#[doc(hidden)]
#[allow(clippy::panic, reason = "how a test fails")]
#[track_caller]
pub fn hold_schema(new: Described, older: Option<Described>, root: &str, path: &Path) {
    let accept = match env::var("CLAIMS_SCHEMA").as_deref() {
        Ok("update") => Accept::Compatible,
        Ok("strand") => Accept::All,
        _ => Accept::Nothing,
    };
    if let Err(message) = compare_schema(new, older, &Path::new(root).join(path), accept) {
        panic!("{message}");
    }
}

/// What may be written into the file.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    Nothing,
    Compatible,
    All,
}

/// Compares a type with its file, and writes the file where that is accepted.
///
/// # Errors
/// What is different, line by line, and how to accept it; or why the file cannot be read or written.
#[doc(hidden)]
pub fn compare_schema(new: Described, older: Option<Described>, path: &Path, accept: Accept) -> Result<(), String> {
    let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let write = |new: &Described| {
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(|error| fault(&error))?;
        let text = serde_json::to_string_pretty(new).map_err(|error| fault(&error))?;
        fs::write(path, text + "\n").map_err(|error| fault(&error))
    };
    let committed = match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str::<Described>(&text).map_err(|error| fault(&error))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound && accept != Accept::Nothing => return write(&new),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!("{} is not there: `CLAIMS_SCHEMA=update cargo test` writes it, then commit it", path.display()));
        }
        Err(error) => return Err(fault(&error)),
    };
    if committed == new {
        return Ok(());
    }
    let changes = changes(&committed, &new, older.as_ref());
    let strands = changes.iter().any(|change| change.strands);
    if accept == Accept::All || (accept == Accept::Compatible && !strands) {
        return write(&new);
    }
    let mut message = format!("{} says something else than the type:", path.display());
    for Change { what, strands } in &changes {
        let verdict = if *strands { "STRANDS live tokens" } else { "compatible" };
        // Writing to a text does not fail.
        let _ = write!(message, "\n- {what}: {verdict}");
    }
    message.push_str(if strands {
        "\nGive the type a `version` and read the older tokens by the older type; or accept that they are refused, with `CLAIMS_SCHEMA=strand cargo test`"
    } else {
        "\nAccept it with `CLAIMS_SCHEMA=update cargo test`"
    });
    Err(message)
}

/// A claims type as the file has it. Times are in seconds.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    token_type: Option<String>,
    /// `None` for none, a list with nothing in it for what the builder says.
    issuer: Option<Vec<String>>,
    audience: Option<Vec<String>>,
    ttl: Option<u64>,
    max_ttl: u64,
    expires: bool,
    issued_at: bool,
    unknown_claims: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tolerated: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    claims: Vec<Claim>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    path: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    required: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    one_of: Vec<String>,
    /// The least, and the greatest that is still allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<(Option<i64>, Option<i64>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_len: Option<usize>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    confidential: bool,
    takes: BTreeSet<String>,
    /// The least and the greatest of the whole numbers that were tried and taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    takes_whole_numbers: Option<(i64, u64)>,
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

/// One difference, in words.
struct Change {
    what: String,
    strands: bool,
}

/// What is different, and whether tokens that were issued under the old schema are refused under the new one.
fn changes(old: &Described, new: &Described, older: Option<&Described>) -> Vec<Change> {
    // A token without `ver` is of version 1.
    let (before, now) = (old.version.unwrap_or(1), new.version.unwrap_or(1));
    if before != now {
        let reader = older.filter(|older| older.version.unwrap_or(1) == before);
        let mut all = vec![Change { what: format!("version: {before}, now {now}"), strands: false }];
        match reader {
            // The tokens of the committed version are read by the older type, so that is what has to be able to.
            Some(reader) => all.extend(changes(old, reader, None).into_iter().filter(|change| change.strands)),
            None => {
                all.push(Change { what: format!("version {before}: read by no type that the macro was given with `from`"), strands: true })
            }
        }
        return all;
    }
    let mut all = Vec::new();
    let mut change = |what: String, strands: bool| all.push(Change { what, strands });
    let settings = [
        ("token_type", format!("{:?}", old.token_type), format!("{:?}", new.token_type), true),
        ("issuer", format!("{:?}", old.issuer), format!("{:?}", new.issuer), true),
        ("audience", format!("{:?}", old.audience), format!("{:?}", new.audience), !audience_stays(old, new)),
        ("ttl", format!("{:?}", old.ttl), format!("{:?}", new.ttl), false),
        ("max_ttl", old.max_ttl.to_string(), new.max_ttl.to_string(), new.max_ttl < longest_issued(old)),
        ("expires", old.expires.to_string(), new.expires.to_string(), new.expires),
        ("issued_at", old.issued_at.to_string(), new.issued_at.to_string(), new.issued_at),
        // An issuer writes what its type names, and what a `flatten` field brings.
        (
            "unknown_claims",
            old.unknown_claims.clone(),
            new.unknown_claims.clone(),
            new.unknown_claims == "refused" && old.unknown_claims == "kept",
        ),
        (
            "tolerated",
            format!("{:?}", old.tolerated),
            format!("{:?}", new.tolerated),
            old.tolerated.iter().any(|one| !new.tolerated.contains(one)),
        ),
        ("version", format!("{:?}", old.version), format!("{:?}", new.version), false),
    ];
    for (name, before, now, strands) in settings {
        if before != now {
            change(format!("{name}: {before}, now {now}"), strands);
        }
    }
    for claim in &old.claims {
        for key in claim.keys() {
            if !new.claims.iter().any(|other| other.keys().contains(&key)) {
                change(format!("claim `{}`: no longer read", key.join(".")), true);
            }
        }
    }
    for claim in &new.claims {
        let Some(before) = old.claims.iter().find(|before| claim.keys().contains(&before.key())) else {
            let what = if claim.required { "new and required" } else { "new and optional" };
            change(format!("claim `{}`: {what}", claim.name), claim.required);
            continue;
        };
        before.compare(claim, &mut change);
    }
    if all.is_empty() {
        all.push(Change { what: "the order of the claims, or their spelling in the file".to_owned(), strands: false });
    }
    all
}

fn audience_stays(old: &Described, new: &Described) -> bool {
    match (&old.audience, &new.audience) {
        (Some(old), Some(new)) => !old.is_empty() && old.iter().all(|name| new.contains(name)),
        (old, new) => old == new,
    }
}

/// The longest life that a live token can have.
fn longest_issued(old: &Described) -> u64 {
    let says = |role: Role| old.claims.iter().any(|claim| claim.name == role.name());
    old.ttl.filter(|_| !says(Role::Expires)).unwrap_or(old.max_ttl)
}

impl Claim {
    /// Where it is written.
    fn key(&self) -> Vec<&str> {
        if self.path.is_empty() {
            vec![self.written.as_ref().unwrap_or(&self.name)]
        } else {
            self.path.iter().map(String::as_str).collect()
        }
    }

    /// Where it is read.
    fn keys(&self) -> Vec<Vec<&str>> {
        let own = if self.path.is_empty() { vec![self.name.as_str()] } else { self.path.iter().map(String::as_str).collect() };
        self.aliases.iter().map(|alias| vec![alias.as_str()]).chain([own]).collect()
    }

    fn compare(&self, new: &Self, change: &mut impl FnMut(String, bool)) {
        let name = &new.name;
        if self.required != new.required {
            change(format!("claim `{name}`: {}", if new.required { "now required" } else { "now optional" }), new.required);
        }
        if self.key() != new.key() {
            change(format!("claim `{name}`: written as `{}` before, now as `{}`", self.key().join("."), new.key().join(".")), false);
        }
        if self.aliases != new.aliases {
            change(format!("claim `{name}`: aliases {:?}, now {:?}", self.aliases, new.aliases), false);
        }
        if self.one_of != new.one_of {
            let narrower = !new.one_of.is_empty() && (self.one_of.is_empty() || self.one_of.iter().any(|one| !new.one_of.contains(one)));
            change(format!("claim `{name}`: one of {:?}, now {:?}", self.one_of, new.one_of), narrower);
        }
        if self.range != new.range {
            let (old, new) = (self.range.unwrap_or_default(), new.range.unwrap_or_default());
            let narrower = new.0.is_some_and(|least| old.0.is_none_or(|old| old < least))
                || new.1.is_some_and(|most| old.1.is_none_or(|old| old > most));
            change(format!("claim `{name}`: range {old:?}, now {new:?}"), narrower);
        }
        if self.max_len != new.max_len {
            let narrower = new.max_len.is_some_and(|bytes| self.max_len.is_none_or(|old| old > bytes));
            change(format!("claim `{name}`: max_len {:?}, now {:?}", self.max_len, new.max_len), narrower);
        }
        if self.confidential != new.confidential {
            let what = if new.confidential { "confidential, so that signed tokens are not accepted" } else { "no longer confidential" };
            change(format!("claim `{name}`: {what}"), new.confidential);
        }
        for kind in self.takes.difference(&new.takes).filter(|kind| *kind != "none of the samples") {
            change(format!("claim `{name}`: no longer takes {kind}"), true);
        }
        for kind in new.takes.difference(&self.takes) {
            change(format!("claim `{name}`: takes {kind}"), false);
        }
        if self.takes_whole_numbers != new.takes_whole_numbers {
            let narrower = self.takes_whole_numbers.is_some_and(|(least, most)| {
                new.takes_whole_numbers.is_none_or(|(new_least, new_most)| new_least > least || new_most < most)
            });
            let words = |numbers: Option<(i64, u64)>| numbers.map_or("none".to_owned(), |(least, most)| format!("{least} to {most}"));
            change(
                format!("claim `{name}`: whole numbers {}, now {}", words(self.takes_whole_numbers), words(new.takes_whole_numbers)),
                narrower,
            );
        }
    }
}
