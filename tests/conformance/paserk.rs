//! The official vectors of PASERK, for the types that a ring takes.

use serde_json::Value;
use session_runtime::{
    error::{KeyError, KeyRule},
    keyring::{Key, PublicKeys},
    paseto::{V3Local, V3Public, V4Local, V4Public},
};
use session_tests::require;

use crate::tally::{Tally, cases, name};

#[test]
fn every_version() {
    let mut tally = Tally::new("paserk");
    for vector in require!(cases("paserk.json")) {
        let (version, kind) = (vector["version"].as_str().unwrap(), vector["type"].as_str().unwrap());
        match (version, kind, vector["paserk"].as_str()) {
            (_, "lid" | "pid" | "sid", _) => tally.skip("ids are given and not asked for; tested beside the primitives"),
            (_, "local" | "secret" | "public", Some(text)) => judge(&vector, version, kind, text, &mut tally),
            (_, "local" | "secret" | "public", None) => tally.skip("no bytes of a wrong length can be handed over"),
            (_, kind, _) => tally.skip(&format!("{version}.{kind} does not exist here")),
        }
    }
    tally.expect(&[
        ("read", 11),
        ("refused", 2),
        ("made-up bytes that are no point", 3),
        ("skipped: ids are given and not asked for; tested beside the primitives", 8),
        ("skipped: no bytes of a wrong length can be handed over", 3),
        ("skipped: k4.local-pw does not exist here", 5),
        ("skipped: k4.local-wrap.pie does not exist here", 2),
        ("skipped: k4.seal does not exist here", 4),
        ("skipped: k4.secret-pw does not exist here", 4),
        ("skipped: k4.secret-wrap.pie does not exist here", 2),
        ("skipped: k3.local-pw does not exist here", 4),
        ("skipped: k3.local-wrap.pie does not exist here", 2),
        ("skipped: k3.seal does not exist here", 2),
        ("skipped: k3.secret-pw does not exist here", 3),
        ("skipped: k3.secret-wrap.pie does not exist here", 2),
    ]);
}

fn judge(vector: &Value, version: &str, kind: &str, text: &str, tally: &mut Tally) {
    let outcome = match (version, kind) {
        ("k3", "local") => Key::<V3Local>::from_paserk(text).map(drop),
        ("k3", "secret") => Key::<V3Public>::from_paserk(text).map(drop),
        ("k3", _) => PublicKeys::<V3Public>::from_paserk(text).map(drop),
        (_, "local") => Key::<V4Local>::from_paserk(text).map(drop),
        (_, "secret") => Key::<V4Public>::from_paserk(text).map(drop),
        _ => PublicKeys::<V4Public>::from_paserk(text).map(drop),
    };
    match (vector["expected"].as_str().unwrap(), outcome) {
        ("valid", Ok(())) => tally.good("read"),
        ("invalid", Err(_)) => tally.good("refused"),
        // PASERK only checks the length; the specification of Ed25519 (RFC 8032 §5.1.3) asks for a point.
        ("valid", Err(KeyError::Refused { rule: KeyRule::InvalidPoint | KeyRule::WeakPoint, .. })) if kind == "public" => {
            tally.good("made-up bytes that are no point");
        }
        (_, outcome) => tally.fault(name(vector), &outcome),
    }
}
