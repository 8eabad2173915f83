//! `session revoke` and `session revocations`, on a log in an SQLite file.

use session_runtime::{
    Issuer, KeyRing, Revocations, Verifier,
    jwt::{EdDsa, Jwt},
    keyring::Key,
    revocation::SqliteRevocations,
};

use crate::support::{Access, Desk, access, forged};

const LOG: [&str; 2] = ["--store", "sqlite:log.db"];

/// A log that a service has begun.
async fn log(desk: &Desk) {
    drop(Revocations::open(SqliteRevocations::open(desk.path("log.db")).await.unwrap()).await.unwrap());
}

fn kinds(desk: &Desk) -> Vec<String> {
    let value = desk.json(0, &[&["revocations", "list"], &LOG[..]].concat());
    value.as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_kind_of_entry() {
    let desk = Desk::new();
    log(&desk).await;
    assert_eq!(desk.ok(&[&["revocations", "list"], &LOG[..]].concat()), "nothing is revoked\n");
    let yes = [&LOG[..], &["--yes"]].concat();
    desk.ok(&[&["revoke", "--subject", "ada", "--issuer", "https://id.example"], &yes[..]].concat());
    desk.ok(&[&["revoke", "--session", "phone", "--issuer", "https://id.example"], &yes[..]].concat());
    desk.ok(&[&["revoke", "--key", "k1", "--ring", "main"], &yes[..]].concat());
    desk.ok(&[&["revoke", "--all"], &yes[..]].concat());
    assert_eq!(kinds(&desk), ["subject", "session", "key", "everything"]);
    let out = desk.ok(&[&["revocations", "list"], &LOG[..]].concat());
    assert!(out.contains("`ada`") && out.contains("of `https://id.example`") && out.contains("kept for ever"), "{out}");
    let value = desk.json(0, &[&["revocations", "lag"], &LOG[..]].concat());
    assert_eq!((&value["ready"], &value["entries"]), (&true.into(), &4.into()));
    assert!(desk.ok(&[&["revocations", "lag"], &LOG[..]].concat()).contains("well known"));
}

#[tokio::test]
async fn nothing_is_written_without_a_yes() {
    let desk = Desk::new();
    log(&desk).await;
    desk.fails(2, &[&["revoke", "--all"], &LOG[..]].concat(), "say `--yes`");
    let out = desk.ok(&[&["revoke", "--all", "--dry-run"], &LOG[..]].concat());
    assert!(out.starts_with("dry run: this would be revoked: every token so far"), "{out}");
    assert_eq!(kinds(&desk), [""; 0]);
    desk.fails(2, &[&["revoke", "--subject", "ada", "--yes"], &LOG[..]].concat(), "--issuer ISSUER");
    desk.fails(2, &[&["revoke", "--key", "k1", "--yes"], &LOG[..]].concat(), "--ring");
    desk.fails(2, &[&["revoke", "--yes"], &LOG[..]].concat(), "required");
    desk.fails(2, &[&["revoke", "--all", "--subject", "ada"], &LOG[..]].concat(), "cannot be used with");
}

/// The address of a log that is not there is a mistake, and never a new log: whatever is written there nobody reads.
#[tokio::test]
async fn a_log_is_never_begun() {
    let desk = Desk::new();
    desk.fails(3, &["revoke", "--all", "--yes", "--store", "sqlite:nowhere.db"], "cannot be read");
    assert!(!desk.path("nowhere.db").exists());
    desk.fails(2, &["revoke", "--all", "--yes", "--store", "file:log"], "no plain file");
}

/// One token, from its issuer to the verifier that refuses it.
#[tokio::test]
async fn a_token_is_revoked() {
    let desk = Desk::new();
    log(&desk).await;
    desk.token();
    let ring = || KeyRing::<Jwt<EdDsa>>::builder().import(Key::from_pem(&desk.read("key.pem")).unwrap()).unwrap();
    let token = {
        let revocations = Revocations::open(SqliteRevocations::open_existing(desk.path("log.db")).await.unwrap()).await.unwrap();
        Issuer::<Access, _>::new(&ring()).unwrap().with_revocations(&revocations).await.unwrap().issue(&access()).unwrap().token
    };
    desk.write("live", &token);
    let verify = ["verify", "@live", "--key", "key.pem", "--revocations", "sqlite:log.db"];
    let value = desk.json(0, &verify);
    assert!(
        value["checks"].as_array().unwrap().iter().any(|check| check["check"] == "revocation" && check["result"] == "passed"),
        "{value}"
    );
    // By its key nothing needs to be asked; without, somebody has to look.
    desk.fails(2, &[&["revoke", "@live"], &LOG[..]].concat(), "nobody has checked");
    let value = desk.json(0, &[&["revoke", "@live", "--verify-key", "key.pem"], &LOG[..]].concat());
    assert_eq!((&value["kind"], &value["verified"]), (&"token".into(), &true.into()));
    let value = desk.json(1, &verify);
    assert_eq!(value["reason"], "revoked");
    let revocations = Revocations::open(SqliteRevocations::open_existing(desk.path("log.db")).await.unwrap()).await.unwrap();
    let verifier = Verifier::<Access>::new(&ring()).unwrap().with_revocations(&revocations).await.unwrap();
    assert_eq!(verifier.verify(&token).await.unwrap_err().to_string(), "revoked");
}

#[tokio::test]
async fn a_token_that_nobody_checked() {
    let desk = Desk::new();
    log(&desk).await;
    let yes = [&LOG[..], &["--yes"]].concat();
    let far = forged(r#"{"alg":"EdDSA"}"#, r#"{"iss":"https://id.example","jti":"t1","exp":4102444800}"#);
    let value = desk.json(0, &[&["revoke", &far], &yes[..]].concat());
    assert_eq!((&value["token_id"], &value["verified"]), (&"t1".into(), &false.into()));
    desk.ok(&[&["verify", "--help"][..]].concat());
    let over = forged(r#"{"alg":"EdDSA"}"#, r#"{"jti":"t2","exp":1}"#);
    desk.fails(1, &[&["revoke", &over], &yes[..]].concat(), "nothing to revoke");
    let unnamed = forged(r#"{"alg":"EdDSA"}"#, r#"{"exp":4102444800}"#);
    desk.fails(1, &[&["revoke", &unnamed], &yes[..]].concat(), "no `jti`");
    let twice = forged(r#"{"alg":"EdDSA"}"#, r#"{"jti":"t3","jti":"t4","exp":4102444800}"#);
    desk.fails(1, &[&["revoke", &twice], &yes[..]].concat(), "a name twice");
    desk.token();
    desk.fails(1, &[&["revoke", &far, "--verify-key", "key.pem"], &yes[..]].concat(), "nothing was revoked");
    assert_eq!(kinds(&desk), ["token"]);
}

/// A stolen key: the log first, then the ring.
#[tokio::test]
async fn a_compromise_is_told_to_the_log() {
    let desk = Desk::new();
    log(&desk).await;
    let store = ["--store", "file:keys.json", "--plaintext-keys"];
    desk.ok(&[&["keys", "generate", "--format", "EdDSA"], &store[..]].concat());
    let id = desk.json(0, &["keys", "list", "--store", "file:keys.json"])[0]["signing_key"].as_str().unwrap().to_owned();
    let value = desk.json(0, &[&["keys", "compromise", &id, "--yes", "--revocations", "sqlite:log.db"], &store[..]].concat());
    assert_eq!(value["in_revocation_log"], true);
    assert_eq!(kinds(&desk), ["key"]);
}

/// A service that has the file for itself is named as the one to ask.
#[tokio::test]
async fn a_log_that_a_service_holds() {
    let desk = Desk::new();
    let service = Revocations::open(SqliteRevocations::open(desk.path("log.db")).await.unwrap()).await.unwrap();
    desk.fails(3, &[&["revocations", "list"], &LOG[..]].concat(), "held by another process");
    drop(service);
}
