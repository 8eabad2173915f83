//! What a payload of our own issuers looks like, so that reading one is comparing it with that.
//!
//! A guess and never a rule: a member that is not the expected one is read by its name, and nothing is taken that the reader by names
//! would not take as well. `docs/performance.md` has what it brings.

use super::{
    Role, Schema,
    json::{self, NotStrict, Object, Value},
    reader::{Found, GENERATION, Place},
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
        let claims = (0..).zip(schema.claims).map(|(index, claim)| Self {
            text: quoted(claim.name),
            value: None,
            found: Found { role: claim.role, place: Place::Claim(index) },
        });
        let stamped = [Role::Issuer, Role::Audience, Role::IssuedAt, Role::Expires, Role::TokenId].into_iter();
        let stamped = stamped.filter(|role| !schema.has(*role)).map(|role| {
            let member = match role {
                Role::Issuer => issuer,
                Role::Audience => audience,
                _ => "",
            };
            Self::stamped(role, member, longest)
        });
        let generation = Self { text: quoted(GENERATION), value: None, found: Found { role: None, place: Place::Generation } };
        claims.chain(stamped).chain([generation]).collect()
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
        type Slots = Vec<(u16, &'de str, Option<&'de str>)>;
        fn slots() -> Self::Slots {
            Vec::new()
        }
        fn read(slots: &mut Self::Slots, value: Raw<'de>) -> Option<()> {
            slots.push((value.claim(), value.json(), value.plain()));
            Some(())
        }
        fn build(_: Self::Slots, _: &mut ClaimErrors) -> Option<Self> {
            Some(Self)
        }
        fn write(&self, _: &mut crate::claims::Writer<'_>) -> Result<(), IssueError> {
            Ok(())
        }
    }

    fn expected() -> Box<[Expected]> {
        Expected::of(&SCHEMA, r#""iss":"https://id.example""#, r#""aud":"orders""#, 4096)
    }

    /// All that reading finds, in words.
    fn read(text: &str, expected: &[Expected], limits: JsonLimits) -> String {
        let reading = reader::Reading { schema: &SCHEMA, expected, times: TimeEncoding::NumericDate, limits };
        let (mut registered, mut slots, mut errors) = Default::default();
        let outcome = reader::read::<Kept>(text, &reading, &mut registered, &mut slots, &mut errors);
        match outcome {
            Ok(()) => format!("{registered:?} {slots:?} {errors:?}"),
            Err(NotStrict) => "refused".to_owned(),
        }
    }

    #[test]
    fn a_payload_of_our_own_is_taken_by_comparing() {
        let mut object = Object::open(ISSUED, JsonLimits::DEFAULT).unwrap();
        for expected in &expected() {
            assert!(expected.take(&mut object).unwrap().is_some(), "{expected:?}");
        }
        assert!(object.next_member().unwrap().is_none());
    }

    /// The comparison is a short cut: with it and without it every text is read alike, also one that is nearly ours.
    #[test]
    fn comparing_and_reading_by_name_agree() {
        let expected = expected();
        let check = |text: &str, limits| assert_eq!(read(text, &expected, limits), read(text, &[], limits), "{text}");
        let limits = JsonLimits::DEFAULT;
        check(ISSUED, limits);
        for members in 1..=10 {
            check(ISSUED, JsonLimits { members, ..limits });
        }
        for at in 0..ISSUED.len() {
            let (before, after) = ISSUED.split_at(at);
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
