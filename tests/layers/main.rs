//! The runtime's modules keep their order: a module uses lower rows only, and only `crypto` names a crypto library.
//!
//! The rows are ARCHITECTURE's picture of the house. They make "where does this belong" a question with one answer, and keep
//! the decision (claims, policy) free of whatever surrounds it (formats, stores, HTTP).
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code, where a panic is how a test fails")]

mod paths;

use std::{
    fs,
    path::{Path, PathBuf},
};

use paths::Path as Named;
use session_tests::needs::root;

/// The house, from the roof down. Modules of one row do not use each other.
const ROWS: &[&[&str]] = &[
    &["http"],
    &["strategy"],
    &["lifecycle"],
    &["keyring", "revocation", "session", "refresh"],
    &["format", "token"],
    &["claims"],
    &["error", "crypto", "database"],
    &["time", "ids", "limits", "files", "future", "swap", "telemetry"],
];

/// Edges inside a row: names are bounded, and a bound needs nothing.
const SIDEWAYS: &[(&str, &str)] = &[("ids", "limits")];

/// Outside the rows: these may use everything, and no row may use them.
const OUTSIDE: &[&str] = &["lib", "manual", "testing", "private", "__private", "bin"];

/// Only `crypto` names these: what a primitive promises is then checked in one place.
const CRYPTO: &[&str] = &[
    "aes",
    "argon2",
    "aws_lc_rs",
    "blake2",
    "chacha20",
    "ctr",
    "curve25519_dalek",
    "getrandom",
    "hmac",
    "jsonwebtoken",
    "pasetors",
    "sha2",
];

#[test]
fn modules_use_lower_rows_only() {
    let faults: Vec<String> = shipped().iter().flat_map(|(file, text)| edges(file, text)).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn only_crypto_names_crypto_libraries() {
    let faults: Vec<String> = shipped().iter().flat_map(|(file, text)| libraries(file, text)).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_file_opens_with_a_sentence() {
    let faults: Vec<String> = sources().iter().flat_map(|(file, text)| opening(file, text)).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

// The tests of the tests: each rule finds a made-up fault.

#[test]
fn upward_edges_are_found_however_they_are_written() {
    let upward = ["claims/policy.rs: claims may not use format"];
    check("claims/policy.rs", "use crate::format::jwt;", &upward);
    check("claims/policy.rs", "use crate::{\n    error::Problem,\n    format::{jwt, paseto},\n};", &upward);
    check("claims/policy.rs", "fn f() { crate::format::seal() }", &upward);
    check("claims/policy.rs", "fn f() { vec![crate::format::seal()]; }", &upward);
    check("claims/policy.rs", "use super::super::format::jwt;", &upward);
    check("claims/policy.rs", "mod inner { use super::super::super::format::jwt; }", &upward);
    check("claims/policy.rs", "use session_runtime::format::jwt;", &upward);
    check("claims/policy.rs", "pub use {std::fmt, crate::{error, format}};", &upward);
    check("time.rs", "use super::claims;", &["time.rs: time may not use claims"]);
    check("keyring/mod.rs", "use crate::revocation::Set;", &["keyring/mod.rs: keyring may not use revocation"]);
    check("crypto/mac.rs", "use crate::testing;", &["crypto/mac.rs: crypto may not use testing"]);
}

#[test]
fn lower_rows_tests_and_texts_pass() {
    check("claims/policy.rs", "use crate::{claims::field, error::Problem, time::Timestamp};", &[]);
    check("limits.rs", "use crate::error::Problem;", &[]);
    check("ids.rs", "use crate::limits;", &[]);
    check("revocation/mod.rs", "use crate::token::Verified;", &[]);
    check("keyring/mod.rs", "use crate::format::Format; pub(crate) fn f() {} pub(super) fn g() {}", &[]);
    check("testing.rs", "use crate::http::Auth;", &[]);
    check("claims/policy.rs", "// use crate::format;\n/// See [`crate::format`].\nfn f() { \"crate::format\"; }", &[]);
    check("claims/policy.rs", "use super::field; mod inner { use super::super::field; }", &[]);
    check("claims/policy.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::{format, testing}; }", &[]);
    check("claims/policy.rs", "#[cfg(test)] use crate::format; use crate::error;", &[]);
    check("claims/policy.rs", "#[cfg(all(test, feature = \"sqlite\"))] #[path = \"x.rs\"] mod tests { use crate::format; }", &[]);
}

#[test]
fn unknown_modules_are_found() {
    let fault = edges("claims/mod.rs", "use crate::Verified;").join("\n");
    assert!(fault.contains("claims/mod.rs: `Verified` has no row"), "{fault}");
    let fault = edges("cache.rs", "").join("\n");
    assert!(fault.contains("cache.rs: `cache` has no row"), "{fault}");
}

#[test]
fn crypto_libraries_are_found_outside_crypto() {
    let found = |file: &str, text: &str| libraries(file, text).len();
    assert_eq!(found("format/jwt.rs", "use jsonwebtoken::Header;"), 1);
    assert_eq!(found("format/jwt.rs", "use {std::fmt, ::sha2::{Digest, Sha256}};"), 1);
    assert_eq!(found("format/jwt.rs", "fn f() { aws_lc_rs::rand::fill(b) }"), 1);
    assert_eq!(found("lib.rs", "pub use pasetors;"), 1);
    assert_eq!(found("testing.rs", "extern crate hmac;"), 1);
    assert_eq!(found("crypto/mac.rs", "use hmac::Mac;"), 0);
    assert_eq!(found("format/jwt.rs", "use crate::crypto::{hmac::Tag, sha2::digest}; fn f(hmac: Tag) { crypto::hmac::tag(hmac) }"), 0);
    assert_eq!(found("format/jwt.rs", "#[cfg(test)] mod tests { use jsonwebtoken::Header; }"), 0);
}

#[test]
fn a_missing_sentence_is_found() {
    assert_eq!(opening("a.rs", "//! Points in time.\nuse x;"), None);
    assert_eq!(opening("a.rs", "//! Points in time, and\n//! where they come from.\n//!\n//! More\n"), None);
    assert!(opening("a.rs", "use x;").is_some());
    assert!(opening("a.rs", "//! Time\nuse x;").is_some());
}

#[test]
fn files_of_test_modules_are_left_out() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let all = vec![
        file("lib.rs", "#[cfg(test)] mod fixtures; mod claims;"),
        file("fixtures.rs", ""),
        file("claims/mod.rs", "mod field;\n#[cfg(test)]\nmod tests;\nmod times;"),
        file("claims/field.rs", "#[cfg(test)] pub(crate) mod cases; #[cfg(test)] mod inline { mod times; }"),
        file("claims/field/cases.rs", ""),
        file("claims/tests/mod.rs", ""),
        file("claims/tests/edge.rs", ""),
        file("claims/times.rs", ""),
    ];
    let left: Vec<String> = without_tests(all).into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, ["lib.rs", "claims/mod.rs", "claims/field.rs", "claims/times.rs"]);
}

#[track_caller]
fn check(file: &str, text: &str, want: &[&str]) {
    assert_eq!(edges(file, text), want);
}

/// The edges of a file that the rows do not allow.
fn edges(file: &str, text: &str) -> Vec<String> {
    let from = module(file);
    let unknown = |name: &str| {
        format!("{file}: `{name}` has no row; name a module by its own path, or give a new module its row in tests/layers/main.rs")
    };
    if OUTSIDE.contains(&from) {
        return Vec::new();
    }
    let Some(height) = row(from) else { return vec![unknown(from)] };
    let mut faults: Vec<String> = Vec::new();
    for path in paths::read(text, depth(file)) {
        let Named::Inside(to) = path else { continue };
        let allowed = to == from || to == "error" || SIDEWAYS.contains(&(from, &to));
        let fault = match row(&to) {
            _ if allowed => continue,
            Some(below) if below > height => continue,
            Some(_) => format!("{file}: {from} may not use {to}"),
            None if OUTSIDE.contains(&to.as_str()) => format!("{file}: {from} may not use {to}"),
            None => unknown(&to),
        };
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

/// The crypto libraries that a file outside `crypto` names.
fn libraries(file: &str, text: &str) -> Vec<String> {
    if module(file) == "crypto" {
        return Vec::new();
    }
    let named = paths::read(text, depth(file)).into_iter().filter_map(|path| match path {
        Named::Outside(name) if CRYPTO.contains(&name.as_str()) => Some(name),
        _ => None,
    });
    named.map(|name| format!("{file}: only crypto/ may name {name}")).collect()
}

/// What is wrong with a file's first paragraph.
fn opening(file: &str, text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//! ")).collect();
    let sentence = lines.last().is_some_and(|last| last.ends_with('.'));
    (!sentence).then(|| format!("{file}: its first line says in a `//!` sentence what the file is for"))
}

/// Counted from the roof.
fn row(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

/// The top-level module that a file belongs to.
fn module(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// How many modules lie between a file's items and the crate's root: 1 for `time.rs` and `claims/mod.rs`.
fn depth(file: &str) -> usize {
    let folders = file.split('/').count();
    if file.ends_with("/mod.rs") { folders.saturating_sub(1) } else { folders }
}

/// The source files that are not for tests alone.
fn shipped() -> Vec<(String, String)> {
    without_tests(sources())
}

/// Leaves out the files of modules that are declared under `#[cfg(test)]`, and of the modules below them.
fn without_tests(files: Vec<(String, String)>) -> Vec<(String, String)> {
    let declared = files.iter().flat_map(|(file, text)| {
        let stem = file.strip_suffix(".rs").unwrap_or(file);
        let folder = match stem.rsplit_once('/') {
            Some((folder, "mod")) => format!("{folder}/"),
            None if stem == "lib" => String::new(),
            _ => format!("{stem}/"),
        };
        paths::test_modules(text).into_iter().map(move |name| format!("{folder}{name}"))
    });
    let tests: Vec<String> = declared.collect();
    let for_tests =
        |file: &str| tests.iter().any(|test| file.strip_prefix(test).is_some_and(|rest| rest == ".rs" || rest.starts_with('/')));
    files.into_iter().filter(|(file, _)| !for_tests(file)).collect()
}

/// Every source file of the runtime with its path below `src/`, in a fixed order.
fn sources() -> Vec<(String, String)> {
    let folder = root().join("session-runtime/src");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    assert!(!files.is_empty(), "no sources in {}", folder.display());
    files.sort();
    let name = |file: &Path| file.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
    files.iter().map(|file| (name(file), fs::read_to_string(file).unwrap())).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
