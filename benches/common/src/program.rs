//! The command line of both programs, and what a run does.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clap::Parser;

use crate::{
    allocations::Count,
    apart::{self, Apart},
    changing, chart,
    contest::{Group, OURS, Outcome, RAW},
    formats::{self, Peer},
    measure::{Measured, Plan, Race, ratio},
    report::{self, Machine, Row},
    services, targets,
};

/// Measures issuing and verifying beside the bare cryptography and beside other libraries.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
pub struct Arguments {
    /// Prints the results as JSON and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Measures only groups whose name contains this text, as `HS256` or `verify`. No file is then written.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Fewer rounds: shows whether a change did anything. No file is then written.
    #[arg(long)]
    pub quick: bool,
    /// Measures nothing, and runs our own contestant of each group so often: something for a profiler to look at.
    #[arg(long, value_name = "TIMES")]
    pub profile: Option<u32>,
    /// Measures nothing, and draws the chart again from the last results.
    #[arg(long)]
    pub chart: bool,
    /// For the second program, which is told by the first when to run.
    #[arg(long, hide = true)]
    pub worker: bool,
}

impl Arguments {
    pub fn wants(&self, group: &str) -> bool {
        self.filter.as_ref().is_none_or(|text| group.contains(text.as_str()))
    }
}

/// The first program, with its peers.
pub fn first(peers: &[Peer]) -> Outcome {
    let arguments = Arguments::parse();
    if arguments.chart {
        let (machine, rows) = report::read(&fs::read_to_string(results())?)?;
        return draw(&machine, &rows);
    }
    let wanted = |group: &str| arguments.wants(group);
    let mut groups = formats::groups(peers, false, wanted)?;
    groups.extend(services::garbage(wanted)?);
    if let Some(times) = arguments.profile {
        profile(&mut groups, times);
        return Ok(());
    }

    eprintln!("counting allocations");
    let (counts, counts_apart) = (count("allocations")?, count("apart-allocations")?);
    let plan = Plan::of(arguments.quick);
    let (here, there) = race(groups, plan, &arguments)?;
    eprintln!();
    let services = services::measure(plan, wanted, |what| eprintln!("{what}"))?;
    let changing = changing::measure(plan, wanted, |what| eprintln!("{what}"))?;

    agree(&here, &there);
    let mut rows = report::merged(report::rows(&here, &counts, None), report::rows(&there, &counts_apart, Some(APART)));
    rows.extend(services);
    rows.extend(changing);
    complete(&mut rows, &counts);
    if rows.is_empty() {
        return Err("no group has such a name".into());
    }
    let machine = Machine::this();
    let json = report::json(&machine, &rows)?;
    if arguments.json {
        println!("{json}");
    } else {
        println!("{}\n\n{}{}", machine.line(), report::table(&rows), targets::judge(&rows));
    }
    if arguments.filter.is_none() && !arguments.quick {
        let path = results();
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(path, json + "\n")?;
        eprintln!("written: target/bench/results.json");
        draw(&machine, &rows)?;
    }
    Ok(())
}

/// The second program, with its peers.
pub fn second(peers: &[Peer]) -> Outcome {
    let arguments = Arguments::parse();
    if !arguments.worker {
        return Err("this program is run by `cargo xtask bench`".into());
    }
    apart::serve(formats::groups(peers, true, |group| arguments.wants(group))?, Plan::of(arguments.quick))
}

/// Both programs in turn, round by round.
fn race(groups: Vec<Group>, plan: Plan, arguments: &Arguments) -> Outcome<(Vec<Measured>, Vec<Measured>)> {
    let mut apart = Apart::start(&beside(APART)?, arguments)?;
    let mut race = Race::new(groups, plan);
    for round in 0..plan.rounds {
        eprint!("\rround {} of {}", round + 1, plan.rounds);
        race.round(round);
        apart.round()?;
    }
    Ok((race.finish(), apart.finish()?))
}

/// Says how far the two programs differ in what they both measure; each has its own ratios, so it spoils none.
fn agree(here: &[Measured], there: &[Measured]) {
    for other in there.iter().filter(|measured| measured.name == OURS || measured.name == RAW) {
        let Some(this) = here.iter().find(|this| this.group == other.group && this.name == other.name) else { continue };
        let ratio = ratio(&other.times, &this.times);
        if !(0.95..=1.05).contains(&ratio) {
            eprintln!("{}: {} takes {ratio:.2} times as long in the second program as in the first", other.group, other.name);
        }
    }
}

/// What is counted and not raced: bytes and allocations of the revocation check.
fn complete(rows: &mut [Row], counts: &[Count]) {
    for row in rows.iter_mut().filter(|row| row.allocs.is_none() && row.program.is_none()) {
        if let Some(count) = counts.iter().find(|count| count.group == row.group && count.name == row.name) {
            row.allocs = Some(count.allocs);
            row.bytes = count.bytes;
        }
    }
}

/// A function of its own in the program, so that a profiler can be told to look at nothing else.
#[inline(never)]
fn profile(groups: &mut [Group], times: u32) {
    for contestant in groups.iter_mut().flat_map(|group| &mut group.contestants).filter(|contestant| contestant.name == OURS) {
        for _ in 0..times {
            (contestant.run)();
        }
    }
}

fn count(program: &str) -> Outcome<Vec<Count>> {
    let output = Command::new(beside(program)?).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{program}, which counts allocations, failed").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Another program of this workspace, which `cargo xtask bench` has built.
fn beside(program: &str) -> Outcome<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(program);
    if path.is_file() { Ok(path) } else { Err(format!("{program} is not built; run `cargo xtask bench`").into()) }
}

fn draw(machine: &Machine, rows: &[Row]) -> Outcome {
    fs::write(root().join("docs/performance.svg"), chart::draw(machine, rows)?)?;
    eprintln!("written: docs/performance.svg");
    Ok(())
}

fn results() -> PathBuf {
    root().join("target/bench/results.json")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

const APART: &str = "apart";
