//! What is suspicious about a token, as far as its own words tell.

use std::time::Duration;

use session_runtime::{Timestamp, limits, testing::Described};

use super::parts::{Kind, Part, Parts, TIMES, moment_of};
use crate::{json::Json, moment::length, output::plain};

/// One thing that somebody should know.
#[derive(Debug)]
pub(crate) struct Warning {
    /// What scripts compare; it never changes.
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

impl Warning {
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// Header parameters that ask a reader to do what is never done, and what would happen.
const REFUSED: [(&str, &str, &str); 9] = [
    (
        "jwk",
        "embedded-key",
        "the header brings a key of its own (`jwk`): a reader that used it would accept anybody's token (CVE-2018-0114)",
    ),
    ("jku", "embedded-key", "the header says from where to fetch the key (`jku`): a reader that did would accept anybody's token"),
    ("x5u", "embedded-key", "the header says from where to fetch a certificate (`x5u`): a reader that did would accept anybody's token"),
    ("x5c", "embedded-key", "the header brings a certificate of its own (`x5c`), which proves nothing unless its chain is checked"),
    ("crit", "crit", "the header demands extensions (`crit`, RFC 7515 §4.1.11), none of which this library knows: it is refused"),
    (
        "zip",
        "zip",
        "the payload is said to be compressed (`zip`), which is refused: a small token could unpack to gigabytes (CVE-2024-28180)",
    ),
    ("b64", "b64", "the payload is said to be unencoded (`b64`, RFC 7797), which is refused"),
    ("epk", "embedded-key", "the header brings a key of its own (`epk`)"),
    ("p2c", "p2c", "the header says how long a password is hashed (`p2c`): whoever wrote it chose the reader's work"),
];

/// What its own words tell of a token.
pub(crate) fn of(parts: &Parts, now: Timestamp) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut warn = |code, text: String| found.push(Warning { code, text });
    match &parts.kind {
        Kind::Jwe => {
            warn("encrypted", "the payload is encrypted (JWE) and cannot be shown; this library reads no JWE, use v4.local".to_owned())
        }
        Kind::Paseto { version, .. } if version == "v1" || version == "v2" => {
            warn("old-version", format!("PASETO {version} is deprecated; this library reads v3 and v4"));
        }
        Kind::Paseto { purpose, .. } if purpose == "local" => {
            warn("encrypted", "the payload is encrypted and cannot be shown; `session verify` opens it with the key".to_owned());
        }
        _ => {}
    }
    if matches!(parts.kind, Kind::Jwt) {
        match parts.head("alg").and_then(Json::text) {
            Some(name) if name.eq_ignore_ascii_case("none") => {
                warn(
                    "alg-none",
                    "`alg` is `none`: the token has no signature, and anybody can have written it; it is always refused".to_owned(),
                );
            }
            Some(_) => {}
            None => warn("no-alg", "the header has no `alg`, which RFC 7515 §4.1.1 demands".to_owned()),
        }
    }
    for (name, code, text) in REFUSED {
        if parts.head(name).is_some() {
            warn(code, text.to_owned());
        }
    }
    if parts.head("cty").and_then(Json::text).is_some_and(|cty| cty.to_ascii_lowercase().ends_with("jwt")) {
        warn("nested", "another token is nested in this one (`cty`, RFC 7519 §5.2), which is refused".to_owned());
    }
    for (part, name) in [(&parts.header, "header"), (&parts.payload, "payload"), (&parts.footer, "footer")] {
        of_part(part, name, &mut warn);
    }
    if parts.seal == Some(0) {
        warn("no-seal", "the signature is empty".to_owned());
    }
    if let Some(claims) = parts.claims() {
        of_claims(claims, now, &mut warn);
    }
    found
}

fn of_part(part: &Part, name: &str, warn: &mut impl FnMut(&'static str, String)) {
    match part {
        Part::Unreadable => {
            warn("unreadable", format!("the {name} is not base64url (RFC 7515 §2: no padding, no white space), or cut off"))
        }
        // A footer may be any bytes.
        Part::Bytes(_) if name != "footer" => warn("not-json", format!("the {name} is not a JSON object")),
        Part::Object(json) => {
            for path in json.duplicates() {
                warn(
                    "duplicate-name",
                    format!("`{}` is there twice in the {name}: readers differ in which one they take, so it is refused", plain(&path)),
                );
            }
        }
        _ => {}
    }
}

fn of_claims(claims: &Json, now: Timestamp, warn: &mut impl FnMut(&'static str, String)) {
    let moment = |name| claims.get(name).and_then(moment_of);
    for name in TIMES {
        if claims.get(name).is_some() && moment(name).is_none() {
            warn("not-a-time", format!("`{name}` is no time (RFC 7519 §2): it is refused, not ignored"));
        }
    }
    match (claims.get("exp"), moment("exp")) {
        (None, _) => warn("no-expiry", "it never expires (no `exp`): whoever gets hold of it has it for good".to_owned()),
        (Some(_), Some(expires_at)) => {
            let from = moment("iat").or_else(|| moment("nbf")).unwrap_or(now);
            let life = expires_at.saturating_since(from);
            if life > limits::MAX_TTL {
                let most = limits::MAX_TTL.as_secs().checked_div(3_600).unwrap_or_default();
                warn("long-life", format!("it lives {}; a type allows {most} hours unless it says more", length(life)));
            }
        }
        _ => {}
    }
    if moment("iat").is_some_and(|issued_at| issued_at > now.saturating_add(limits::LEEWAY_CAP)) {
        warn("from-the-future", "it says that it was issued in the future: one of the clocks is wrong, or it is forged".to_owned());
    }
    let milliseconds = |at: Timestamp| at > now.saturating_add(Duration::from_secs(1_000 * 365 * 86_400));
    if moment("exp").is_some_and(milliseconds) {
        warn(
            "milliseconds",
            "`exp` is more than a thousand years away: was it written in milliseconds? It is counted in seconds".to_owned(),
        );
    }
}

/// In what a token differs from what a type asks for, where that can be told without checking it.
pub(crate) fn beside(parts: &Parts, schema: &Described) -> Vec<Warning> {
    let mut found = Vec::new();
    if let (Kind::Jwt, Some(wanted)) = (&parts.kind, schema.token_type()) {
        let short = |name: &str| name.to_ascii_lowercase().trim_start_matches("application/").to_owned();
        if parts.head("typ").and_then(Json::text).map(short) != Some(short(wanted)) {
            found.push(Warning::new("schema-typ", format!("the type's tokens say `typ` `{wanted}`, and this one does not")));
        }
    }
    let Some(claims) = parts.claims() else { return found };
    let says = |name: &str, wanted: &[String]| match claims.get(name) {
        Some(Json::Text(text)) => wanted.contains(text),
        Some(Json::List(values)) => values.iter().filter_map(Json::text).any(|text| wanted.iter().any(|wanted| wanted == text)),
        _ => false,
    };
    if !schema.issuers().is_empty() && !says("iss", schema.issuers()) {
        found.push(Warning::new("schema-iss", "it is not of the type's issuer"));
    }
    if !schema.audiences().is_empty() && !says("aud", schema.audiences()) {
        found.push(Warning::new("schema-aud", "it is not for the type's audience"));
    }
    for name in schema.required().filter(|name| !["iss", "aud", "exp", "iat"].contains(name) && claims.get(name).is_none()) {
        found.push(Warning::new("schema-missing", format!("the type needs `{name}`, which is not there under this name")));
    }
    found
}
