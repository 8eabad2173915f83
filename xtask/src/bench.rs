//! `cargo xtask bench`: runs the benchmarks, which live in a workspace of their own.

use crate::steps::{Failure, Outcome, Steps, cargo, root};

/// Hands the arguments to the benchmark program.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    if !root().join("benches/Cargo.toml").is_file() {
        return Err(Failure("bench: there is no benches/Cargo.toml in this checkout".to_owned()));
    }
    // Built and run by one cargo, so that the figures are of the code as it stands; arguments are for the program alone.
    let mut command = cargo("run --release --manifest-path benches/Cargo.toml --");
    Steps::default().run("benchmarks", command.args(arguments))
}
