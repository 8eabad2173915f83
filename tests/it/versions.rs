//! `version`: tokens of older versions of a type are read for as long as they live, and no others.

use serde_json::{Map, Value, json};
use session_runtime::{Claims, Issuer, Revocations, Verifier, error::VerifyError, paseto::V4Local, revocation::MemoryRevocations};

use crate::support::{Fixed, NOON, after, in_every_short_format, noon, ring, verdict};

/// The first version said nothing of versions.
#[derive(Claims, Debug, PartialEq)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt", deny_unknown, context = u8)]
struct V1 {
    #[claim(sub)]
    user: String,
    #[claim(check = enough)]
    level: u8,
}

#[derive(Claims, Debug, PartialEq)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt", context = u8, version(2, from = V1))]
struct V2 {
    #[claim(sub)]
    user: String,
    level: String,
}

#[derive(Claims, Debug, PartialEq)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt", context = u8, version(3, from = V2))]
struct V3 {
    #[claim(sub)]
    user: String,
    levels: Vec<String>,
}

fn enough(level: &u8, least: &u8) -> bool {
    level >= least
}

impl From<V1> for V2 {
    fn from(V1 { user, level }: V1) -> Self {
        Self { user, level: level.to_string() }
    }
}

impl From<V2> for V3 {
    fn from(V2 { user, level }: V2) -> Self {
        Self { user, levels: vec![level] }
    }
}

/// A version that came before there was a context.
#[derive(Claims, Debug, PartialEq)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt", check = known)]
struct Plain {
    #[claim(sub)]
    user: String,
}

#[derive(Claims, Debug, PartialEq)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt", context = u8, version(2, from = Plain))]
struct Handed {
    #[claim(sub)]
    user: String,
    #[claim(check = enough)]
    level: u8,
}

fn known(plain: &Plain) -> bool {
    plain.user != "eve"
}

impl From<Plain> for Handed {
    fn from(Plain { user }: Plain) -> Self {
        Self { level: user.len().try_into().unwrap(), user }
    }
}

/// What a verifier of the newest version says to a good token with these changes.
fn read<F: Fixed>(members: Value) -> Result<V3, String> {
    let mut claims: Map<String, Value> = json!({
        "iss": "https://id.example", "aud": "orders", "sub": "ada", "iat": F::time(NOON), "exp": F::time(after(900)),
    })
    .as_object()
    .unwrap()
    .clone();
    claims.extend(members.as_object().unwrap().clone());
    read_text::<F>(&Value::Object(claims).to_string())
}

fn read_text<F: Fixed>(payload: &str) -> Result<V3, String> {
    let verifier = Verifier::<V3>::new(&ring::<F>(&noon())).unwrap();
    let answer = verifier.given(&2).verify_now(&F::forge(&F::head(), payload.as_bytes()));
    let verdict = verdict(&answer);
    answer.map(session_runtime::Verified::into_claims).map_err(|_| verdict)
}

#[test]
fn every_version_is_read_during_a_deploy() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let verifier = Verifier::<V3>::new(&ring).unwrap();
        let ada = || V3 { user: "ada".into(), levels: vec!["2".into()] };
        let first = Issuer::<V1, F>::new(&ring).unwrap().issue(&V1 { user: "ada".into(), level: 2 }).unwrap();
        let second = Issuer::<V2, F>::new(&ring).unwrap().issue(&V2 { user: "ada".into(), level: "2".into() }).unwrap();
        let third = Issuer::<V3, F>::new(&ring).unwrap().issue(&ada()).unwrap();
        let stamps = [&first, &second, &third].map(|issued| F::payload(&issued.token).get("ver").cloned());
        assert_eq!(stamps, [None, Some(json!(2)), Some(json!(3))], "{}", F::NAME);
        for issued in [first, second, third] {
            let verified = verifier.given(&2).verify_now(&issued.token).unwrap();
            assert_eq!(*verified, ada(), "{}", F::NAME);
            assert_eq!(verified.token_id(), Some(issued.id.as_str()), "{}", F::NAME);
            assert_eq!(verified.expires_at(), issued.expires_at, "{}", F::NAME);
        }
        // The version of the first may be said.
        assert_eq!(read::<F>(json!({ "level": 2, "ver": 1 })), Ok(ada()), "{}", F::NAME);
    }
    in_every_short_format!(check);
}

#[test]
fn an_older_version_has_to_be_good_as_what_it_is() {
    fn check<F: Fixed>() {
        let refused = |members: Value, want: &str| assert_eq!(read::<F>(members), Err(want.to_owned()), "{}", F::NAME);
        refused(json!({ "level": 1 }), "claim `level`: refused by its check");
        refused(json!({ "level": "2" }), "claim `level`: not what its field holds");
        refused(json!({}), "claim `level`: missing");
        // What the newest version names is unknown to the first, which denies that.
        refused(json!({ "level": 2, "levels": [] }), "claim `(other)`: unexpected");
        // The policy of the verifier's own type judges all of them, once.
        refused(json!({ "level": 2, "aud": "x" }), "claim `aud`: not meant for this audience");
        refused(json!({ "level": 1, "aud": "x" }), "claim `aud`: not meant for this audience; claim `level`: refused by its check");
        refused(json!({ "level": 2, "exp": true }), "claim `exp`: not a time in the token's format");
        refused(json!({ "ver": 3, "level": 2 }), "claim `levels`: missing");
        refused(json!({ "ver": 2, "levels": ["2"] }), "claim `level`: missing");
    }
    in_every_short_format!(check);
}

#[test]
fn an_older_version_needs_no_context_and_gets_around_no_check() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let (issuer, verifier) = (Issuer::<Plain, F>::new(&ring).unwrap(), Verifier::<Handed>::new(&ring).unwrap());
        let read = |user: &str| {
            let token = issuer.issue(&Plain { user: user.into() }).unwrap().token;
            let answer = verifier.given(&2).verify_now(&token);
            answer.map(session_runtime::Verified::into_claims).map_err(|error| error.to_string())
        };
        assert_eq!(read("ada"), Ok(Handed { user: "ada".into(), level: 3 }), "{}", F::NAME);
        assert_eq!(read("eve"), Err("claim `(claims)`: refused by its check".into()), "{}", F::NAME);
        // No old token gets around a check that came later.
        assert_eq!(read("a"), Err("claim `level`: refused by its check".into()), "{}", F::NAME);
    }
    in_every_short_format!(check);
}

#[test]
fn no_other_version_is_read() {
    fn check<F: Fixed>() {
        let refused = |ver: Value, want: &str| {
            let want = Err(format!("claim `ver`: {want}"));
            assert_eq!(read::<F>(json!({ "ver": ver, "levels": ["2"], "level": 2 })), want, "{}", F::NAME);
        };
        for ver in [json!(0), json!(4), json!(u32::MAX)] {
            refused(ver, "a version that is not known");
        }
        for ver in [json!("3"), json!("1"), json!(null), json!(3.0), json!(-1), json!([3]), json!(true), json!(u64::from(u32::MAX) + 1)] {
            refused(ver, "not a whole number");
        }
        let rest =
            format!(r#""iss":"https://id.example","aud":"orders","sub":"ada","iat":{},"exp":{}"#, F::time(NOON), F::time(after(900)));
        for (members, want) in [
            (r#""ver":3,"levels":[],"ver":1"#, "claim `ver`: there twice"),
            (r#""ver":3,"levels":[],"v\u0065r":3"#, "claim `ver`: there twice"),
            (r#""ver":1,"level":2,"v\u0065r":3"#, "claim `ver`: there twice"),
            // The newer type knew this name, so only the older one sees that it is there twice.
            (r#""ver":2,"level":"2","levels":[],"levels":[]"#, "claim `(other)`: there twice"),
        ] {
            let got = read_text::<F>(&format!("{{{members},{rest}}}"));
            assert!(got.as_ref().is_err_and(|error| error.contains(want)), "{}: {members}: {got:?}", F::NAME);
        }
    }
    in_every_short_format!(check);
}

/// A revocation finds an old token as it finds a new one.
#[tokio::test]
async fn older_versions_can_be_revoked() {
    let clock = noon();
    let revocations = Revocations::open_with_clock(MemoryRevocations::new().unwrap(), clock.clone()).await.unwrap();
    let ring = ring::<V4Local>(&clock);
    let issuer = Issuer::<V1, V4Local>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let verifier = Verifier::<V3>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let issued = issuer.issue(&V1 { user: "ada".into(), level: 2 }).unwrap();
    assert!(verifier.given(&2).verify_now(&issued.token).is_ok());
    revocations.revoke_token(Some("https://id.example"), issued.id.as_str(), issued.expires_at).await.unwrap();
    assert!(matches!(verifier.given(&2).verify_now(&issued.token), Err(VerifyError::Revoked)));
}
