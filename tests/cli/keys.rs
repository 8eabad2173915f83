//! `session keys`: key files, and rings in stores that need no server.

use serde_json::Value;
use session_runtime::{
    KeyRing,
    jwt::{EdDsa, Jwt},
    keyring::{FileKeys, LocalKek, SqliteKeys, Timing},
};

use crate::support::Desk;

const STORE: [&str; 4] = ["--store", "file:keys.json", "--kek-file", "kek"];

/// A ring of one writer in a wrapped file.
fn ring(desk: &Desk) {
    desk.ok(&[&["keys", "generate", "--format", "EdDSA"], &STORE[..]].concat());
}

fn list(desk: &Desk) -> Vec<Value> {
    let value = desk.json(0, &["keys", "list", "--store", "file:keys.json"]);
    value[0]["keys"].as_array().unwrap().clone()
}

fn states(desk: &Desk) -> Vec<String> {
    list(desk).iter().map(|key| key["state"].as_str().unwrap().to_owned()).collect()
}

fn signer(desk: &Desk) -> String {
    let keys = list(desk);
    keys.iter().find(|key| key["signs_now"] == true).unwrap()["key_id"].as_str().unwrap().to_owned()
}

/// Without its key-encryption key a ring is not to be changed, nor shown as if it lay there open.
#[test]
fn wrapped_halves_are_not_taken_for_plain_ones() {
    let desk = Desk::new();
    for format in ["HS256", "v4.local", "EdDSA"] {
        let (kept, plain) = (["--store", "file:keys.json", "--format", format], "--plaintext-keys");
        desk.ok(&[&["keys", "generate", "--kek-file", "kek"], &kept[..]].concat());
        let before = desk.read("keys.json");
        for command in [&["keys", "rotate", "--yes", plain][..], &["keys", "export", "--private", plain]] {
            desk.fails(1, &[command, &kept].concat(), "give the key-encryption key that the ring was made with");
        }
        assert_eq!(desk.read("keys.json"), before, "{format}");
    }
}

/// base64url has hyphens, and other makers' ids begin with one.
#[test]
fn an_id_may_begin_with_a_hyphen() {
    let desk = Desk::new();
    ring(&desk);
    for command in ["suspend", "resume", "compromise"] {
        desk.fails(1, &[&["keys", command, "-AIUoc"], &STORE[..]].concat(), "the ring holds no key `-AIUoc`");
    }
}

/// As text and as JSON, and nothing is there afterwards.
#[test]
fn what_is_rehearsed_is_not_made() {
    let desk = Desk::new();
    for (place, made) in [(["--out", "key.pem"], "key.pem"), (["--store", "file:keys.json"], "keys.json")] {
        let dry = [&["keys", "generate", "--format", "EdDSA", "--kek-file", "kek", "--dry-run"][..], &place].concat();
        assert_eq!(desk.json(0, &dry)["dry_run"], true);
        assert!(desk.ok(&dry).contains("would be"));
        assert!(!desk.path(made).exists() && !desk.path("kek").exists(), "{made}");
    }
    let value = desk.json(0, &[&["keys", "generate", "--format", "EdDSA"], &STORE[..]].concat());
    assert_eq!((&value["ring"], &value["dry_run"]), (&"main".into(), &false.into()));
}

#[test]
fn a_key_file_of_every_format() {
    let desk = Desk::new();
    for format in [
        "EdDSA",
        "ES256",
        "ES384",
        "ES512",
        "HS256",
        "HS384",
        "HS512",
        "ML-DSA-44",
        "ML-DSA-65",
        "ML-DSA-87",
        "v4.public",
        "v4.local",
        "v3.public",
        "v3.local",
    ] {
        let value = desk.json(0, &["keys", "generate", "--format", format, "--out", format]);
        assert_eq!(value["format"], format);
        let shown = desk.json(0, &["keys", "show", format, "--format", format]);
        assert_eq!(shown[0]["has_private_half"], true, "{format}: {shown}");
        assert_eq!(shown[0]["thumbprint"], value["thumbprint"], "{format}");
        assert_eq!(shown[0]["paserk_id"], value["paserk_id"], "{format}");
        let private = desk.ok(&["keys", "export", format, "--format", format, "--private"]);
        assert_eq!(private.trim(), desk.read(format).trim(), "{format}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(desk.path("EdDSA")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    desk.fails(3, &["keys", "generate", "--format", "EdDSA", "--out", "EdDSA"], "it may hold a key that is in use");
    desk.fails(2, &["keys", "generate", "--format", "EdDSA"], "required");
    desk.fails(2, &["keys", "generate", "--format", "EdDSA", "--out", "x", "--as", "paserk"], "--as pem");
    desk.fails(2, &["keys", "generate", "--format", "none", "--out", "x"], "invalid value");
    assert!(!desk.path("x").exists());
    desk.ok(&["keys", "generate", "--format", "EdDSA", "--out", "x", "--dry-run"]);
    assert!(!desk.path("x").exists());
}

#[test]
fn public_halves_in_every_text() {
    let desk = Desk::new();
    desk.ok(&["keys", "generate", "--format", "EdDSA", "--out", "key"]);
    assert!(desk.ok(&["keys", "export", "key"]).starts_with("-----BEGIN PUBLIC KEY-----\n"));
    assert!(desk.ok(&["keys", "export", "key", "--as", "jwk"]).contains("\"crv\":\"Ed25519\""));
    assert!(desk.ok(&["keys", "export", "key", "--as", "jwks"]).starts_with("{\"keys\":["));
    assert!(desk.ok(&["keys", "export", "key", "--as", "paserk"]).starts_with("k4.public."), "the same key is one of PASETO");
    desk.ok(&["keys", "generate", "--format", "HS256", "--out", "secret"]);
    desk.fails(1, &["keys", "export", "secret"], "is a secret and has no public half");
    desk.ok(&["keys", "generate", "--format", "RS256", "--out", "rsa"]);
    desk.fails(2, &["keys", "export", "rsa", "--as", "jwk"], "--format");
    assert!(desk.ok(&["keys", "export", "rsa", "--as", "jwk", "--format", "PS256"]).contains("\"alg\":\"PS256\""));
}

#[test]
fn a_ring_is_made_once_and_listed() {
    let desk = Desk::new();
    ring(&desk);
    let out = desk.ok(&["keys", "list", "--store", "file:keys.json"]);
    assert!(out.contains("main  EdDSA: tokens live at most 24 hours; one writer, whose keys sign at once"), "{out}");
    assert!(out.contains("active, signs"), "{out}");
    desk.fails(1, &[&["keys", "generate", "--format", "EdDSA"], &STORE[..]].concat(), "`session keys rotate` makes its next key");
    desk.fails(3, &["keys", "list", "--store", "file:keys.json", "--ring", "other"], "the store has no ring `other`");
    desk.fails(2, &["keys", "list", "--store", "keys.json"], "file:PATH");
    desk.fails(2, &["keys", "list"], "no store");
    desk.fails(3, &["keys", "list", "--store", "sqlite:nowhere.db"], "cannot be read");
    assert!(!desk.path("nowhere.db").exists());
    let id = signer(&desk);
    let set = desk.ok(&["keys", "export", "--store", "file:keys.json", "--as", "jwks"]);
    assert!(set.contains(&id), "{set}");
    assert!(desk.ok(&["keys", "show", "--store", "file:keys.json"]).contains("thumbprint"));
    assert!(desk.ok(&["keys", "export", "--store", "file:keys.json", "--id", &id]).starts_with("-----BEGIN PUBLIC KEY-----"));
    desk.fails(1, &["keys", "export", "--store", "file:keys.json", "--id", "nobody"], "holds no key `nobody`");
}

#[test]
fn a_rotation_and_its_rehearsal() {
    let desk = Desk::new();
    ring(&desk);
    let first = signer(&desk);
    let before = desk.read("keys.json");
    let out = desk.ok(&[&["keys", "rotate", "--dry-run"], &STORE[..]].concat());
    assert!(out.starts_with("dry run: nothing was changed"), "{out}");
    assert_eq!(desk.read("keys.json"), before);
    let value = desk.json(0, &[&["keys", "rotate"], &STORE[..]].concat());
    assert_eq!((value["new_key"].as_bool(), value["dry_run"].as_bool()), (Some(true), Some(false)));
    assert_eq!(states(&desk), ["retiring", "active"]);
    assert!(signer(&desk) != first && value["key_id"] == signer(&desk));
    desk.fails(2, &["keys", "rotate", "--store", "file:keys.json"], "--kek-file FILE");
    LocalKek::from_file_or_generate(desk.path("other")).unwrap();
    desk.fails(1, &["keys", "rotate", "--store", "file:keys.json", "--kek-file", "other"], "cannot be unwrapped");
    desk.fails(3, &["keys", "rotate", "--store", "file:keys.json", "--kek-file", "nowhere"], "nowhere");
    assert!(!desk.path("nowhere").exists(), "a key-encryption key is made with the ring and never later");
}

#[test]
fn rotating_early_is_asked_about() {
    let desk = Desk::new();
    desk.ok(&["keys", "generate", "--format", "v4.local", "--store", "sqlite:keys.db", "--plaintext-keys", "--timing", "fleet"]);
    let rotate = ["keys", "rotate", "--store", "sqlite:keys.db", "--plaintext-keys"];
    desk.fails(2, &rotate, "say `--yes`");
    desk.ok(&[&rotate[..], &["--dry-run"]].concat());
    let ran = desk.run_with_input(&rotate, "y\n");
    assert_eq!(ran.code, 2, "a pipe is nobody: {ran:?}");
    desk.ok(&[&rotate[..], &["--yes"]].concat());
}

#[test]
fn a_key_is_set_aside_and_taken_back() {
    let desk = Desk::new();
    ring(&desk);
    let first = signer(&desk);
    desk.fails(1, &[&["keys", "suspend", &first], &STORE[..]].concat(), "rotate first");
    desk.ok(&[&["keys", "rotate"], &STORE[..]].concat());
    desk.ok(&[&["keys", "suspend", &first, "--dry-run"], &STORE[..]].concat());
    assert_eq!(states(&desk), ["retiring", "active"]);
    assert_eq!(desk.json(0, &[&["keys", "suspend", &first], &STORE[..]].concat())["state"], "suspended");
    assert_eq!(desk.json(0, &[&["keys", "resume", &first], &STORE[..]].concat())["state"], "retiring");
    desk.fails(1, &[&["keys", "suspend", "nobody"], &STORE[..]].concat(), "`session keys list` shows the ids");
}

#[test]
fn a_stolen_key_goes_out_of_use() {
    let desk = Desk::new();
    ring(&desk);
    let first = signer(&desk);
    let compromise = [&["keys", "compromise", &first], &STORE[..]].concat();
    desk.fails(2, &compromise, "say `--yes`");
    desk.ok(&[&compromise[..], &["--dry-run"]].concat());
    assert_eq!(states(&desk), ["active"]);
    let value = desk.json(0, &[&compromise[..], &["--yes"]].concat());
    assert_eq!((&value["signing_key"], &value["in_revocation_log"]), (&signer(&desk).into(), &false.into()));
    assert_eq!(states(&desk), ["compromised", "active"]);
    assert_ne!(signer(&desk), first);
    desk.ok(&[&compromise[..], &["--yes"]].concat());
    desk.fails(1, &[&["keys", "compromise", "nobody", "--yes"], &STORE[..]].concat(), "holds no key `nobody`");
    desk.fails(1, &[&["keys", "export", "--private", "--id", &first], &STORE[..]].concat(), "the private half is needed");
}

/// A ring whose first key is long over, by a clock that stood in the past when it was made.
#[tokio::test]
async fn what_is_over_is_cleared_away() {
    let desk = Desk::new();
    let kek = LocalKek::from_file_or_generate(desk.path("kek")).unwrap();
    let clock = session_runtime::testing::ManualClock::at(session_runtime::Timestamp::from_unix(1_600_000_000));
    let made = KeyRing::<Jwt<EdDsa>>::builder().clock(clock).open(FileKeys::at(desk.path("keys.json")), kek).await.unwrap();
    let first = made.signing_key().unwrap();
    made.rotate().await.unwrap();
    let prune = [&["keys", "prune"], &STORE[..]].concat();
    let value = desk.json(0, &[&prune[..], &["--dry-run"]].concat());
    assert_eq!(value["pruned"], serde_json::json!([first.as_str()]));
    desk.fails(2, &prune, "this cannot be taken back: removed: ");
    assert_eq!(list(&desk).len(), 2);
    desk.ok(&[&prune[..], &["--yes"]].concat());
    assert_eq!(list(&desk).len(), 1);
    assert!(desk.ok(&prune).contains("nothing is due"));
}

#[test]
fn a_plan_is_told_without_keys() {
    let desk = Desk::new();
    desk.ok(&[
        "keys",
        "generate",
        "--format",
        "ES256",
        "--store",
        "sqlite:keys.db",
        "--plaintext-keys",
        "--timing",
        "fleet",
        "--max-ttl",
        "1h",
    ]);
    let plan = ["keys", "plan", "--store", "sqlite:keys.db", "--for", "40d"];
    let out = desk.ok(&plan);
    assert!(out.contains("tokens live at most 60 minutes; several writers") && out.contains("signs no more, and verifies"), "{out}");
    let value = desk.json(0, &[&plan[..], &["--plaintext-keys"]].concat());
    let what: Vec<&str> = value[0]["events"].as_array().unwrap().iter().map(|event| event["what"].as_str().unwrap()).collect();
    assert!(what.contains(&"loses its private half") && what.contains(&"signs from now on"), "{what:?}");
}

#[tokio::test]
async fn a_ring_in_two_formats_has_to_be_said() {
    let desk = Desk::new();
    ring(&desk);
    desk.ok(&[&["keys", "generate", "--format", "v4.local"], &STORE[..]].concat());
    assert_eq!(desk.json(0, &["keys", "list", "--store", "file:keys.json"]).as_array().unwrap().len(), 2);
    desk.fails(2, &[&["keys", "rotate"], &STORE[..]].concat(), "EdDSA, v4.local");
    desk.ok(&[&["keys", "rotate", "--format", "V4.Local"], &STORE[..]].concat());
}

/// What the tool makes a service opens, and the other way round.
#[tokio::test]
async fn a_service_and_the_tool_share_a_store() {
    let desk = Desk::new();
    desk.ok(&["keys", "generate", "--format", "EdDSA", "--store", "sqlite:keys.db", "--kek-file", "kek", "--timing", "fleet"]);
    let kek = LocalKek::from_file(desk.path("kek")).unwrap();
    let store = SqliteKeys::open_existing(desk.path("keys.db")).await.unwrap();
    let service = KeyRing::<Jwt<EdDsa>>::builder().timing(Timing::FLEET).open(store, kek).await.unwrap();
    desk.ok(&["keys", "rotate", "--store", "sqlite:keys.db", "--kek-file", "kek", "--yes"]);
    service.reload().await.unwrap();
    assert_eq!(service.keys().len(), 2);
}
