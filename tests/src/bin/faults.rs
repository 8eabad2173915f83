//! Tries faults on purpose, and prints and writes what came of it. As `faults node` and `faults rotate` it is one of the nodes.
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
use session_runtime::error::KeyError;
use session_tests::{
    faults::{
        fleet::Program,
        keys::{self, Size},
        node,
        report::{self, Row},
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
    Keys {
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
    },
    /// Prints what the last full run wrote as a table in Markdown.
    Table,
    #[command(hide = true)]
    Node { setup: String },
    #[command(hide = true)]
    Rotate { setup: String },
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let setup = |text: &str| serde_json::from_str(text).expect("how a node is started");
    match Arguments::parse().what {
        What::Node { setup: text } => {
            let ended = runtime.block_on(node::run(setup(&text)));
            // Whatever still waits for a store is of no interest.
            runtime.shutdown_background();
            told("a node", ended)
        }
        What::Rotate { setup: text } => told("a node", runtime.block_on(node::rotate_for_ever(setup(&text)))),
        What::Table => table(),
        What::Keys { seeds, seed, small, only, json } => {
            let size = if small { Size::Small } else { Size::Full };
            runtime.block_on(run(size, seed..seed.saturating_add(seeds.max(1)), only.as_deref(), json))
        }
    }
}

fn told(who: &str, ended: Result<(), KeyError>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("    {who}: {error}");
            ExitCode::FAILURE
        }
    }
}

const WRITTEN: &str = "target/faults/keys.json";

fn written() -> PathBuf {
    root().join(WRITTEN)
}

fn table() -> ExitCode {
    match report::read(&written()) {
        Ok(rows) => {
            print!("{}", report::markdown(&rows));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("faults: {WRITTEN}: {error}; `cargo xtask faults keys` writes it");
            ExitCode::FAILURE
        }
    }
}

async fn run(size: Size, seeds: std::ops::Range<u64>, only: Option<&str>, json: bool) -> ExitCode {
    let program = Program(env::current_exe().unwrap());
    let mut rows = Vec::new();
    for fault in keys::ALL.iter().filter(|fault| only.is_none_or(|only| fault.id.contains(only))) {
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
                eprintln!("{row}\n    once more with: cargo xtask faults keys --seed {seed} --only {}", fault.id);
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
            rows = report::merge(report::read(&written()).unwrap_or_default(), rows);
        }
        if let Err(error) = report::write(&written(), &rows) {
            eprintln!("faults: {WRITTEN}: {error}");
            return ExitCode::FAILURE;
        }
        eprintln!("written to {WRITTEN}");
    }
    eprintln!("{good} of {tried} promises hold, and are seen to fail without their defence");
    if good == tried && good > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
