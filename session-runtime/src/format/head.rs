//! The part of a token that is read before its seal is checked: a JOSE header or a PASETO footer that is not letter for letter ours.
//!
//! Whatever stands here is an attacker's text. It may pick a key by name; it is otherwise only compared.

use std::borrow::Cow;

use super::{Parts, decode};
use crate::{
    claims::json::{self, Object},
    error::Malformed,
    limits::{self, JsonLimits},
};

/// What a foreign head says.
#[derive(Debug, Default)]
pub struct Head {
    /// `kid`.
    pub(crate) key_id: Option<Box<str>>,
    /// `alg` of a JOSE header.
    pub(crate) algorithm: Option<Box<str>>,
    /// `typ` of a JOSE header.
    pub(crate) token_type: Option<Box<str>>,
    /// The bytes of a PASETO footer.
    pub(crate) footer: Vec<u8>,
}

/// Header parameters that ask a reader to do what is never done: use a key that the token brings or links
/// (CVE-2018-0114), unpack (CVE-2024-28180), read an unencoded payload (RFC 7797), or understand an extension
/// (RFC 7515 §4.1.11; we support none, so any `crit` refuses).
const REFUSED: [&str; 7] = ["crit", "jwk", "jku", "x5u", "x5c", "zip", "b64"];

impl Head {
    /// Reads the head of a token.
    #[cold]
    pub(crate) fn read(parts: &Parts<'_>) -> Result<Self, Malformed> {
        match parts {
            Parts::Jws { header, .. } => Self::jose(header),
            Parts::Paseto { footer, .. } => Self::footer(footer),
        }
    }

    fn jose(header: &str) -> Result<Self, Malformed> {
        let mut head = Self::default();
        let mut bytes = Vec::new();
        decode(header, &mut bytes).map_err(|_| Malformed::Encoding)?;
        members(&bytes, JsonLimits::DEFAULT, Malformed::Header, |name, value| {
            match name {
                "alg" => head.algorithm = Some(text(value)?),
                "typ" => head.token_type = Some(text(value)?),
                "kid" => head.key_id = Some(key_id(value)?),
                // A nested token (RFC 7519 §5.2) would hand out inner claims that nobody checked.
                "cty" if is_media_type(&text(value)?, "jwt") => return Err(Malformed::RefusedHeader),
                name if REFUSED.contains(&name) => return Err(Malformed::RefusedHeader),
                _ => {}
            }
            Ok(())
        })?;
        // RFC 7515 §4.1.1: `alg` must be there.
        if head.algorithm.is_none() { Err(Malformed::Header) } else { Ok(head) }
    }

    /// A footer is any bytes; one that is a JSON object may name a key. It is flat, because nothing in it is for us but `kid`.
    fn footer(footer: &str) -> Result<Self, Malformed> {
        let mut head = Self::default();
        decode(footer, &mut head.footer).map_err(|_| Malformed::Encoding)?;
        if head.footer.first() == Some(&b'{') {
            let mut found = None;
            members(&head.footer, JsonLimits { depth: 1, ..JsonLimits::DEFAULT }, Malformed::Header, |name, value| {
                if name == "kid" {
                    found = Some(key_id(value)?);
                }
                match json::string(value) {
                    Some(value) if is_key_material(&value) => Err(Malformed::RefusedHeader),
                    _ => Ok(()),
                }
            })?;
            head.key_id = found;
        }
        Ok(head)
    }
}

/// Calls `each` for every member of one strict object, whose names have to differ; `not_strict` is said of any other text.
pub(crate) fn members<'b, E: Copy>(
    bytes: &'b [u8],
    limits: JsonLimits,
    not_strict: E,
    mut each: impl FnMut(&str, &'b str) -> Result<(), E>,
) -> Result<(), E> {
    let text = std::str::from_utf8(bytes).map_err(|_| not_strict)?;
    let mut object = Object::open(text, limits).map_err(|_| not_strict)?;
    let mut names: Vec<Cow<'_, str>> = Vec::new();
    while let Some(member) = object.next_member().map_err(|_| not_strict)? {
        // RFC 7515 §4: names must be unique; a reader that takes the last and one that takes the first would disagree.
        if names.contains(&member.name) {
            return Err(not_strict);
        }
        each(&member.name, member.value)?;
        names.push(member.name);
    }
    Ok(())
}

fn text(value: &str) -> Result<Box<str>, Malformed> {
    json::string(value).map(|text| text.into_owned().into_boxed_str()).ok_or(Malformed::Header)
}

fn key_id(value: &str) -> Result<Box<str>, Malformed> {
    text(value).and_then(|text| if text.len() <= limits::KEY_ID { Ok(text) } else { Err(Malformed::Header) })
}

/// PASERK: keys themselves, wrapped by a password or not at all, must not be in a footer.
pub(crate) fn is_key_material(value: &str) -> bool {
    let Some((version, rest)) = value.split_once('.') else { return false };
    let kind = rest.split_once('.').map_or(rest, |(kind, _)| kind);
    matches!(version, "k1" | "k2" | "k3" | "k4") && matches!(kind, "local" | "secret" | "public" | "local-pw" | "secret-pw")
}

/// Media types are compared without regard to case, with or without `application/` (RFC 7515 §4.1.9).
pub(crate) fn is_media_type(found: &str, wanted: &str) -> bool {
    fn short(name: &str) -> &str {
        const PREFIX: &str = "application/";
        match (name.get(..PREFIX.len()), name.get(PREFIX.len()..)) {
            (Some(prefix), Some(rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
            _ => name,
        }
    }
    short(found).eq_ignore_ascii_case(short(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::encode;

    #[track_caller]
    fn check(header: &str, want: Result<(), Malformed>) {
        let mut encoded = String::new();
        encode(header.as_bytes(), &mut encoded);
        assert_eq!(Head::jose(&encoded).map(drop), want, "{header}");
    }

    #[test]
    fn headers_that_are_never_accepted() {
        check(r#"{"alg":"HS256","x":[1]}"#, Ok(()));
        check(r#"{"alg":"HS256","cty":"text"}"#, Ok(()));
        for name in REFUSED {
            check(&format!(r#"{{"alg":"HS256","{name}":[]}}"#), Err(Malformed::RefusedHeader));
        }
        check(r#"{"alg":"HS256","cty":"Application/JWT"}"#, Err(Malformed::RefusedHeader));
        for malformed in [
            "",
            "[]",
            r#"{"alg":"HS256""#,
            r#"{"typ":"JWT"}"#,
            r#"{"alg":true}"#,
            r#"{"alg":"HS256","kid":1}"#,
            r#"{"alg":"HS256","typ":null}"#,
            r#"{"alg":"HS256","alg":"HS256"}"#,
            r#"{"alg":"HS256","\u0061lg":"none"}"#,
            r#"{"alg":"HS256","x":{"a":1,"a":1}}"#,
        ] {
            check(malformed, Err(Malformed::Header));
        }
    }

    #[test]
    fn media_types_are_compared_as_such() {
        assert!(is_media_type("application/AT+JWT", "at+jwt"));
        assert!(is_media_type("at+jwt", "application/at+jwt"));
        assert!(!is_media_type("application/x/at+jwt", "at+jwt"));
        assert!(!is_media_type("at+jw", "at+jwt"));
    }
}
