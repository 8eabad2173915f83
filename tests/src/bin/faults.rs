//! Tries faults on purpose, and prints and writes what came of it. As `faults node`, `rotate`, `rnode` and `revoke` it is one of the nodes.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to a person by printing")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "test code, where a panic is how a test fails"
)]

use std::{env, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use session_tests::{
    faults::{
        fault::{Fault, Size},
        fleet::Program,
        keys, node,
        report::{self, Row},
        revocation,
    },
    needs::root,
};

#[derive(Debug, Parser)]
#[command(name = "faults")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Key rings: rotation, outages, compromises, floods.
    Keys(Options),
    /// Revocations: crashes and losses of the store, bad links, wrong clocks, nodes that stop.
    Revocation(Options),
    /// Prints what the last full runs wrote as tables in Markdown.
    Table,
    #[command(hide = true)]
    Node { setup: String },
    #[command(hide = true)]
    Rotate { setup: String },
    #[command(hide = true)]
    Rnode { setup: String },
    #[command(hide = true)]
    Revoke { setup: String },
}

#[derive(Debug, clap::Args)]
struct Options {
    /// How many seeds, one after the other; a figure is of the worst.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first seed: the one that a failed run printed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// As few tries as in `cargo xtask test`; nothing is written then.
    #[arg(long)]
    small: bool,
    /// Only rows whose name holds this; they take the place of those that were written before.
    #[arg(long)]
    only: Option<String>,
    /// Prints the rows as JSON.
    #[arg(long)]
    json: bool,
}

/// What is tried under one word, and written under the same.
const PROGRAMS: [(&str, &[Fault]); 2] = [("keys", keys::ALL), ("revocation", revocation::ALL)];

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let what = Arguments::parse().what;
    let code = match what {
        What::Node { setup } => told("a node", runtime.block_on(node::run(read(&setup)))),
        What::Rotate { setup } => told("a node", runtime.block_on(node::rotate_for_ever(read(&setup)))),
        What::Rnode { setup } => told("a node", runtime.block_on(revocation::node::run(read(&setup)))),
        What::Revoke { setup } => told("a node", runtime.block_on(revocation::node::revoke_for_ever(read(&setup)))),
        What::Table => table(),
        What::Keys(options) => runtime.block_on(run(PROGRAMS[0], &options)),
        What::Revocation(options) => runtime.block_on(run(PROGRAMS[1], &options)),
    };
    // Whatever still waits for a store is of no interest.
    runtime.shutdown_background();
    code
}

fn read<T: serde::de::DeserializeOwned>(setup: &str) -> T {
    serde_json::from_str(setup).expect("how a node is started")
}

fn told(who: &str, ended: Result<(), impl std::fmt::Display>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("    {who}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn written(word: &str) -> PathBuf {
    root().join(format!("target/faults/{word}.json"))
}

fn table() -> ExitCode {
    let mut code = ExitCode::FAILURE;
    for (word, _) in PROGRAMS {
        match report::read(&written(word)) {
            Ok(rows) => {
                println!("{}", report::markdown(&rows));
                code = ExitCode::SUCCESS;
            }
            Err(error) => eprintln!("faults: target/faults/{word}.json: {error}; `cargo xtask faults {word}` writes it"),
        }
    }
    code
}

async fn run((word, all): (&str, &[Fault]), options: &Options) -> ExitCode {
    let program = Program(env::current_exe().unwrap());
    let (only, json) = (options.only.as_deref(), options.json);
    let size = if options.small { Size::Small } else { Size::Full };
    let seeds = options.seed..options.seed.saturating_add(options.seeds.max(1));
    let mut rows = Vec::new();
    for fault in all.iter().filter(|fault| only.is_none_or(|only| fault.id.contains(only))) {
        let mut worst: Option<Row> = None;
        for seed in seeds.clone() {
            eprintln!("{} (seed {seed}) …", fault.id);
            let row = match fault.row(&program, size, seed).await {
                Ok(row) => row,
                Err(unmet) => {
                    eprintln!("faults: {}: {unmet}", fault.id);
                    return ExitCode::FAILURE;
                }
            };
            if !row.is_good() {
                eprintln!("{row}\n    once more with: cargo xtask faults {word} --seed {seed} --only {}", fault.id);
            }
            worst = Some(match worst {
                Some(before) => Row { tries: before.tries + row.tries, ..if before.is_good() { row } else { before } },
                None => row,
            });
        }
        let Some(row) = worst else { continue };
        if !json {
            println!("{row}");
        }
        rows.push(row);
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&rows).unwrap());
    }
    let (good, tried) = (rows.iter().filter(|row| row.is_good()).count(), rows.len());
    if size == Size::Full {
        if only.is_some() {
            rows = report::merge(report::read(&written(word)).unwrap_or_default(), rows);
        }
        if let Err(error) = report::write(&written(word), &rows) {
            eprintln!("faults: target/faults/{word}.json: {error}");
            return ExitCode::FAILURE;
        }
        eprintln!("written to target/faults/{word}.json");
    }
    eprintln!("{good} of {tried} promises hold, and are seen to fail without their defence");
    if good == tried && good > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
