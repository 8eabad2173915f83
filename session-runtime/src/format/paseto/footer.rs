//! The footer that an issuer writes: the name of the key, and what the deployment adds to it.

use serde::Serialize;

use crate::{
    claims::json,
    error::FooterRule,
    format::head::{self, is_key_material},
    ids::KeyId,
    limits::{self, JsonLimits},
};

/// The members that stand in a footer beside the key id, as text without the braces.
pub(crate) fn members(footer: &impl Serialize) -> Result<Box<str>, FooterRule> {
    let text = serde_json::to_string(footer).map_err(|_| FooterRule::Unwritable)?;
    let members = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).ok_or(FooterRule::NotAnObject)?;
    if text.len() > limits::FOOTER {
        return Err(FooterRule::TooLong { length: text.len(), limit: limits::FOOTER });
    }
    // By the reader that reads footers, so that what is written here is read everywhere.
    head::members(text.as_bytes(), JsonLimits::DEFAULT, FooterRule::Members, |name, value| {
        if let Some(reserved) = RESERVED.into_iter().find(|reserved| *reserved == name) {
            return Err(FooterRule::Reserved(reserved));
        }
        match json::string(value) {
            Some(text) if is_key_material(&text) => Err(FooterRule::KeyMaterial),
            None if value.starts_with(['[', '{']) => Err(FooterRule::Nested),
            _ => Ok(()),
        }
    })?;
    Ok(members.into())
}

/// The whole footer: empty for a key without a name and an issuer that adds nothing.
pub(super) fn whole(key_id: Option<&KeyId>, members: Option<&str>) -> String {
    let key_id = key_id.map(|key_id| format!("\"kid\":{}", serde_json::Value::from(key_id.as_str())));
    let parts: Vec<&str> = [key_id.as_deref(), members].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { format!("{{{}}}", parts.join(",")) }
}

/// Names with a meaning of PASETO's own: the key's id, and a key that is wrapped into the token.
const RESERVED: [&str; 2] = ["kid", "wpk"];

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(footer: Value, want: Result<&str, FooterRule>) {
        assert_eq!(members(&footer).as_deref().map_err(|rule| *rule), want, "{footer}");
    }

    #[test]
    fn footers_are_flat_objects_of_facts() {
        check(json!({}), Ok(""));
        check(json!({ "a": 1, "b": "x", "c": true, "d": null, "e": -1.5 }), Ok(r#""a":1,"b":"x","c":true,"d":null,"e":-1.5"#));
        for other in [json!(null), json!("{}"), json!(7), json!([]), json!([{ "a": 1 }])] {
            check(other, Err(FooterRule::NotAnObject));
        }
        for nested in [json!([]), json!({}), json!([1]), json!({ "b": 1 })] {
            check(json!({ "a": nested }), Err(FooterRule::Nested));
        }
    }

    #[test]
    fn reserved_names_and_keys_are_refused() {
        check(json!({ "kid": "k4.lid.x" }), Err(FooterRule::Reserved("kid")));
        check(json!({ "a": 1, "wpk": "k4.seal.x" }), Err(FooterRule::Reserved("wpk")));
        check(json!({ "KID": "x" }), Ok(r#""KID":"x""#));
        for kind in ["local", "secret", "public", "local-pw", "secret-pw"] {
            check(json!({ "a": format!("k3.{kind}.AAAA") }), Err(FooterRule::KeyMaterial));
        }
        check(json!({ "a": "k4.lid.AAAA" }), Ok(r#""a":"k4.lid.AAAA""#));
    }

    #[test]
    fn bounds() {
        let of = |length: usize| json!({ "a": "x".repeat(length - r#"{"a":""}"#.len()) });
        assert!(members(&of(limits::FOOTER)).is_ok());
        let length = limits::FOOTER + 1;
        check(of(length), Err(FooterRule::TooLong { length, limit: limits::FOOTER }));
        // Short enough, and more members than the reader of footers takes.
        let many = |count: u8| Value::Object((0..count).map(|name| (format!("{name:x}"), json!(0))).collect());
        assert!(members(&many(128)).is_ok());
        check(many(129), Err(FooterRule::Members));
    }

    /// A map with a name twice, which serde writes as it comes.
    #[test]
    fn names_are_unique() {
        struct Twice;
        impl Serialize for Twice {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map([("a", 1), ("a", 2)])
            }
        }
        assert_eq!(members(&Twice), Err(FooterRule::Members));
    }

    #[test]
    fn the_key_id_comes_first() {
        let key_id = KeyId::new("k1").unwrap();
        assert_eq!(whole(None, None), "");
        assert_eq!(whole(None, Some("")), "");
        assert_eq!(whole(Some(&key_id), None), r#"{"kid":"k1"}"#);
        assert_eq!(whole(Some(&key_id), Some("")), r#"{"kid":"k1"}"#);
        assert_eq!(whole(None, Some(r#""a":1"#)), r#"{"a":1}"#);
        assert_eq!(whole(Some(&key_id), Some(r#""a":1"#)), r#"{"kid":"k1","a":1}"#);
    }
}
