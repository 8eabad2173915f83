//! `session inspect`: what is shown, and what is warned of.

use session_runtime::{
    Issuer, KeyRing, Timestamp,
    claims::ClaimsType,
    jwt::{Hs256, Jwt},
    keyring::Key,
    paseto::{V4Local, V4Public},
    testing::{Accept, ManualClock, compare_schema, described},
};

use crate::support::{Access, Desk, EARLY, LATE, START, access, forged, warnings};

#[test]
fn a_token_is_shown_and_marked_as_unverified() {
    let desk = Desk::new();
    let token = desk.token();
    let out = desk.ok(&["inspect", &token, "--at", LATE]);
    assert!(out.starts_with("UNVERIFIED  nobody has checked this token"), "{out}");
    for line in ["expired 3 minutes ago", "2030-01-01T00:15:00Z", "issued 18 minutes ago", "\"https://id.example\"", "it names none"] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(desk.ok(&["inspect", &token, "--at", EARLY]).contains("expires in 10 minutes"));
    let named = forged(r#"{"alg":"EdDSA","kid":"k1"}"#, "{}");
    assert!(desk.ok(&["inspect", &named]).contains("key  k1, from `kid` in the header"));
}

#[test]
fn every_way_to_give_a_token_is_the_same() {
    let desk = Desk::new();
    let token = desk.token();
    let want = desk.ok(&["inspect", &token, "--at", EARLY]);
    assert_eq!(desk.ok(&["inspect", "@token", "--at", EARLY]), want);
    assert_eq!(desk.ok(&["inspect", "--token-file", "token", "--at", EARLY]), want);
    assert_eq!(desk.run_with_input(&["inspect", "-", "--at", EARLY], format!("Bearer {token}\n")).out, want);
    desk.fails(3, &["inspect", "@nowhere"], "nowhere: ");
    desk.fails(2, &["inspect"], "required");
    desk.fails(1, &["inspect", "no token"], "not a token");
}

#[test]
fn the_shape_of_the_json() {
    let desk = Desk::new();
    desk.token();
    let value = desk.json(0, &["inspect", "@token", "--at", LATE]);
    assert_eq!(value["verified"], false);
    assert_eq!((&value["kind"], &value["format"]), (&"JWT".into(), &"EdDSA".into()));
    assert_eq!(value["header"]["typ"], "at+jwt");
    assert_eq!(value["claims"]["tenant"], "acme");
    assert_eq!(value["times"]["exp"]["words"], "expired 3 minutes ago");
    assert_eq!(value["seal_bytes"], 64);
    assert!(warnings(&value).is_empty(), "{value}");
}

#[test]
fn what_should_be_looked_at() {
    #[track_caller]
    fn check(header: &str, payload: &str, want: &[&str]) {
        let value = Desk::new().json(0, &["inspect", &forged(header, payload), "--at", EARLY]);
        assert_eq!(warnings(&value), want, "{header} {payload}");
    }
    const GOOD: &str = r#"{"iat":1893456000,"exp":1893456900}"#;
    check(r#"{"alg":"ES256"}"#, GOOD, &[]);
    check(r#"{"alg":"nOnE"}"#, GOOD, &["alg-none"]);
    check(r#"{"typ":"JWT"}"#, GOOD, &["no-alg"]);
    for name in ["jwk", "jku", "x5u", "x5c"] {
        check(&format!(r#"{{"alg":"ES256","{name}":"x"}}"#), GOOD, &["embedded-key"]);
    }
    check(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, GOOD, &["crit", "b64"]);
    check(r#"{"alg":"ES256","zip":"DEF"}"#, GOOD, &["zip"]);
    check(r#"{"alg":"ES256","cty":"JWT"}"#, GOOD, &["nested"]);
    check(r#"{"alg":"ES256","alg":"none"}"#, GOOD, &["duplicate-name"]);
    check(r#"{"alg":"ES256"}"#, r#"{"exp":1893456900,"a":{"b":1,"b":2}}"#, &["duplicate-name"]);
    check(r#"{"alg":"ES256"}"#, "{}", &["no-expiry"]);
    check(r#"{"alg":"ES256"}"#, r#"{"iat":1893456000,"exp":2177452800}"#, &["long-life"]);
    check(r#"{"alg":"ES256"}"#, r#"{"iat":1893456000,"exp":1893456900000}"#, &["long-life", "milliseconds"]);
    check(r#"{"alg":"ES256"}"#, r#"{"exp":"tomorrow"}"#, &["not-a-time"]);
    check(r#"{"alg":"ES256"}"#, r#"{"iat":1893459600,"exp":1893459900}"#, &["from-the-future"]);
    check(r#"{"alg":"ES256"}"#, "[]", &["not-json"]);
    let value = Desk::new().json(0, &["inspect", "e30.e30=.x", "--at", EARLY]);
    assert_eq!(warnings(&value), ["no-alg", "unreadable"]);
}

#[test]
fn nine_years_are_said() {
    let desk = Desk::new();
    let out = desk.ok(&["inspect", &forged(r#"{"alg":"ES256"}"#, r#"{"iat":1893456000,"exp":2177452800}"#), "--at", EARLY]);
    assert!(out.contains("it lives 9 years; a type allows 24 hours unless it says more"), "{out}");
}

#[test]
fn paseto_is_shown_as_far_as_it_can_be() {
    let desk = Desk::new();
    let clock = ManualClock::at(Timestamp::from_unix(START));
    let ring = KeyRing::<V4Public>::builder().clock(clock.clone()).generate().unwrap();
    let token = Issuer::<Access, _>::new(&ring).unwrap().issue(&access()).unwrap().token;
    let value = desk.json(0, &["inspect", &token, "--at", LATE]);
    assert_eq!((&value["format"], &value["claims"]["sub"]), (&"v4.public".into(), &"ada".into()));
    assert_eq!(value["times"]["exp"]["words"], "expired 3 minutes ago");
    assert_eq!((&value["key_id"]["in"], &value["key_id"]["value"]), (&"footer".into(), &ring.signing_key().unwrap().as_str().into()));
    let ring = KeyRing::<V4Local>::builder().clock(clock).generate().unwrap();
    let token = Issuer::<Access, _>::new(&ring).unwrap().issue(&access()).unwrap().token;
    let value = desk.json(0, &["inspect", &token]);
    assert!(value["claims"]["encrypted_bytes"].is_u64());
    assert_eq!(warnings(&value), ["encrypted"]);
}

#[test]
fn a_secret_is_tried_and_judged() {
    #[track_caller]
    fn check(secret: &str, file: &str, opens: bool, codes: &[&str]) {
        let desk = Desk::new();
        let ring = KeyRing::builder()
            .clock(ManualClock::at(Timestamp::from_unix(START)))
            .import(Key::<Jwt<Hs256>>::dangerous_short_secret(secret).unwrap());
        let token = Issuer::<Access, _>::new(&ring.unwrap()).unwrap().issue(&access()).unwrap().token;
        desk.write("secret", file);
        let value = desk.json(0, &["inspect", &token, "--secret-file", "secret", "--at", EARLY]);
        assert_eq!(value["secret"]["opens"], opens, "{value}");
        assert_eq!(warnings(&value), codes, "{value}");
    }
    const LONG: &str = "hX7q1mZ9dK3vB5nC8wE2rT6yU4iO0pLs";
    check(LONG, LONG, true, &[]);
    check(LONG, &format!("{LONG}\n"), true, &[]);
    check(LONG, "another secret, which is as long!", false, &[]);
    check("secret", "secret", true, &["weak-secret"]);
    check("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true, &["weak-secret"]);
    let desk = Desk::new();
    desk.token();
    desk.write("secret", LONG);
    assert_eq!(desk.json(0, &["inspect", "@token", "--secret-file", "secret", "--at", EARLY])["secret"]["opens"], serde_json::Value::Null);
}

/// The file of a schema says what the type says, in the same words; only the leeway is not in it.
#[test]
fn the_policy_of_a_schema() {
    let desk = Desk::new();
    desk.token();
    compare_schema(described::<Access>(), None, &desk.path("Access.json"), Accept::Compatible).unwrap();
    let value = desk.json(0, &["inspect", "@token", "--schema", "Access.json", "--at", EARLY]);
    let shown: Vec<&str> = value["policy"].as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    let said: Vec<String> = Access::policy().iter().map(ToString::to_string).filter(|rule| !rule.contains("clocks")).collect();
    assert_eq!(shown, said);
    assert!(warnings(&value).is_empty());
    let other = forged(r#"{"alg":"ES256"}"#, r#"{"iat":1893456000,"exp":1893456900,"iss":"https://evil.example","aud":["x"]}"#);
    let value = desk.json(0, &["inspect", &other, "--schema", "Access.json", "--at", EARLY]);
    assert_eq!(warnings(&value), ["schema-typ", "schema-iss", "schema-aud", "schema-missing", "schema-missing"]);
    desk.write("broken.json", "{\n");
    desk.fails(2, &["inspect", "@token", "--schema", "broken.json"], "not a schema of claims");
}
