//! `cargo xtask bench`: how long issuing and verifying takes, beside the bare cryptography and beside the peers.
#![forbid(unsafe_code)]

use std::{
    fs,
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use clap::Parser;

use contest::{Group, Outcome};
use measure::Plan;

mod claims;
mod contest;
mod measure;
mod raw;
mod report;

/// Measures issuing and verifying beside the bare cryptography and beside other libraries.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Arguments {
    /// Prints the results as JSON and nothing else.
    #[arg(long)]
    json: bool,
    /// Measures only groups whose name contains this text, as `HS256` or `verify`. The file of results is then left alone.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Fewer rounds: shows whether a change did anything.
    #[arg(long)]
    quick: bool,
    /// Measures nothing, and runs our own contestant of each group so often: something for a profiler to look at.
    #[arg(long, value_name = "TIMES")]
    profile: Option<u32>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<()> {
    let mut groups = contest::groups()?;
    if let Some(text) = &arguments.filter {
        groups.retain(|group| group.name.contains(text.as_str()));
    }
    if groups.is_empty() {
        return Err("no group has such a name".into());
    }
    if let Some(times) = arguments.profile {
        profile(&mut groups, times);
        return Ok(());
    }

    eprintln!("counting allocations");
    let counts = count_allocations()?;
    let plan = if arguments.quick { Plan::QUICK } else { Plan::FULL };
    let times = measure::measure(&mut groups, plan, |round| eprint!("\rround {} of {}", round + 1, plan.rounds));
    eprintln!();

    let rows = report::rows(&groups, &times, &counts);
    let json = serde_json::to_string_pretty(&rows)?;
    if arguments.json {
        println!("{json}");
    } else {
        println!("{}{}", report::table(&rows), report::targets(&rows));
    }
    if arguments.filter.is_none() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("results.json"), json + "\n")?;
        eprintln!("written: target/bench/results.json");
    }
    Ok(())
}

/// A function of its own in the program, so that a profiler can be told to look at nothing else.
#[inline(never)]
fn profile(groups: &mut [Group], times: u32) {
    for contestant in groups.iter_mut().flat_map(|group| &mut group.contestants).filter(|contestant| contestant.name == contest::OURS) {
        for _ in 0..times {
            (contestant.run)();
        }
    }
}

/// Runs the counting program, and builds it before: a count of yesterday's code would be worse than none.
fn count_allocations() -> Outcome<Vec<report::Count>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--release", "--bin", "allocations", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the program that counts allocations failed".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
