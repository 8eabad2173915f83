//! `cargo xtask ui`: what the derive says and writes, compared with the files that hold it, or written to them.

use crate::steps::{Outcome, Steps, cargo};

/// Compares, or with `bless` rewrites: `.stderr` files of the compile-fail suite and snapshots of expansions.
pub(crate) fn run(bless: bool) -> Outcome {
    let mut steps = Steps::default();
    let suites =
        [("compile-fail suite", "test --workspace --all-features --test ui"), ("snapshots", "test --package session-macros --lib")];
    for (title, arguments) in suites {
        let mut command = cargo(arguments);
        if bless {
            command.env("TRYBUILD", "overwrite").env("UPDATE_EXPECT", "1");
        }
        steps.run(title, &mut command)?;
    }
    Ok(())
}
