//! What a field may be: every word of the derive that changes how a claim is written and read, in every format.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::Debug,
    marker::PhantomData,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use session_runtime::{
    Audience, Claims, Issuer, Timestamp, Verifier,
    claims::{PlainClaims, TimeClaim},
};

use crate::support::{Fixed, NOON, after, in_every_format, is_paseto, noon, ring, verdict};

/// Issues `claims` at noon, compares what is in the token with `wire` and `stamps`, and verifies it to the same claims.
#[track_caller]
fn check<C>(claims: &C, wire: &Value)
where
    C: PlainClaims + PartialEq + Debug,
    for<'a> C: session_runtime::claims::ClaimsType<At<'a> = C>,
{
    fn one<F: Fixed, C>(claims: &C, wire: &Value)
    where
        C: PlainClaims + PartialEq + Debug,
        for<'a> C: session_runtime::claims::ClaimsType<At<'a> = C>,
    {
        let ring = ring::<F>(&noon());
        let issued = Issuer::<C, F>::new(&ring).unwrap().issue(claims).unwrap();
        let mut payload = F::payload(&issued.token);
        for stamp in ["iat", "exp", "jti"] {
            assert!(payload.as_object_mut().unwrap().remove(stamp).is_some(), "{}: {stamp}", F::NAME);
        }
        assert_eq!(payload, *wire, "{}", F::NAME);
        let verified = Verifier::<C>::new(&ring).unwrap().verify_now(&issued.token).unwrap();
        assert_eq!(*verified, *claims, "{}", F::NAME);
    }
    macro_rules! each {
        ($($format:ty),*) => { $( one::<$format, C>(claims, wire); )* };
    }
    use session_runtime::{
        jwt::{EdDsa, Es256, Hs256, Jwt, Rs256},
        paseto::{V3Local, V3Public, V4Local, V4Public},
    };
    each!(Jwt<Hs256>, Jwt<Rs256>, Jwt<Es256>, Jwt<EdDsa>, V4Public, V4Local, V3Public, V3Local);
}

/// What a verifier of `C` says to a token whose claims, besides the stamps, are `wire`.
fn read<C: PlainClaims, F: Fixed>(wire: Value) -> Result<C, String> {
    let mut claims = wire.as_object().unwrap().clone();
    claims.entry("iat").or_insert(F::time(NOON));
    claims.entry("exp").or_insert(F::time(after(900)));
    let token = F::forge(&F::head(), Value::Object(claims).to_string().as_bytes());
    let answer = Verifier::<C>::new(&ring::<F>(&noon())).unwrap().verify_now(&token);
    let verdict = verdict(&answer);
    answer.map(session_runtime::Verified::into_claims).map_err(|_| verdict)
}

#[derive(Claims, Debug, PartialEq, Default)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt", rename_all = "camelCase")]
struct Words {
    display_name: String,
    #[claim(rename = "https://example.com/org")]
    tenant: String,
    r#type: String,
    #[claim(default)]
    scopes: Vec<String>,
    #[claim(default = seven)]
    level: u8,
    #[claim(skip)]
    cached: bool,
    #[claim(with = hex)]
    digest: [u8; 2],
    nickname: Option<String>,
}

fn seven() -> u8 {
    7
}

mod hex {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8; 2], serializer: S) -> Result<S::Ok, S::Error> {
        format!("{:02x}{:02x}", bytes[0], bytes[1]).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 2], D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = u16::from_str_radix(&text, 16).map_err(D::Error::custom)?;
        Ok(number.to_be_bytes())
    }
}

fn words() -> Words {
    Words { display_name: "Ada".into(), tenant: "acme".into(), r#type: "human".into(), digest: [0xab, 0x01], ..Words::default() }
}

#[test]
fn words_of_the_derive() {
    let wire = json!({
        "displayName": "Ada", "https://example.com/org": "acme", "type": "human", "scopes": [], "level": 0, "digest": "ab01",
    });
    check(&words(), &wire);
}

#[test]
fn what_may_be_absent() {
    fn check<F: Fixed>() {
        let wire = json!({ "displayName": "Ada", "https://example.com/org": "acme", "type": "human", "digest": "ab01" });
        let want = Words { level: 7, ..words() };
        assert_eq!(read::<Words, F>(wire.clone()), Ok(want), "{}", F::NAME);
        // `null` is a value: an `Option` reads it as none, and no other field reads it as absent.
        let with = |name: &str, value: Value| {
            let mut wire = wire.clone();
            wire[name] = value;
            read::<Words, F>(wire)
        };
        assert_eq!(with("nickname", Value::Null), Ok(Words { level: 7, ..words() }), "{}", F::NAME);
        for (name, claim) in [("scopes", "scopes"), ("level", "level"), ("digest", "digest"), ("displayName", "displayName")] {
            let want = format!("claim `{claim}`: not what its field holds");
            assert_eq!(with(name, Value::Null), Err(want), "{}", F::NAME);
        }
        // A skipped field has no claim, so one of its name is just unknown.
        assert_eq!(with("cached", json!(true)), Ok(Words { level: 7, ..words() }), "{}", F::NAME);
    }
    in_every_format!(check);
}

#[test]
fn what_is_missing_is_named() {
    fn check<F: Fixed>() {
        let want = "claim `displayName`: missing; claim `https://example.com/org`: missing; claim `type`: missing; claim `digest`: missing";
        assert_eq!(read::<Words, F>(json!({ "display_name": "Ada" })), Err(want.to_owned()), "{}", F::NAME);
    }
    in_every_format!(check);
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Default)]
struct UserId(String);

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Role {
    Admin,
    Guest,
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(tag = "kind")]
enum Plan {
    Free,
    Paid { seats: u32, until: Option<i64> },
}

#[derive(Claims, Debug, PartialEq)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Shapes {
    #[claim(sub)]
    user: UserId,
    roles: Vec<Role>,
    plan: Plan,
    limits: BTreeMap<String, (u8, f64)>,
    maybe: Option<Option<UserId>>,
    #[claim(jti)]
    _id: Option<UserId>,
    text: Cow<'static, str>,
}

fn shapes(text: &str) -> Shapes {
    Shapes {
        user: UserId(format!("u{text}")),
        roles: vec![Role::Admin, Role::Guest],
        plan: Plan::Paid { seats: 3, until: None },
        limits: BTreeMap::from([("a".into(), (1, 0.5))]),
        maybe: Some(Some(UserId("x".into()))),
        _id: None,
        text: Cow::Owned(text.to_owned()),
    }
}

/// Reads every kind but a `jti` of its own, which [`Shapes`] gets from the policy.
#[derive(Claims, Debug, PartialEq)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Text {
    #[claim(sub)]
    user: UserId,
    text: String,
    letter: char,
}

#[test]
fn newtypes_enums_and_maps() {
    fn one<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let issued = Issuer::<Shapes, F>::new(&ring).unwrap().issue(&shapes("")).unwrap();
        let payload = F::payload(&issued.token);
        assert_eq!(payload["roles"], json!(["admin", "guest"]), "{}", F::NAME);
        assert_eq!(payload["plan"], json!({ "kind": "Paid", "seats": 3, "until": null }), "{}", F::NAME);
        let verified = Verifier::<Shapes>::new(&ring).unwrap().verify_now(&issued.token).unwrap();
        let want = Shapes { _id: Some(UserId(issued.id.to_string())), ..shapes("") };
        assert_eq!(*verified, want, "{}", F::NAME);
    }
    in_every_format!(one);
}

#[test]
fn texts_of_every_alphabet() {
    let all_escapes: String = (0..0x20_u8).map(char::from).collect();
    for text in ["", "O\"Brien\\", "naïve — 日本語 🦀", "\u{0}\u{7f}\u{2028}", &all_escapes, "</script>", "\u{10ffff}"] {
        let claims = Text { user: UserId(format!("u{text}")), text: text.into(), letter: text.chars().next().unwrap_or('"') };
        check(&claims, &json!({ "sub": claims.user.0, "text": text, "letter": claims.letter }));
    }
}

#[test]
fn escapes_are_read_as_what_they_stand_for() {
    fn check<F: Fixed>() {
        let iat = F::time(NOON);
        let exp = F::time(after(900));
        let payload = format!(r#"{{"s\u0075b":"\u0061\ud83e\udd80","te\u0078t":"\/","letter":"\u00e9","iat":{iat},"exp":{exp}}}"#);
        let token = F::forge(&F::head(), payload.as_bytes());
        let verified = Verifier::<Text>::new(&ring::<F>(&noon())).unwrap().verify_now(&token).unwrap();
        assert_eq!(*verified, Text { user: UserId("a🦀".into()), text: "/".into(), letter: 'é' }, "{}", F::NAME);
        assert_eq!(verified.subject(), Some("a🦀"));
    }
    in_every_format!(check);
}

#[derive(Claims, Debug, PartialEq)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Times<E: TimeClaim, N: TimeClaim> {
    #[claim(exp)]
    until: E,
    #[claim(nbf)]
    from: N,
}

/// Every type that holds a time holds the same second.
#[test]
fn times_of_every_type() {
    fn one<E: TimeClaim + PartialEq + Debug + 'static, F: Fixed>(until: E, from: E) {
        let claims = Times { until, from };
        let ring = ring::<F>(&noon());
        let issued = Issuer::<Times<E, E>, F>::new(&ring).unwrap().issue(&claims).unwrap();
        let payload = F::payload(&issued.token);
        assert_eq!([&payload["exp"], &payload["nbf"]], [&F::time(after(60)), &F::time(after(-60))], "{}", F::NAME);
        let verified = Verifier::<Times<E, E>>::new(&ring).unwrap().verify_now(&issued.token).unwrap();
        assert_eq!((&*verified, verified.expires_at()), (&claims, Some(after(60))), "{}", F::NAME);
    }
    fn check<F: Fixed>() {
        let seconds = [60, -60].map(|seconds| after(seconds).as_unix());
        let [until, from] = seconds.map(|seconds| u64::try_from(seconds).unwrap());
        one::<Timestamp, F>(after(60), after(-60));
        one::<i64, F>(seconds[0], seconds[1]);
        one::<u64, F>(until, from);
        let [late, early] = seconds.map(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0).unwrap());
        one::<DateTime<Utc>, F>(late, early);
        let [late, early] = [until, from].map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        one::<SystemTime, F>(late, early);
        one::<Option<SystemTime>, F>(Some(late), Some(early));
        one::<Option<Timestamp>, F>(Some(after(60)), Some(after(-60)));
    }
    in_every_format!(check);
}

#[test]
fn times_left_open_are_stamped_or_absent() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let claims = Times::<Option<u64>, Option<u64>> { until: None, from: None };
        let issued = Issuer::<Times<Option<u64>, Option<u64>>, F>::new(&ring).unwrap().issue(&claims).unwrap();
        assert!(F::payload(&issued.token).get("nbf").is_none(), "{}", F::NAME);
        let verified = Verifier::<Times<Option<u64>, Option<u64>>>::new(&ring).unwrap().verify_now(&issued.token).unwrap();
        let until = u64::try_from(after(900).as_unix()).unwrap();
        assert_eq!(*verified, Times { until: Some(until), from: None }, "{}", F::NAME);
    }
    in_every_format!(check);
}

#[derive(Claims, Debug, PartialEq)]
#[claims(no_issuer, audience("orders", "billing"), ttl = "15m", token_type = "at+jwt")]
struct Many {
    #[claim(aud)]
    audience: Option<Audience>,
}

#[test]
fn audiences_of_every_shape() {
    check(&Many { audience: Some("orders".into()) }, &json!({ "aud": "orders" }));
    fn read_back<F: Fixed>() {
        let many = |aud: Value| read::<Many, F>(json!({ "aud": aud })).map(|many| many.audience);
        assert_eq!(many(json!("orders")), Ok(Some("orders".into())), "{}", F::NAME);
        if is_paseto::<F>() {
            // A PASETO is for one audience, so there is no list.
            for list in [json!([]), json!(["billing"]), json!(["x", "orders"])] {
                assert_eq!(many(list), Err("claim `aud`: not a string".into()), "{}", F::NAME);
            }
            return;
        }
        assert_eq!(many(json!(["x", "orders"])), Ok(Some(Audience::from(["x", "orders"]))), "{}", F::NAME);
        assert_eq!(many(json!([])), Err("claim `aud`: missing".into()), "{}", F::NAME);
        assert_eq!(many(json!(["x", 1])), Err("claim `aud`: not a string or an array of strings".into()), "{}", F::NAME);
    }
    in_every_format!(read_back);
}

mod settings {
    use std::time::Duration;

    pub(crate) const ISSUER: &str = "https://constant.example";
    pub(crate) const AUDIENCE: &str = "constant";
    pub(crate) const TTL: Duration = Duration::from_secs(61);
}

#[derive(Claims, Debug, PartialEq)]
#[claims(issuer = settings::ISSUER, audience = settings::AUDIENCE, ttl = settings::TTL, token_type = "at+jwt")]
struct Constants {}

#[test]
fn settings_may_be_constants() {
    check(&Constants {}, &json!({ "iss": "https://constant.example", "aud": "constant" }));
    let ring = ring::<session_runtime::paseto::V4Local>(&noon());
    let issued = Issuer::<Constants, _>::new(&ring).unwrap().issue(&Constants {}).unwrap();
    assert_eq!(issued.expires_at, Some(after(61)));
}

#[derive(Claims, Debug, PartialEq)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Generic<T, const N: usize>
where
    T: Debug + Default,
{
    value: T,
    list: Vec<T>,
    #[claim(skip)]
    unused: PhantomData<[(); N]>,
}

#[derive(Claims)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Borrowed<'a> {
    value: &'a str,
    list: Vec<&'a str>,
}

#[test]
fn generic_and_borrowed_claims() {
    let wire = json!({ "value": "a", "list": ["b", "c"] });
    check(&Generic::<String, 2> { value: "a".into(), list: vec!["b".into(), "c".into()], unused: PhantomData }, &wire);
    check(&Generic::<Option<u8>, 0> { value: None, list: vec![None, Some(1)], unused: PhantomData }, &json!({ "list": [null, 1] }));
    // A borrowed type is issued from texts of any lifetime and read as its owned twin.
    fn twin<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let text = String::from("a b c");
        let mut words = text.split(' ');
        let borrowed = Borrowed { value: words.next().unwrap(), list: words.collect() };
        let token = Issuer::<Borrowed<'static>, F>::new(&ring).unwrap().issue(&borrowed).unwrap().token;
        let verified = Verifier::<Generic<String, 0>>::new(&ring).unwrap().verify_now(&token).unwrap();
        assert_eq!((verified.value.as_str(), verified.list.len()), ("a", 2), "{}", F::NAME);
    }
    in_every_format!(twin);
}

#[derive(Claims, Debug, PartialEq)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Checked {
    #[claim(check = "Checked::is_even")]
    even: u8,
    #[claim(check = is_short)]
    short: Option<String>,
}

impl Checked {
    fn is_even(even: &u8) -> bool {
        even.is_multiple_of(2)
    }
}

fn is_short(text: &Option<String>) -> Result<(), &'static str> {
    if text.as_ref().is_none_or(|text| text.len() < 4) { Ok(()) } else { Err("longer than 3") }
}

#[test]
fn checks_of_both_kinds() {
    check(&Checked { even: 2, short: Some("abc".into()) }, &json!({ "even": 2, "short": "abc" }));
    fn refused<F: Fixed>() {
        let verdict = read::<Checked, F>(json!({ "even": 3, "short": "abcd" })).unwrap_err();
        assert_eq!(verdict, "claim `even`: refused by its check; claim `short`: longer than 3", "{}", F::NAME);
        assert_eq!(read::<Checked, F>(json!({ "even": 4 })), Ok(Checked { even: 4, short: None }), "{}", F::NAME);
    }
    in_every_format!(refused);
}
