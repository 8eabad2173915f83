//! `cargo xtask gate`: counts the instructions of five operations and compares them with the committed counts.
//!
//! Times differ from run to run and from machine to machine by more than a change is worth; counts of instructions do not. valgrind's
//! callgrind is run as it is: `gungraun` would bring a macro, a runner that has to be installed in the same version, and its own folder
//! of results, for what is one command line and one sum here.
//!
//! valgrind emulates a processor without SHA, AVX-512 and VAES instructions, so hashing takes many more instructions there than it takes
//! time. Each operation therefore has two counts: all of it, and what is left without the primitives of the cryptographic
//! libraries, in which a change of ours shows. Neither counts the kernel.

mod callgrind;
mod counts;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::{
    packages,
    steps::{Failure, Outcome, Steps, cargo, root},
};
use callgrind::Count;
use counts::Baseline;

/// What is counted: the name that the program knows, and the function in which it counts.
struct Operation {
    name: &'static str,
    function: &'static str,
}

const OPERATIONS: [Operation; 5] = [
    Operation { name: "HS256 verify", function: WHOLE },
    Operation { name: "HS256 issue", function: WHOLE },
    Operation { name: "v4.local verify", function: WHOLE },
    Operation { name: "v4.local issue", function: WHOLE },
    // The check alone: within a verification three in a hundred are more than all of it.
    Operation { name: "revocation check", function: "*Look*decide*" },
];

/// What a run of the gate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Fails when a count has changed.
    Compare,
    /// Takes the counts as they are now for the new baseline.
    Accept,
    /// Does the work on JSON twice, and succeeds when the gate notices.
    Sabotage,
}

pub(crate) fn run(purpose: Purpose) -> Outcome {
    let mut steps = Steps::default();
    steps.time("packages", || packages::install_only("valgrind"))?;
    gate(&mut steps, purpose)
}

/// The steps of the gate, also as part of the tests.
pub(crate) fn gate(steps: &mut Steps, purpose: Purpose) -> Outcome {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        eprintln!("\n=== instruction counts\n    not compared: the committed ones are of Linux on x86_64");
        return Ok(());
    }
    let mut build = cargo("build --release --locked --package gate --manifest-path benches/Cargo.toml --target-dir benches/target");
    // What a developer tunes for his own processor is not what the baseline was built with.
    steps.run("build of the gate", build.env("RUSTFLAGS", ""))?;
    steps.time("instruction counts", || {
        let counts = OPERATIONS
            .iter()
            .map(|operation| Ok((operation.name.to_owned(), count(operation, purpose == Purpose::Sabotage)?)))
            .collect::<Outcome<_>>()?;
        judge(purpose, &Baseline { environment: environment(), counts })
    })
}

fn judge(purpose: Purpose, found: &Baseline) -> Outcome {
    let path = root().join("benches/gate/baseline.toml");
    if purpose == Purpose::Accept {
        fs::write(&path, found.to_string()).map_err(|error| Failure(format!("gate: {}: {error}", path.display())))?;
        eprintln!("    written: benches/gate/baseline.toml; commit it, and say in the commit why the counts changed");
        return Ok(());
    }
    let text = fs::read_to_string(&path).map_err(|error| Failure(format!("gate: {}: {error}", path.display())))?;
    let committed = text.parse::<Baseline>().map_err(|problem| Failure(format!("gate: benches/gate/baseline.toml: {problem}")))?;
    let (report, same) = committed.compare(found);
    eprint!("{report}");
    match (purpose, same) {
        (Purpose::Sabotage, true) => Err(Failure("gate: the work on JSON was done twice, and the gate did not notice".to_owned())),
        (Purpose::Sabotage, false) => {
            eprintln!("    the work on JSON was done twice, and the gate noticed");
            Ok(())
        }
        (_, true) => Ok(()),
        (_, false) => match committed.not_comparable(found) {
            Some(reason) => {
                eprintln!("{reason}");
                Ok(())
            }
            None => Err(Failure(Baseline::advice())),
        },
    }
}

/// Runs one operation under callgrind.
fn count(operation: &Operation, twice: bool) -> Outcome<Count> {
    let failure = |what: String| Failure(format!("gate: {}: {what}", operation.name));
    let folder = tempfile::tempdir().map_err(|error| failure(error.to_string()))?;
    let out = folder.path().join("callgrind.out");
    let program: PathBuf = root().join("benches/target/release/gate");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--collect-atstart=no", "--dump-line=no"]);
    command.arg(format!("--toggle-collect={}", operation.function)).arg(format!("--callgrind-out-file={}", out.display()));
    command.arg(&program).args([operation.name, &TIMES.to_string()]).stdin(Stdio::null());
    if twice {
        command.env("SESSION_GATE_TWICE", "1");
    }
    let output = command.output().map_err(|error| failure(format!("cannot run valgrind: {error}")))?;
    if !output.status.success() {
        return Err(failure(format!("failed under valgrind ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr))));
    }
    let text = fs::read_to_string(&out).map_err(|error| failure(error.to_string()))?;
    let count = callgrind::read(&text).map_err(failure)?.per(TIMES);
    if count.all == 0 {
        return Err(failure(format!("nothing was counted; was `{}` renamed or inlined?", operation.function)));
    }
    Ok(count)
}

/// What the counts depend on beside the code, told when they differ.
fn environment() -> String {
    let first_line = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(root()).output().map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&output).lines().next().unwrap_or("unknown").to_owned()
    };
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let avx2 = if processor.split_whitespace().any(|flag| flag == "avx2") { "with AVX2" } else { "without AVX2" };
    let (valgrind, libc) = (first_line("valgrind", &["--version"]), first_line("getconf", &["GNU_LIBC_VERSION"]));
    format!("{valgrind}, {libc}, {}, x86_64 {avx2}", first_line("rustc", &["--version"]))
}

/// The function around one whole operation.
const WHOLE: &str = "*counted_operation*";
/// Whole batches of 32 token ids, and whole rounds of the tokens of the revocation check.
const TIMES: u32 = 512;
