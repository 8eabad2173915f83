//! What the derive says about mistakes, letter by letter. A case holds one mistake, its folder is the kind of mistake.
//!
//! `TRYBUILD=overwrite cargo test -p session-tests --test ui` rewrites the messages.

use std::{fs, io};

#[test]
fn ui() -> io::Result<()> {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/several-mistakes-at-once.rs");
    // Every other folder is a kind of mistake, so that none is forgotten here.
    let mut kinds = fs::read_dir("ui")?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    kinds.retain(|kind| kind.is_dir() && !kind.ends_with("pass"));
    kinds.sort();
    for kind in kinds {
        cases.compile_fail(kind.join("*.rs"));
    }
    Ok(())
}
