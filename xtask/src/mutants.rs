//! `cargo xtask mutants`: changes the derive and the claim rules one expression at a time, and shows which changes no test notices.
//!
//! cargo-mutants does the work. It is installed into `target/tools` if it is missing, in the version below, so that the same mutants are
//! made everywhere. Survivors that are known stand in `known.toml` with the reason; one that does not stand there fails the command.

mod outcomes;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::steps::{Failure, Outcome, Steps, cargo, root, succeed};
use outcomes::{Known, Outcomes};

const VERSION: &str = "27.1.0";

/// What is mutated, and which tests have to notice.
struct Run {
    title: &'static str,
    arguments: &'static [&'static str],
}

const RUNS: [Run; 2] = [
    // Its own tests hold every message of the compile-fail suite, so that suite, which takes a minute, need not run for every mutant.
    Run { title: "mutants of session-macros", arguments: &["--package", "session-macros", "--cargo-test-arg=--lib"] },
    Run {
        title: "mutants of claims/policy.rs",
        arguments: &["--package", "session-runtime", "--file", "session-runtime/src/claims/policy.rs", "--cargo-test-arg=--lib"],
    },
];

/// Runs all mutants, or those whose name holds `filter`, and writes `docs/mutants.md` after a run of all.
pub(crate) fn run(filter: Option<&str>) -> Outcome {
    let mut steps = Steps::default();
    let mut tool = PathBuf::new();
    steps.time("cargo-mutants", || install().map(|found| tool = found))?;
    let known = Known::read(&read(&root().join("xtask/src/mutants/known.toml"))?).map_err(Failure)?;
    let mut found = Outcomes::default();
    for run in &RUNS {
        steps.time(run.title, || mutate(&tool, run, filter).map(|outcomes| found.add(outcomes)))?;
    }
    let report = found.report(&known, env!("CARGO_PKG_RUST_VERSION"), VERSION);
    eprintln!("\n{}", report.text);
    if filter.is_none() {
        let path = root().join("docs/mutants.md");
        fs::write(&path, &report.text).map_err(|error| Failure(format!("mutants: {}: {error}", path.display())))?;
        eprintln!("    written: docs/mutants.md");
    }
    steps.print();
    match (filter, report.complaint) {
        (_, None) => Ok(()),
        (_, Some(complaint)) => Err(Failure(complaint)),
    }
}

/// Where cargo-mutants is; installs it when it is not there.
fn install() -> Outcome<PathBuf> {
    let folder = root().join("target/tools");
    let tool = folder.join("bin/cargo-mutants");
    let version = Command::new(&tool).args(["mutants", "--version"]).output();
    let there = version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(VERSION));
    if there {
        eprintln!("    installed: cargo-mutants {VERSION}");
    } else {
        eprintln!("    installing cargo-mutants {VERSION} into target/tools");
        let mut install = cargo("install --locked cargo-mutants --version");
        succeed("cargo-mutants", install.arg(VERSION).arg("--root").arg(&folder))?;
    }
    Ok(tool)
}

fn mutate(tool: &Path, run: &Run, filter: Option<&str>) -> Outcome<Outcomes> {
    let folder = tempfile::tempdir().map_err(|error| Failure(format!("{}: {error}", run.title)))?;
    let mut command = Command::new(tool);
    command.arg("mutants").args(run.arguments).args(["--colors=never", "--copy-target=false", "--output"]).arg(folder.path());
    if let Some(filter) = filter {
        command.args(["--re", filter]);
    }
    command.current_dir(root());
    // It fails when a mutant survives or a test hangs; which, and whether that is known, is judged here.
    let status = command.status().map_err(|error| Failure(format!("{}: cannot run cargo-mutants: {error}", run.title)))?;
    let path = folder.path().join("mutants.out/outcomes.json");
    let text = fs::read_to_string(&path).map_err(|error| Failure(format!("{}: no outcomes ({status}): {error}", run.title)))?;
    Outcomes::read(&text).map_err(|error| Failure(format!("{}: {error}", run.title)))
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| Failure(format!("mutants: {}: {error}", path.display())))
}
