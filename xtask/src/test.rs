//! `cargo xtask test`: the steps, cheap ones first and the test runner last.

use std::process::Command;

use crate::{
    gate::{self, Purpose},
    lint, packages,
    steps::{Failure, Outcome, Steps, cargo, vectors},
};

/// Everything. What CI runs, on a machine as it comes.
pub(crate) fn full() -> Outcome {
    let mut steps = Steps::default();
    steps.time("packages", packages::install)?;
    lint::formatting(&mut steps)?;
    lint::clippy(&mut steps)?;
    lint::documentation(&mut steps)?;
    // Apart from running them, so that the times tell compiling from testing.
    steps.run("build", &mut cargo("test --workspace --all-features --no-run"))?;
    examples(&mut steps)?;
    gate::gate(&mut steps, Purpose::Compare)?;
    // The judge of the benchmark's targets. Its package is built here already, but for the drawing.
    steps.run(
        "benchmark's judge",
        &mut cargo("test --release --locked --package common --lib --manifest-path benches/Cargo.toml --target-dir benches/target"),
    )?;
    let vectors = vectors();
    if vectors.is_none() {
        eprintln!("\nSESSION_VECTORS is not set and there is no ../shared/vectors: the tests that need them will fail");
    }
    steps.print();
    // Nothing may be missing in this run, so nothing may be skipped.
    tests(&mut steps, cargo("test --workspace --all-features").env("SESSION_TEST_FULL", "1"))
}

/// What a person runs while working.
pub(crate) fn fast() -> Outcome {
    let mut steps = Steps::default();
    lint::formatting(&mut steps)?;
    lint::clippy(&mut steps)?;
    steps.print();
    tests(&mut steps, &mut cargo("test --workspace --all-features"))
}

/// The tests come last and nothing is printed after them: the last line of a good run is the test runner's own.
fn tests(steps: &mut Steps, command: &mut Command) -> Outcome {
    if let Some(folder) = vectors() {
        command.env("SESSION_VECTORS", folder);
    }
    steps.run("tests", command)
}

/// Runs the first program that a reader meets, in an empty folder, and once more to see that it finds its keys again; then the other ones.
///
/// The one that `cargo test` has built: `cargo run --example quickstart` selects other features of the dependencies, and would
/// compile most of them a second time.
fn examples(steps: &mut Steps) -> Outcome {
    let failure = |error: std::io::Error| Failure(format!("examples: {error}"));
    let folder = tempfile::tempdir().map_err(failure)?;
    // Beside this program, wherever the target folder is.
    let program = std::env::current_exe().map_err(failure)?.with_file_name("examples").join("quickstart");
    steps.run("quickstart", Command::new(&program).current_dir(folder.path()))?;
    steps.run("quickstart, second start", Command::new(&program).current_dir(folder.path()))?;
    steps.run("formats", Command::new(program.with_file_name("formats")).current_dir(folder.path()))?;
    steps.run("providers", Command::new(program.with_file_name("providers")).current_dir(folder.path()))?;
    steps.run("change_format", Command::new(program.with_file_name("change_format")).current_dir(folder.path()))?;
    steps.run("revocation", Command::new(program.with_file_name("revocation")).arg("--demo").current_dir(folder.path()))?;
    steps.run("remote_jwks", Command::new(program.with_file_name("remote_jwks")).current_dir(folder.path()))
}
