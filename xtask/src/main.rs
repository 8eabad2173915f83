//! The project's own commands; `cargo xtask test` is everything that must hold before a change is merged.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to a person by printing")]

mod bench;
mod faults;
mod gate;
mod lint;
mod mutants;
mod packages;
#[path = "../../tests/src/programs.rs"]
#[allow(unreachable_pub, reason = "shared with the tests' crate, where it is public")]
mod programs;
mod steps;
mod test;
mod ui;
mod verdicts;

use std::process::ExitCode;

use clap::Parser;

use gate::Purpose;
use steps::Outcome;

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Xtask {
    /// Runs everything that must hold; installs the servers it needs and says so.
    Test {
        /// Formatting, lints and tests only: installs nothing, and tests without their server skip themselves.
        #[arg(long)]
        fast: bool,
    },
    /// Checks formatting, lints and documentation, and the dependencies where cargo-deny is installed.
    Lint,
    /// Runs the compile-fail suite and the snapshots of expansions.
    Ui {
        /// Takes what they print now as what they shall print; read the diff before you commit it.
        #[arg(long)]
        bless: bool,
    },
    /// Judges lists of tokens, by default the shared attacks, and prints where we disagree with them.
    Verdicts {
        /// Lists as JSON lines; without any, `attacks.jsonl` of the shared vectors.
        lists: Vec<std::path::PathBuf>,
    },
    /// Counts the instructions of the hot paths and compares them with the committed counts; installs valgrind if it is missing.
    Gate {
        /// Takes the counts as they are now for the ones to compare with; say why in the commit.
        #[arg(long)]
        accept: bool,
        /// Does the work on JSON twice, and succeeds when the gate notices.
        #[arg(long, conflicts_with = "accept")]
        sabotage: bool,
    },
    /// Changes the derive and the claim rules one expression at a time and shows which changes no test notices; takes about an hour.
    Mutants {
        /// Only mutants whose name holds this (a regular expression), without writing `docs/mutants.md`.
        #[arg(long)]
        filter: Option<String>,
    },
    /// Makes nodes, stores, links and clocks fail, and shows what came of it: `keys` for key rings, `--help` for what it takes.
    Faults {
        /// Handed to the program, for example `keys --seeds 3`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        arguments: Vec<String>,
    },
    /// Runs the benchmarks in `benches/`; with `compile` measures what the derive costs to compile, with `web` what `Auth` costs a service.
    Bench {
        /// Handed to the benchmark program; `compile` takes only `--json`, `web` also `--quick`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Xtask::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\ncargo xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Xtask) -> Outcome {
    match command {
        Xtask::Test { fast: false } => test::full(),
        Xtask::Test { fast: true } => test::fast(),
        Xtask::Lint => lint::run(),
        Xtask::Ui { bless } => ui::run(bless),
        Xtask::Verdicts { lists } => verdicts::run(&lists),
        Xtask::Gate { accept: true, .. } => gate::run(Purpose::Accept),
        Xtask::Gate { sabotage: true, .. } => gate::run(Purpose::Sabotage),
        Xtask::Gate { .. } => gate::run(Purpose::Compare),
        Xtask::Mutants { filter } => mutants::run(filter.as_deref()),
        Xtask::Faults { arguments } => faults::run(&arguments),
        Xtask::Bench { arguments } => bench::run(&arguments),
    }
}
