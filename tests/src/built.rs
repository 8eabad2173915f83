//! Builds the programs of this workspace, so that tests run what a reader runs, and never one from before a change.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

/// The program of an example. Built with the features of the tests, so that it is already there when the whole workspace is tested.
///
/// # Panics
/// When it does not compile.
pub fn example(name: &str) -> PathBuf {
    build(name, &["--example", name])
}

/// A binary of a package, in the same way.
///
/// # Panics
/// When it does not compile.
pub fn binary(name: &str) -> PathBuf {
    // A binary by itself is built without the features that tests turn on in its dependencies, which would all be compiled again. An
    // example is built with them.
    build(name, &["--bin", name, "--example", "quickstart"])
}

#[allow(clippy::panic, clippy::expect_used, reason = "test code, where a panic is how a test fails")]
fn build(name: &str, targets: &[&str]) -> PathBuf {
    let arguments = ["build", "--quiet", "--workspace", "--all-features", "--message-format=json"];
    let mut build = Command::new(env!("CARGO"));
    let build = build.args(arguments).args(targets).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs the tests");
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        (message.pointer("/target/name")? == name).then_some(())?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    };
    let path = String::from_utf8_lossy(&build.stdout).lines().find_map(executable);
    path.unwrap_or_else(|| panic!("cargo builds no program {name}"))
}
