//! What a payload of our own issuers looks like, so that reading one is comparing it with that.
//!
//! A guess and never a rule: a member that is not the expected one is read by its name, and nothing is taken that the reader by names
//! would not take as well. `docs/performance.md` has what it brings.

use super::{
    Role, Schema,
    json::{self, NotStrict, Object, Value},
    names::{Found, GENERATION, Place, VERSION},
};

/// One member that an issuer of this type would write, in the place where it would write it.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    /// The name with its quotes and the colon, and for a member that is stamped on every token the value too.
    text: Box<str>,
    /// Where the value begins, when it is part of the text: a string without escapes.
    value: Option<usize>,
    pub(super) found: Found,
}

impl Expected {
    /// The claims of the type in the order of its fields, then what the policy stamps: the two members as they are stamped, and the
    /// names of the others.
    pub(crate) fn of(schema: &Schema, issuer: &str, audience: &str, longest: usize) -> Box<[Self]> {
        let mut claims: Vec<Self> = Vec::with_capacity(schema.claims.len());
        for claim in schema.claims {
            // Nested claims stand in one object, at the place of the first. A name that is written and not read is no name of the claim.
            let name = claim.path.first().copied().unwrap_or_else(|| claim.written.unwrap_or(claim.name));
            match Found::of(name, schema) {
                Some(found) if found.place != Place::Nowhere && claims.iter().all(|before| before.found != found) => {
                    claims.push(Self { text: quoted(name), value: None, found });
                }
                _ => {}
            }
        }
        let stamped = [Role::Issuer, Role::Audience, Role::IssuedAt, Role::Expires, Role::TokenId].into_iter();
        let stamped = stamped.filter(|role| !schema.has(*role)).map(|role| {
            let member = match role {
                Role::Issuer => issuer,
                Role::Audience => audience,
                _ => "",
            };
            Self::stamped(role, member, longest)
        });
        let version =
            schema.version.map(|_| Self { text: quoted(VERSION), value: None, found: Found { role: None, place: Place::Version } });
        let generation = Self { text: quoted(GENERATION), value: None, found: Found { role: None, place: Place::Generation } };
        claims.into_iter().chain(stamped).chain(version).chain([generation]).collect()
    }

    fn stamped(role: Role, member: &str, longest: usize) -> Self {
        let name = quoted(role.name());
        let found = Found { role: Some(role), place: Place::Nowhere };
        let value = member.strip_prefix(&*name).and_then(|value| value.strip_prefix('"')?.strip_suffix('"'));
        match value {
            Some(value) if value.len() <= longest && json::is_literal(value) => {
                Self { text: member.into(), value: Some(name.len()), found }
            }
            _ => Self { text: name, value: None, found },
        }
    }

    /// Takes the next member of an object if it is this one; otherwise the object stays where it is.
    #[inline]
    pub(super) fn take<'t>(&self, object: &mut Object<'t>) -> Result<Option<Value<'t>>, NotStrict> {
        let Some(text) = object.take_text(&self.text) else { return Ok(None) };
        match self.value {
            // What was compared is a string without escapes, so its quotes are its ends.
            Some(start) => {
                let value = text.get(start..).ok_or(NotStrict)?;
                let plain = value.get(1..value.len().saturating_sub(1)).ok_or(NotStrict)?;
                Ok(Some((value, Some(plain))))
            }
            None => object.value().map(Some),
        }
    }
}

fn quoted(name: &str) -> Box<str> {
    format!("\"{name}\":").into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::{
        claims::{Claims, ClaimsType, Raw, Spec, TimeEncoding, reader},
        error::{ClaimErrors, IssueError},
        limits::JsonLimits,
    };

    const SCHEMA: Schema = Schema::untyped().claims(&[Spec::role(Role::Subject), Spec::custom("org"), Spec::custom("roles")]);
    const ISSUED: &str = concat!(
        r#"{"sub":"ada","org":"acme","roles":["a",1],"iss":"https://id.example","#,
        r#""aud":"orders","iat":1700000000,"exp":1700000900,"jti":"q6Zx","gen":7}"#
    );

    const WIDE: Schema = Schema::untyped().version(2).takes_rest().claims(&[
        Spec::role(Role::Subject).aliases(&["uid"]),
        Spec::custom("org").aliases(&["tenant", "exp"]),
        Spec::custom("roles").written("groups").aliases(&["groups"]),
        Spec::custom("realm.roles").path(&["realm", "roles"]),
        Spec::custom("realm.inner.level").path(&["realm", "inner", "level"]).aliases(&["level"]),
        Spec::custom("exp.x").path(&["exp", "x"]),
        Spec::custom("read").written("write"),
    ]);
    const WIDE_ISSUED: &str = concat!(
        r#"{"sub":"ada","org":"acme","groups":["a",1],"realm":{"roles":["b"],"inner":{"level":3}},"iss":"https://id.example","#,
        r#""aud":"orders","iat":1700000000,"exp":1700000900,"jti":"q6Zx","ver":2,"gen":7}"#
    );

    /// Keeps every value as it was handed over.
    struct Kept;

    impl ClaimsType for Kept {
        const SCHEMA: &'static Schema = &SCHEMA;
        type At<'de> = Self;
        type Context = ();
        type Exposure = crate::claims::Open;
        type Formats = crate::claims::AnyFormat;
    }

    impl<'de> Claims<'de> for Kept {
        type Slots = Vec<String>;
        fn slots() -> Self::Slots {
            Vec::new()
        }
        fn read(slots: &mut Self::Slots, value: Raw<'de>) -> Option<()> {
            slots.push(format!("{} {} {:?}", value.claim(), value.json(), value.plain()));
            Some(())
        }
        fn read_rest(slots: &mut Self::Slots, rest: crate::claims::Rest<'_, 'de>) -> Option<()> {
            slots.push(format!("{:?}", BTreeMap::<&str, serde_json::Value>::deserialize(rest).ok()?));
            Some(())
        }
        fn build(_: Self::Slots, _: &mut ClaimErrors) -> Option<Self> {
            Some(Self)
        }
        fn write(&self, _: &mut crate::claims::Writer<'_>) -> Result<(), IssueError> {
            Ok(())
        }
    }

    fn expected(schema: &Schema) -> Box<[Expected]> {
        Expected::of(schema, r#""iss":"https://id.example""#, r#""aud":"orders""#, 4096)
    }

    /// All that reading finds, in words.
    fn read(text: &str, schema: &Schema, expected: &[Expected], limits: JsonLimits) -> String {
        let reading = reader::Reading { schema, expected, times: TimeEncoding::NumericDate, limits };
        let (mut registered, mut slots, mut errors) = Default::default();
        let outcome = reader::read::<Kept>(text, &reading, &mut registered, &mut slots, &mut errors);
        match outcome {
            Ok(()) => format!("{registered:?} {slots:?} {errors:?}"),
            Err(NotStrict) => "refused".to_owned(),
        }
    }

    #[test]
    fn a_payload_of_our_own_is_taken_by_comparing() {
        for (schema, issued) in [(SCHEMA, ISSUED), (WIDE, WIDE_ISSUED)] {
            let mut object = Object::open(issued, JsonLimits::DEFAULT).unwrap();
            for expected in &expected(&schema) {
                assert!(expected.take(&mut object).unwrap().is_some(), "{expected:?}");
            }
            assert!(object.next_member().unwrap().is_none());
        }
    }

    /// The comparison is a short cut: with it and without it every text is read alike, also one that is nearly ours.
    #[test]
    fn comparing_and_reading_by_name_agree() {
        agree(&SCHEMA, ISSUED);
        agree(&WIDE, WIDE_ISSUED);
    }

    fn agree(schema: &Schema, issued: &str) {
        let expected = expected(schema);
        let check = |text: &str, limits| {
            let by_name = read(text, schema, &[], limits);
            assert_eq!(read(text, schema, &expected, limits), by_name, "{text}");
            by_name
        };
        let limits = JsonLimits::DEFAULT;
        assert_ne!(check(issued, limits), "refused");
        for members in 1..=12 {
            check(issued, JsonLimits { members, ..limits });
        }
        for at in 0..issued.len() {
            let (before, after) = issued.split_at(at);
            let (_, later) = after.split_at(1);
            check(before, limits);
            check(&format!("{before}{later}"), limits);
            for other in [
                "\"",
                ",",
                ":",
                "{",
                "}",
                "[",
                "]",
                "\\",
                " ",
                "\n",
                "0",
                "-",
                "x",
                "\0",
                "\u{e9}",
                "\"sub\":1,",
                ",\"iss\":\"https://id.example\"",
            ] {
                check(&format!("{before}{other}{after}"), limits);
                check(&format!("{before}{other}{later}"), limits);
            }
        }
        // The members in every other order.
        let members: Vec<&str> = vec![
            r#""sub":"ada""#,
            r#""org":"acme""#,
            r#""roles":[]"#,
            r#""iss":"https://id.example""#,
            r#""iss":"https://id.example.com""#,
            r#""aud":"orders""#,
            r#""aud":["orders"]"#,
            r#""exp":1"#,
            r#""jti":"x""#,
            r#""gen":1"#,
            r#""other":1"#,
            r#""other":2"#,
            r#""uid":"ada""#,
            r#""tenant":"acme""#,
            r#""groups":[]"#,
            r#""realm":{"roles":1}"#,
            r#""realm":{"inner":{"level":1},"more":1}"#,
            r#""realm":null"#,
            r#""realm":1"#,
            r#""level":3"#,
            r#""exp":{"x":1}"#,
            r#""read":1"#,
            r#""write":1"#,
            r#""ver":2"#,
            r#""ver":"2""#,
            r#""\u0076er":1"#,
        ];
        for first in &members {
            for second in &members {
                for third in &members {
                    check(&format!("{{{first},{second},{third}}}"), limits);
                    check(&format!("{{ {first} , {second}, {third} }}"), limits);
                }
            }
        }
    }
}
