//! A token taken apart, whatever it is. Nothing in here is checked, and nothing decides anything.

use std::fmt;

use serde_json::{Value, json};
use session_runtime::{Timestamp, limits};

use crate::{
    failure::{Failure, Outcome},
    json::Json,
    moment::{relative, rfc3339},
    output::plain,
};

/// What stands in one token.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) kind: Kind,
    pub(crate) length: usize,
    /// The header of a JWT.
    pub(crate) header: Part,
    pub(crate) payload: Part,
    /// The footer of a PASETO.
    pub(crate) footer: Part,
    /// How many bytes of seal there are; `None` where that cannot be told.
    pub(crate) seal: Option<usize>,
}

/// What it looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Jwt,
    /// JSON Web Encryption, which this library never reads.
    Jwe,
    Paseto {
        version: String,
        purpose: String,
    },
}

/// One part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// The token has none.
    Absent,
    /// Only who has the key can read it.
    Encrypted(usize),
    Object(Json),
    /// Bytes that are no JSON object.
    Bytes(Vec<u8>),
    /// It is not base64url, or too short.
    Unreadable,
}

/// The registered times.
pub(crate) const TIMES: [&str; 3] = ["exp", "nbf", "iat"];

impl Parts {
    /// Takes a token apart.
    pub(crate) fn read(token: &str) -> Outcome<Self> {
        if token.len() > limits::TOKEN_LENGTH_CAP {
            let (length, cap) = (token.len(), limits::TOKEN_LENGTH_CAP);
            return Err(Failure::refused(format_args!("{length} bytes are no token: no verifier reads more than {cap}")));
        }
        let pieces: Vec<&str> = token.split('.').collect();
        let parts = match *pieces.as_slice() {
            [version @ ("v1" | "v2" | "v3" | "v4"), purpose, body] => paseto(version, purpose, body, None),
            [version @ ("v1" | "v2" | "v3" | "v4"), purpose, body, footer] => paseto(version, purpose, body, Some(footer)),
            [header, payload, seal] => Self {
                kind: Kind::Jwt,
                length: 0,
                header: Part::of(header),
                payload: Part::of(payload),
                footer: Part::Absent,
                seal: decode(seal).map(|bytes| bytes.len()),
            },
            [header, _, _, sealed, tag] => Self {
                kind: Kind::Jwe,
                length: 0,
                header: Part::of(header),
                payload: decode(sealed).map_or(Part::Unreadable, |bytes| Part::Encrypted(bytes.len())),
                footer: Part::Absent,
                seal: decode(tag).map(|bytes| bytes.len()),
            },
            _ => {
                let (length, dots) = (token.len(), pieces.len().saturating_sub(1));
                return Err(Failure::refused(format_args!("not a token: {length} bytes with {dots} dots"))
                    .help("a JWT has two dots, a PASETO begins with v3. or v4.; was a part of it lost when it was copied?"));
            }
        };
        Ok(Self { length: token.len(), ..parts })
    }

    /// The claims, where somebody can read them.
    pub(crate) fn claims(&self) -> Option<&Json> {
        match &self.payload {
            Part::Object(json) => Some(json),
            _ => None,
        }
    }

    /// A member of the header or of the footer.
    pub(crate) fn head(&self, name: &str) -> Option<&Json> {
        [&self.header, &self.footer].into_iter().find_map(|part| match part {
            Part::Object(json) => json.get(name),
            _ => None,
        })
    }

    /// The name of the algorithm: what the header says, or what the version and the purpose stand for.
    pub(crate) fn format(&self) -> Option<String> {
        match &self.kind {
            Kind::Paseto { version, purpose } => Some(format!("{version}.{purpose}")),
            _ => self.head("alg")?.text().map(str::to_owned),
        }
    }

    /// The key id, and where it stands.
    pub(crate) fn key_id(&self) -> Option<(&str, &'static str)> {
        let place = if matches!(self.kind, Kind::Paseto { .. }) { "footer" } else { "header" };
        self.head("kid")?.text().map(|id| (id, place))
    }

    pub(crate) fn to_json(&self, now: Timestamp) -> Value {
        let times: serde_json::Map<String, Value> = TIMES
            .iter()
            .filter_map(|name| {
                let at = moment_of(self.claims()?.get(name)?)?;
                Some(((*name).to_owned(), json!({ "at": at.to_string(), "unix": at.as_unix(), "words": in_words(name, at, now) })))
            })
            .collect();
        json!({
            "verified": false,
            "kind": self.kind.to_string(),
            "format": self.format(),
            "bytes": self.length,
            "header": self.header.to_json(),
            "claims": self.payload.to_json(),
            "footer": self.footer.to_json(),
            "seal_bytes": self.seal,
            "key_id": self.key_id().map(|(id, place)| json!({ "value": id, "in": place })),
            "times": times,
        })
    }
}

impl Part {
    fn of(text: &str) -> Self {
        decode(text).map_or(Self::Unreadable, Self::of_bytes)
    }

    fn of_bytes(bytes: Vec<u8>) -> Self {
        match Json::read(&bytes) {
            Some(json @ Json::Object(_)) => Self::Object(json),
            _ => Self::Bytes(bytes),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Absent => Value::Null,
            Self::Encrypted(bytes) => json!({ "encrypted_bytes": bytes }),
            Self::Object(json) => json.into(),
            Self::Bytes(bytes) => json!({ "bytes": String::from_utf8_lossy(bytes) }),
            Self::Unreadable => json!({ "unreadable": true }),
        }
    }
}

/// Where the plain text ends: the lengths of the signatures of the four versions (PASETO, "Algorithm Details").
fn paseto(version: &str, purpose: &str, body: &str, footer: Option<&str>) -> Parts {
    let signature = match version {
        "v1" => 256,
        "v3" => 96,
        _ => 64,
    };
    let (payload, seal) = match (purpose, decode(body)) {
        ("public", Some(mut bytes)) => match bytes.len().checked_sub(signature) {
            Some(length) => {
                bytes.truncate(length);
                (Part::of_bytes(bytes), Some(signature))
            }
            None => (Part::Unreadable, None),
        },
        ("local", Some(bytes)) => (Part::Encrypted(bytes.len()), None),
        _ => (Part::Unreadable, None),
    };
    Parts {
        kind: Kind::Paseto { version: version.to_owned(), purpose: purpose.to_owned() },
        length: 0,
        header: Part::Absent,
        payload,
        footer: footer.map_or(Part::Absent, Part::of),
        seal,
    }
}

/// Strict base64url, as a verifier reads it.
fn decode(text: &str) -> Option<Vec<u8>> {
    base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text.as_bytes()).ok()
}

/// The moment that a claim says: seconds (RFC 7519 §2), a fraction of which is cut off, or the text of a PASETO.
pub(crate) fn moment_of(value: &Json) -> Option<Timestamp> {
    match value {
        Json::Number(number) => {
            let whole = |seconds: f64| format!("{:.0}", seconds.trunc()).parse().ok();
            number
                .as_i64()
                .or_else(|| number.as_f64().and_then(whole))
                .filter(|at| at.unsigned_abs() <= limits::NUMERIC_DATE.unsigned_abs())
                .map(Timestamp::from_unix)
        }
        Json::Text(text) => rfc3339(text),
        _ => None,
    }
}

/// What a time means, as `expired 3 minutes ago`.
pub(crate) fn in_words(name: &str, at: Timestamp, now: Timestamp) -> String {
    let when = relative(at, now);
    match (name, at <= now) {
        ("exp", true) => format!("expired {when}"),
        ("exp", false) => format!("expires {when}"),
        ("nbf", true) => format!("began {when}"),
        ("nbf", false) => format!("not good yet, begins {when}"),
        (_, true) => format!("issued {when}"),
        (_, false) => format!("issued in the future, {when}"),
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jwt => f.write_str("JWT"),
            Self::Jwe => f.write_str("JWE"),
            Self::Paseto { version, purpose } => write!(f, "PASETO {version}.{}", plain(purpose)),
        }
    }
}
