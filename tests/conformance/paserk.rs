//! The official vectors of PASERK, every type of both versions, through the interface that users have.
//!
//! A wrapped key that is written has a fresh nonce, so that its text is compared beside the primitives, where a nonce can be given.

use serde_json::Value;
use session_runtime::{
    PaserkKeys, Paseto,
    error::{KeyError, KeyRule},
    keyring::{Key, PublicKey},
    paseto::{V3Local, V3Public, V4Local, V4Public},
};
use session_tests::{require, verdicts::segment};

use crate::tally::{Tally, cases, name};

#[test]
fn every_version() {
    let mut tally = Tally::new("paserk");
    for vector in require!(cases("paserk.json")) {
        let outcome = match vector["version"].as_str().unwrap() {
            "k3" => version_3(&vector),
            _ => version_4(&vector),
        };
        match (vector["expected"].as_str().unwrap(), outcome) {
            ("valid", Ok(())) => tally.good("equal"),
            ("invalid", Err(_)) => tally.good("refused"),
            // PASERK only checks the length; the specification of Ed25519 (RFC 8032 §5.1.3) asks for a point.
            ("valid", Err(KeyError::Refused { rule: KeyRule::InvalidPoint | KeyRule::WeakPoint, .. })) => {
                tally.good("made-up bytes that are no point");
            }
            (_, outcome) => tally.fault(name(&vector), &outcome),
        }
    }
    tally.expect(&[("equal", 26), ("refused", 26), ("made-up bytes that are no point", 5)]);
}

macro_rules! version {
    ($name:ident, $version:literal, $local:ty, $public:ty) => {
        /// Reads what a case asks for, and compares it with what the case says. Nothing that is refused is compared.
        fn $name(vector: &Value) -> Result<(), KeyError> {
            let text = vector["paserk"].as_str().unwrap_or_default();
            // Bytes of a wrong length can only be handed over as the text of a key.
            let plain = |purpose: &str| format!(concat!($version, ".{}.{}"), purpose, segment(&hex(&vector["key_hex"])));
            let kind = vector["type"].as_str().unwrap();
            match kind {
                "local" | "secret" | "public" => {
                    let text = if text.is_empty() { plain(kind) } else { text.to_owned() };
                    match kind {
                        "local" => same::<$local>(&Key::from_paserk(&text)?, &text),
                        "secret" => same::<$public>(&Key::from_paserk(&text)?, &text),
                        _ => assert_eq!(PublicKey::<$public>::from_paserk(&text)?.to_paserk(), text),
                    }
                    if !vector["key_hex"].is_null() {
                        assert_eq!(text, plain(kind));
                    }
                }
                "lid" => assert_eq!(Key::<$local>::from_paserk(&plain("local"))?.paserk_id(), text),
                "sid" => assert_eq!(Key::<$public>::from_paserk(&plain("secret"))?.secret_id()?, text),
                "pid" => assert_eq!(PublicKey::<$public>::from_paserk(&plain("public"))?.paserk_id(), text),
                "local-wrap.pie" => same::<$local>(&Key::from_wrapped_paserk(text, &wrapping(vector)?)?, &plain("local")),
                "secret-wrap.pie" => same::<$public>(&Key::from_wrapped_paserk(text, &wrapping(vector)?)?, &plain("secret")),
                "local-pw" => same::<$local>(&Key::from_password_paserk(text, hex(&vector["password_hex"]))?, &plain("local")),
                "secret-pw" => same::<$public>(&Key::from_password_paserk(text, hex(&vector["password_hex"]))?, &plain("secret")),
                "seal" => {
                    // In the cases of another version the pair is of that version too, and any pair will do.
                    let pair: Key<$public> = match (vector["sealing_secret_key_pem"].as_str(), $version) {
                        (Some(pem), "k3") => Key::from_pem(pem)?,
                        (None, "k4") => Key::from_paserk(&format!("k4.secret.{}", segment(&hex(&vector["sealing_secret_key_hex"]))))?,
                        _ => Key::generate()?,
                    };
                    same::<$local>(&Key::from_sealed_paserk(text, &pair)?, &plain("local"));
                }
                other => panic!("{other}"),
            }
            Ok(())
        }
    };
}
version!(version_3, "k3", V3Local, V3Public);
version!(version_4, "k4", V4Local, V4Public);

#[track_caller]
fn same<F: Paseto>(key: &Key<F>, text: &str) {
    assert_eq!(key.to_paserk().unwrap().expose(), text, "{}", F::NAME);
}

fn wrapping<F: PaserkKeys>(vector: &Value) -> Result<Key<F>, KeyError> {
    let version = vector["version"].as_str().unwrap();
    Key::from_paserk(&format!("{version}.local.{}", segment(&hex(&vector["wrapping_key_hex"]))))
}

fn hex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap_or_default();
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}
