//! `flatten`: the claims that a type does not name, and what never gets among them.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use session_runtime::{Buffer, Claims, Issuer, Verifier, claims::Text};

use crate::support::{Fixed, NOON, after, in_every_short_format, noon, ring, verdict};

#[derive(Claims, Debug, PartialEq)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Open<T: Serialize + DeserializeOwned> {
    #[claim(sub)]
    user: Option<String>,
    #[claim(alias = "tenant")]
    org: Option<String>,
    #[claim(path = "realm.roles")]
    roles: Option<Vec<String>>,
    #[claim(flatten)]
    rest: T,
}

type Any = Open<Map<String, Value>>;

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn open<T: Serialize + DeserializeOwned>(rest: T) -> Open<T> {
    Open { user: None, org: None, roles: None, rest }
}

/// A token with these members and the times of a good one.
fn forged<F: Fixed>(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    F::forge(&F::head(), format!("{{{members}{comma}\"iat\":{},\"exp\":{}}}", F::time(NOON), F::time(after(900))).as_bytes())
}

fn read<T: Serialize + DeserializeOwned + 'static, F: Fixed>(members: &str) -> Result<T, String> {
    let answer = Verifier::<Open<T>>::new(&ring::<F>(&noon())).unwrap().verify_now(&forged::<F>(members));
    let verdict = verdict(&answer);
    answer.map(|verified| verified.into_claims().rest).map_err(|_| verdict)
}

#[test]
fn what_the_type_does_not_name_is_kept() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        for rest in [json!({}), json!({ "a": 1 }), json!({ "a": null, "b": ["x", { "y": "z\"" }], "\"": "é", "": 0 })] {
            let claims = Open { user: Some("ada".into()), ..open(map(rest)) };
            let token = Issuer::<Any, F>::new(&ring).unwrap().issue(&claims).unwrap().token;
            assert_eq!(*Verifier::<Any>::new(&ring).unwrap().verify_now(&token).unwrap(), claims, "{}", F::NAME);
            // The rest may be all that a type writes.
            let alone = open(claims.rest);
            let token = Issuer::<Any, F>::new(&ring).unwrap().issue(&alone).unwrap().token;
            assert_eq!(*Verifier::<Any>::new(&ring).unwrap().verify_now(&token).unwrap(), alone, "{}", F::NAME);
        }
    }
    in_every_short_format!(check);
}

#[test]
fn what_the_type_and_the_policy_know_is_not_in_the_rest() {
    fn check<F: Fixed>() {
        let known = r#""sub":"ada","org":"acme","realm":{"roles":[],"x":1},"nbf":null,"jti":"t1","gen":7,"sid":"s","rg":1,"ver":2"#;
        assert_eq!(read::<Map<String, Value>, F>(&known.replace(r#""nbf":null,"#, "")), Ok(Map::new()), "{}", F::NAME);
        assert_eq!(read::<Map<String, Value>, F>(r#""tenant":"acme","more":1"#), Ok(map(json!({ "more": 1 }))), "{}", F::NAME);
        // A registered claim by another spelling of its name is that claim, and there twice.
        let twice = read::<Map<String, Value>, F>(r#""\u0065xp":"never""#);
        assert!(twice.unwrap_err().starts_with("claim `exp`"), "{}", F::NAME);
        assert!(read::<Map<String, Value>, F>(r#""a":1,"\u0061":2"#).is_err(), "{}", F::NAME);
    }
    in_every_short_format!(check);
}

#[test]
fn no_name_of_others_is_issued_from_the_rest() {
    fn check<F: Fixed>() {
        let issuer = Issuer::<Any, F>::new(&ring(&noon())).unwrap();
        let names = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid", "gen", "rg", "ver", "org", "tenant", "realm"];
        for name in names {
            let rest = Map::from_iter([("before".to_owned(), json!(1)), (name.to_owned(), json!("x"))]);
            let refused = issuer.issue(&open(rest)).map(|issued| issued.token).unwrap_err();
            assert_eq!(refused.to_string(), "claim `(other)`: unexpected", "{}: {name}", F::NAME);
        }
        // What looks like a nested claim is none.
        assert!(issuer.issue(&open(map(json!({ "realm.roles": 1 })))).is_ok(), "{}", F::NAME);
        let list = Issuer::<Open<Vec<u8>>, F>::new(&ring(&noon())).unwrap().issue(&open(vec![1])).map(drop);
        assert_eq!(list.unwrap_err().to_string(), "claim `(other)`: not an object", "{}", F::NAME);
        let twice = Issuer::<Open<Twice>, F>::new(&ring(&noon())).unwrap().issue(&open(Twice)).map(drop);
        assert!(twice.unwrap_err().to_string().starts_with("claim `(other)` is beyond what is read"), "{}", F::NAME);
    }
    in_every_short_format!(check);
}

/// Writes one name twice, as a map of some other library may.
#[derive(Debug, Deserialize)]
struct Twice;

impl Serialize for Twice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("a", 1), ("a", 2)])
    }
}

/// An object has 128 members at most, and the stamps of the policy are some of them.
#[test]
fn the_rest_leaves_room_for_the_policy() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let issue = |members: usize| {
            let rest = (0..members).map(|index| (format!("{index:x}"), json!(1))).collect();
            Issuer::<Any, F>::new(&ring).unwrap().issue(&open(rest)).map(|issued| issued.token)
        };
        // Beside `iat`, `exp` and `jti`.
        let token = issue(125).unwrap();
        assert!(Verifier::<Any>::new(&ring).unwrap().verify_now(&token).is_ok(), "{}", F::NAME);
        assert!(issue(126).unwrap_err().to_string().starts_with("claim `(other)` is beyond what is read"), "{}", F::NAME);
    }
    in_every_short_format!(check);
}

#[test]
fn the_rest_has_a_type() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Level {
        level: u8,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    }
    fn check<F: Fixed>() {
        let texts = HashMap::from([("a".to_owned(), "b".to_owned())]);
        assert_eq!(read::<HashMap<String, String>, F>(r#""a":"b""#), Ok(texts), "{}", F::NAME);
        assert_eq!(read::<Option<BTreeMap<String, u8>>, F>(r#""a":1"#), Ok(Some(BTreeMap::from([("a".into(), 1)]))), "{}", F::NAME);
        let mistyped = Err("claim `(other)`: not what its field holds".to_owned());
        assert_eq!(read::<HashMap<String, String>, F>(r#""a":1"#), mistyped, "{}", F::NAME);
        assert_eq!(read::<Level, F>(r#""level":3,"more":1"#), Ok(Level { level: 3, note: None }), "{}", F::NAME);
        assert_eq!(read::<Level, F>("").unwrap_err(), "claim `(other)`: not what its field holds", "{}", F::NAME);
    }
    in_every_short_format!(check);
}

#[derive(Claims, Debug)]
#[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
struct Borrowed<'a> {
    #[claim(flatten)]
    rest: BTreeMap<Text<'a>, &'a str>,
}

#[test]
fn the_rest_borrows_from_the_token() {
    fn check<F: Fixed>() {
        let mut buffer = Buffer::default();
        let verifier = Verifier::<Borrowed<'_>>::new(&ring::<F>(&noon())).unwrap();
        let read = verifier.verify_now_in(&forged::<F>(r#""a":"b","\u0063":"d""#), &mut buffer).unwrap();
        let borrowed: Vec<_> = read.rest.iter().map(|(name, value)| (&**name, name.is_borrowed(), *value)).collect();
        assert_eq!(borrowed, [("a", true, "b"), ("c", false, "d")], "{}", F::NAME);
    }
    in_every_short_format!(check);
}
