//! Builds the examples, so that tests run what a reader runs.

use std::{path::PathBuf, process::Command};

use serde_json::Value;

/// The program of an example. Built with the features of the tests, so that it is already there when the whole workspace is tested.
///
/// # Panics
/// When it does not compile.
#[allow(clippy::panic, clippy::expect_used, reason = "test code, where a panic is how a test fails")]
pub fn example(name: &str) -> PathBuf {
    let arguments = ["build", "--quiet", "--workspace", "--all-features", "--message-format=json", "--example", name];
    let build = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs the tests");
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let executable = |line: &str| Some(PathBuf::from(serde_json::from_str::<Value>(line).ok()?.get("executable")?.as_str()?));
    let path = String::from_utf8_lossy(&build.stdout).lines().filter_map(executable).next_back();
    path.unwrap_or_else(|| panic!("cargo builds no example {name}"))
}
