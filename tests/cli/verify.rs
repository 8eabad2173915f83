//! `session verify`: every check with its source, every way to give keys, and the exit codes.

use serde_json::Value;
use session_runtime::{
    Issuer, KeyRing, Timestamp,
    jwt::{EdDsa, Hs256, Jwt, Rs256},
    keyring::{FileKeys, Key, PlaintextKeys},
    paseto::{V4Local, V4Public},
    testing::{Accept, ManualClock, compare_schema, described},
};

use session_tests::stub::{Conduct, Stub};

use crate::support::{Access, Desk, EARLY, LATE, START, access, forged};

const ASKED: [&str; 6] = ["--issuer", "https://id.example", "--audience", "orders", "--type", "at+jwt"];

fn check_of<'v>(value: &'v Value, source: &str) -> &'v Value {
    value["checks"].as_array().unwrap().iter().find(|check| check["source"].as_str().unwrap().contains(source)).unwrap()
}

#[test]
fn a_good_token_is_accepted_and_every_check_told() {
    let desk = Desk::new();
    desk.token();
    let arguments = [&["verify", "@token", "--key", "key.pem", "--at", EARLY][..], &ASKED].concat();
    let out = desk.ok(&arguments);
    assert!(out.starts_with("ACCEPTED  at 2030-01-01T00:05:00Z"), "{out}");
    for line in ["passed", "RFC 7519 §4.1.4", "RFC 8725 §3.1", "RFC 7519 §4.1.1, RFC 8725 §3.8"] {
        assert!(out.contains(line), "{line}: {out}");
    }
    let value = desk.json(0, &arguments);
    assert_eq!((&value["verdict"], &value["token"]["subject"]), (&"accepted".into(), &"ada".into()));
    assert_eq!(check_of(&value, "§4.1.4")["result"], "passed");
    assert_eq!(check_of(&value, "§4.1.7")["result"], "not-asked");
}

#[test]
fn what_nobody_asked_for_is_not_called_good() {
    let desk = Desk::new();
    desk.token();
    let value = desk.json(0, &["verify", "@token", "--key", "key.pem", "--at", EARLY]);
    for source in ["§4.1.1,", "§4.1.3", "§3.11"] {
        assert_eq!(check_of(&value, source)["result"], "not-asked", "{source}");
    }
}

#[test]
fn refusals_say_which_check_failed() {
    #[track_caller]
    fn check(more: &[&str], source: &str, why: &str) {
        let desk = Desk::new();
        desk.token();
        let value = desk.json(1, &[&["verify", "@token", "--key", "key.pem"], more].concat());
        let check = check_of(&value, source);
        assert_eq!((&check["result"], check["why"].as_str()), (&"failed".into(), Some(why)), "{value}");
    }
    check(&["--at", LATE], "RFC 7519 §4.1.4", "expired at 2030-01-01T00:15:00Z");
    check(&["--at", EARLY, "--issuer", "https://evil.example"], "§4.1.1,", "not the expected issuer");
    check(&["--at", EARLY, "--audience", "billing"], "§4.1.3", "not meant for this audience");
    check(&["--at", EARLY, "--type", "rt+jwt"], "§3.11", "a token of another type");
    check(&["--at", "2029-12-31T23:00:00Z"], "§4.1.6", "issued in the future, at 2030-01-01T00:00:00Z");
    check(&["--at", EARLY, "--max-ttl", "5m"], "max_ttl", "lives longer than 300s");
}

#[test]
fn leeway_is_what_was_asked_for() {
    let desk = Desk::new();
    desk.token();
    let at = ["verify", "@token", "--key", "key.pem", "--at", "2030-01-01T00:15:10Z"];
    assert_eq!(desk.run(&at).code, 0);
    assert_eq!(desk.run(&[&at[..], &["--leeway", "0s"]].concat()).code, 1);
    desk.fails(2, &[&at[..], &["--leeway", "1h"]].concat(), "out of bounds");
}

#[test]
fn keys_of_every_kind() {
    let desk = Desk::new();
    desk.token();
    desk.write("public.pem", desk.ok(&["keys", "export", "key.pem"]));
    desk.write("key.jwk", desk.ok(&["keys", "export", "key.pem", "--as", "jwk"]));
    desk.write("set.json", desk.ok(&["keys", "export", "key.pem", "--as", "jwks"]));
    for keys in [["--key", "public.pem"], ["--key", "key.jwk"], ["--key", "set.json"], ["--jwks", "set.json"]] {
        assert_eq!(desk.run(&[&["verify", "@token", "--at", EARLY], &keys[..]].concat()).code, 0, "{keys:?}");
    }
    let ran = desk.run_with_input(&["verify", "@token", "--at", EARLY, "--key", "-"], desk.read("public.pem"));
    assert_eq!(ran.code, 0, "{ran:?}");
    desk.ok(&["keys", "generate", "--format", "EdDSA", "--out", "other.pem"]);
    let value = desk.json(1, &["verify", "@token", "--key", "other.pem", "--at", EARLY]);
    assert_eq!(value["reason"], "the token's seal does not fit");
    desk.write("junk", "junk");
    desk.fails(1, &["verify", "@token", "--key", "junk"], "junk: ");
    desk.fails(2, &["verify", "@token"], "required");
    desk.fails(2, &["verify", "@token", "--jwks", "http://id.example/keys"], "https");
}

/// As a service publishes them, on this machine without TLS.
#[tokio::test(flavor = "multi_thread")]
async fn keys_from_an_address() {
    let desk = Desk::new();
    desk.token();
    let set = desk.ok(&["keys", "export", "key.pem", "--as", "jwks"]);
    let service = Stub::start(Conduct::set("", set)).await;
    let verify = ["verify", "@token", "--at", EARLY, "--jwks", &service.url()];
    assert_eq!(desk.json(0, &verify)["verdict"], "accepted");
    assert_eq!(service.requests().len(), 1);
    service.behave(Conduct::status("404 Not Found", "", ""));
    desk.fails(3, &verify, "the key set could not be read: status 404");
}

/// CVE-2015-9235 and its sisters: the text of a public key is never a secret, whatever the header says.
#[test]
fn a_public_key_is_no_secret() {
    let desk = Desk::new();
    desk.token();
    desk.write("public.pem", desk.ok(&["keys", "export", "key.pem"]));
    let token = forged(r#"{"alg":"HS256"}"#, "{}");
    let value = desk.json(1, &["verify", &token, "--key", "public.pem", "--at", EARLY]);
    assert_eq!(value["reason"], "malformed token: the header's algorithm is not the key's");
    desk.fails(1, &["verify", &token, "--secret-file", "public.pem"], "text of a key");
    let none = forged(r#"{"alg":"none"}"#, "{}");
    assert_eq!(desk.json(1, &["verify", &none, "--key", "public.pem", "--at", EARLY])["verdict"], "refused");
}

#[test]
fn a_private_key_is_no_argument() {
    let desk = Desk::new();
    desk.token();
    let pem = desk.read("key.pem");
    let secret = "k4.local.cHJpdmF0ZQ".to_owned();
    for (key, part) in [(&pem, pem.lines().nth(1).unwrap()), (&secret, "cHJpdmF0ZQ")] {
        for arguments in [&["verify", "@token", "--key", key][..], &["keys", "show", key], &["revoke", "--all", key]] {
            let ran = desk.run(arguments);
            assert_eq!(ran.code, 2);
            assert!(ran.err.contains("this is a key and not the name of a file"), "{ran:?}");
            assert!(!ran.err.contains(part), "nor is it repeated");
        }
    }
}

#[test]
fn rsa_keys_fit_six_formats_until_one_is_named() {
    let desk = Desk::new();
    desk.ok(&["keys", "generate", "--format", "RS256", "--out", "rsa.pem"]);
    let key = Key::<Jwt<Rs256>>::from_pem(&desk.read("rsa.pem")).unwrap();
    let ring = KeyRing::builder().clock(ManualClock::at(Timestamp::from_unix(START))).import(key).unwrap();
    let token = Issuer::<Access, _>::new(&ring).unwrap().issue(&access()).unwrap().token;
    let value = desk.json(0, &["verify", &token, "--key", "rsa.pem", "--at", EARLY]);
    assert_eq!(value["formats"].as_array().unwrap().len(), 6);
    let value = desk.json(1, &["verify", &token, "--key", "rsa.pem", "--at", EARLY, "--format", "ps256"]);
    assert_eq!(value["formats"], serde_json::json!(["PS256"]));
}

#[test]
fn secrets_and_paseto() {
    let desk = Desk::new();
    let clock = ManualClock::at(Timestamp::from_unix(START));
    const SECRET: &str = "hX7q1mZ9dK3vB5nC8wE2rT6yU4iO0pLs";
    let ring = KeyRing::builder().clock(clock.clone()).import(Key::<Jwt<Hs256>>::from_secret(SECRET).unwrap()).unwrap();
    let token = Issuer::<Access, _>::new(&ring).unwrap().issue(&access()).unwrap().token;
    desk.write("secret", format!("{SECRET}\n"));
    assert_eq!(desk.run(&["verify", &token, "--secret-file", "secret", "--at", EARLY]).code, 0);
    for format in ["v4.public", "v4.local"] {
        let file = format!("{format}.key");
        desk.ok(&["keys", "generate", "--format", format, "--out", &file]);
        let text = desk.read(&file);
        let token = if format == "v4.public" {
            let ring = KeyRing::builder().clock(clock.clone()).import(Key::<V4Public>::from_paserk(text.trim()).unwrap()).unwrap();
            Issuer::<Access, _>::new(&ring).unwrap().issue(&access()).unwrap().token
        } else {
            let ring = KeyRing::builder().clock(clock.clone()).import(Key::<V4Local>::from_paserk(text.trim()).unwrap()).unwrap();
            Issuer::<Access, _>::new(&ring).unwrap().issue(&access()).unwrap().token
        };
        let value = desk.json(0, &["verify", &token, "--key", &file, "--at", EARLY, "--type", "at+jwt"]);
        assert_eq!(value["token"]["claims"]["tenant"], "acme");
        // The type is sealed with it, so without the type the seal does not fit; that is said.
        let value = desk.json(1, &["verify", &token, "--key", &file, "--at", EARLY]);
        assert!(value["help"].as_str().unwrap().contains("--type"), "{value}");
    }
}

#[tokio::test]
async fn the_ring_of_a_service() {
    let desk = Desk::new();
    let clock = ManualClock::at(Timestamp::from_unix(START));
    let store = FileKeys::at(desk.path("keys.json"));
    let ring = KeyRing::<Jwt<EdDsa>>::builder().name("main").clock(clock.clone()).open(store.clone(), PlaintextKeys).await.unwrap();
    let secret = KeyRing::<V4Local>::builder().name("main").clock(clock).open(store, PlaintextKeys).await.unwrap();
    let token = Issuer::<Access, _>::new(&ring).unwrap().issue(&access()).unwrap().token;
    let sealed = Issuer::<Access, _>::new(&secret).unwrap().issue(&access()).unwrap().token;
    let from = ["--store", "file:keys.json", "--at", EARLY, "--type", "at+jwt"];
    let value = desk.json(0, &[&["verify", &token], &from[..]].concat());
    assert_eq!(
        (&value["formats"], &value["token"]["key_id"]),
        (&serde_json::json!(["EdDSA"]), &ring.signing_key().unwrap().as_str().into())
    );
    desk.fails(2, &[&["verify", &sealed], &from[..]].concat(), "--plaintext-keys");
    assert_eq!(desk.run(&[&["verify", &sealed, "--plaintext-keys"], &from[..]].concat()).code, 0);
    desk.fails(3, &[&["verify", &token, "--ring", "other"], &from[..]].concat(), "the store has no ring `other`");
    let before = desk.read("keys.json");
    desk.fails(3, &["verify", &token, "--store", "file:nowhere.json"], "the store has no ring `main`");
    assert!(!desk.path("nowhere.json").exists() && desk.read("keys.json") == before, "looking changes nothing");
}

#[test]
fn a_schema_says_what_is_asked() {
    let desk = Desk::new();
    desk.token();
    compare_schema(described::<Access>(), None, &desk.path("Access.json"), Accept::Compatible).unwrap();
    let value = desk.json(0, &["verify", "@token", "--key", "key.pem", "--schema", "Access.json", "--at", EARLY]);
    assert_eq!(check_of(&value, "§4.1.3")["result"], "passed");
}

#[test]
fn a_token_that_never_expires_is_asked_for_by_name() {
    let desk = Desk::new();
    desk.write("secret", "hX7q1mZ9dK3vB5nC8wE2rT6yU4iO0pLs");
    let key = || Key::<Jwt<Hs256>>::from_secret("hX7q1mZ9dK3vB5nC8wE2rT6yU4iO0pLs").unwrap();
    #[derive(session_runtime::Claims)]
    #[claims(untyped, no_issuer, no_audience, never_expires)]
    struct Licence {
        product: String,
    }
    let ring = KeyRing::builder().non_rotating().clock(ManualClock::at(Timestamp::from_unix(START))).import(key()).unwrap();
    let token = Issuer::<Licence, _>::new(&ring).unwrap().issue(&Licence { product: "x".to_owned() }).unwrap().token;
    assert_eq!(desk.run(&["verify", &token, "--secret-file", "secret", "--at", EARLY]).code, 1);
    assert_eq!(desk.run(&["verify", &token, "--secret-file", "secret", "--at", EARLY, "--allow-no-expiry"]).code, 0);
}
