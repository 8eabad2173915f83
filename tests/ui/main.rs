//! What the derive says about mistakes, letter by letter. A case holds one mistake, its folder is the kind of mistake.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/several-mistakes-at-once.rs");
    for kind in KINDS {
        cases.compile_fail(format!("ui/{kind}/*.rs"));
    }
}

const KINDS: [&str; 10] = ["unknown", "duplicate", "conflict", "malformed", "missing", "misplaced", "reserved", "limits", "shape", "types"];
