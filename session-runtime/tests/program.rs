//! That the program starts. Cargo builds a program for the integration tests of its own package alone, so with this one it is built together
//! with all tests, and `tests/cli` finds it done.
#![forbid(unsafe_code)]

use std::process::Command;

#[test]
fn it_says_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_session")).arg("--version").output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    assert_eq!(said.ok().as_deref(), Some(concat!("session ", env!("CARGO_PKG_VERSION"), "\n")));
}
