//! `cargo xtask lint`, and the steps that it shares with `cargo xtask test`.

use std::process::Stdio;

use crate::steps::{Outcome, Steps, cargo};

/// All that is checked without running the project.
pub(crate) fn run() -> Outcome {
    let mut steps = Steps::default();
    formatting(&mut steps)?;
    clippy(&mut steps)?;
    documentation(&mut steps)?;
    dependencies(&mut steps)?;
    steps.print();
    Ok(())
}

pub(crate) fn formatting(steps: &mut Steps) -> Outcome {
    steps.run("formatting", &mut cargo("fmt --all --check"))
}

/// With all features, and the runtime with none: each combination has its own dead code.
pub(crate) fn clippy(steps: &mut Steps) -> Outcome {
    steps.run("lints", &mut cargo("clippy --workspace --all-targets --all-features -- -D warnings"))?;
    steps.run("lints without features", &mut cargo("clippy --package session-runtime --no-default-features -- -D warnings"))
}

pub(crate) fn documentation(steps: &mut Steps) -> Outcome {
    let mut command = cargo("doc --workspace --no-deps --all-features");
    steps.run("documentation", command.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Licences, sources, bans and advisories (deny.toml). Never part of the tests: it asks the advisory database over the network.
fn dependencies(steps: &mut Steps) -> Outcome {
    let installed = cargo("deny --version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if installed {
        return steps.run("dependencies", &mut cargo("deny --workspace --all-features check"));
    }
    eprintln!("\n=== dependencies\n    not checked: cargo-deny is not installed; `cargo install --locked cargo-deny` brings it");
    Ok(())
}
