//! The official vectors of PASERK, for the types that a ring takes.

use serde_json::Value;
use session_runtime::{
    error::{KeyError, KeyRule},
    keyring::{Key, PublicKeys},
    paseto::{V4Local, V4Public},
};
use session_tests::require;

use crate::tally::{Tally, cases, name};

#[test]
fn version_4() {
    let mut tally = Tally::new("paserk");
    for vector in require!(cases("paserk.json")) {
        let (version, kind) = (vector["version"].as_str().unwrap(), vector["type"].as_str().unwrap());
        match (version, kind, vector["paserk"].as_str()) {
            ("k3", ..) => tally.skip("version 3"),
            (_, "lid" | "pid" | "sid", _) => tally.skip("ids are given and not asked for; tested beside the primitives"),
            (_, "local" | "secret" | "public", Some(text)) => judge(&vector, kind, text, &mut tally),
            (_, "local" | "secret" | "public", None) => tally.skip("no bytes of a wrong length can be handed over"),
            (_, kind, _) => tally.skip(&format!("k4.{kind} does not exist here")),
        }
    }
    tally.expect(&[
        ("read", 5),
        ("refused", 1),
        ("made-up bytes that are no point", 3),
        ("skipped: ids are given and not asked for; tested beside the primitives", 7),
        ("skipped: no bytes of a wrong length can be handed over", 2),
        ("skipped: k4.local-pw does not exist here", 5),
        ("skipped: k4.local-wrap.pie does not exist here", 2),
        ("skipped: k4.seal does not exist here", 4),
        ("skipped: k4.secret-pw does not exist here", 4),
        ("skipped: k4.secret-wrap.pie does not exist here", 2),
        ("skipped: version 3", 22),
    ]);
}

fn judge(vector: &Value, kind: &str, text: &str, tally: &mut Tally) {
    let outcome = match kind {
        "local" => Key::<V4Local>::from_paserk(text).map(drop),
        "secret" => Key::<V4Public>::from_paserk(text).map(drop),
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
