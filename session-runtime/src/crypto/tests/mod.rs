//! What is promised of keys.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test stops at what it did not expect"
)]

use std::{env, fs, path::PathBuf, sync::OnceLock};

use serde_json::Value;

use crate::crypto;

mod algorithms;
mod fuzz;
mod halves;
mod jwks;
mod rules;
mod secrets;
mod vectors;
mod version3;
mod wrapping;

// The algorithms that stand for their family where one is enough.
type HmacSha256Key = crypto::HmacKey<crypto::Sha256>;
type P256Pair = crypto::EcPair<crypto::P256>;
type P256Point = crypto::EcPoint<crypto::P256>;
type P384Pair = crypto::EcPair<crypto::P384>;
type P384Point = crypto::EcPoint<crypto::P384>;
type RsaPair = crypto::RsaPair<crypto::Rs256>;
type RsaKey = crypto::RsaKey<crypto::Rs256>;

/// One text of `keys.json`.
fn pem(name: &str) -> &'static str {
    keys()[name].as_str().unwrap_or_else(|| panic!("no key `{name}`"))
}

/// One JWK of `keys.json`, which a test may change.
fn jwk(name: &str) -> Value {
    keys()[name].clone()
}

/// The bytes inside a PEM text.
fn der(name: &str) -> Vec<u8> {
    let text = pem(name);
    let block = &text[text.rfind("-----BEGIN ").unwrap()..];
    pem_rfc7468::decode_vec(block.as_bytes()).unwrap().1
}

fn keys() -> &'static Value {
    static KEYS: OnceLock<Value> = OnceLock::new();
    KEYS.get_or_init(|| serde_json::from_str(include_str!("keys.json")).unwrap())
}

/// A file of the shared test data, or `None` with one line where there is none.
fn shared(file: &str) -> Option<String> {
    let folder = env::var_os("SESSION_VECTORS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"), PathBuf::from);
    let text = fs::read_to_string(folder.join(file)).ok();
    if text.is_none() {
        #[allow(clippy::print_stderr, reason = "whoever runs the tests should know what was not tested")]
        {
            eprintln!("skipped: no {file}; set SESSION_VECTORS to the folder of the test data");
        }
    }
    text
}

/// The cases of a shared file.
pub(crate) fn cases(file: &str) -> Vec<Value> {
    shared(file).map_or_else(Vec::new, |text| serde_json::from_str::<Value>(&text).unwrap()["cases"].as_array().unwrap().clone())
}
