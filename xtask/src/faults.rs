//! `cargo xtask faults`: nodes, stores, links and clocks fail on purpose, and a table says what came of it.

use crate::{
    packages,
    steps::{Outcome, Steps, cargo},
};

/// Builds the program that tries faults, and hands it the arguments.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let mut steps = Steps::default();
    steps.time("packages", packages::install)?;
    steps.run("faults", cargo("run --release --package session-tests --bin faults --").args(arguments))
}
