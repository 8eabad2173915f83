//! What authentication costs a web service: one route without it, and the same route behind each way of checking a token.
//!
//! The service is a process of its own with one thread, and so is the client that loads it, each on a core: what is measured is the
//! work of the service's thread.
#![forbid(unsafe_code)]

mod by_hand;
mod load;
mod report;
mod site;

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, ExitCode, Stdio},
    time::Duration,
};

use clap::Parser;
use common::contest::Outcome;

use load::Load;
use site::Site;

/// How many requests are under way at any time.
const CONNECTIONS: usize = 64;

/// Measures requests per second of a protected route beside the same route without authentication, and beside hand-written middleware.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench web", bin_name = "cargo xtask bench web")]
struct Arguments {
    /// Prints the results as JSON and nothing else.
    #[arg(long)]
    json: bool,
    /// Fewer rounds: shows whether a change did anything. No file is then written.
    #[arg(long)]
    quick: bool,
    /// The service itself, which the program starts.
    #[arg(long, hide = true)]
    serve: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(async { if arguments.serve { site::serve().await } else { measure(&arguments).await } }));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("web: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A whole number of turns, so that every contestant is at every place of a round equally often.
fn rounds(quick: bool, contestants: usize) -> usize {
    contestants * if quick { 1 } else { 9 }
}

async fn measure(arguments: &Arguments) -> Outcome {
    let mut service = Service::start()?;
    let site = service.site()?;
    let slice = Duration::from_millis(if arguments.quick { 200 } else { 500 });
    let mut load = Load::connect(site.port, CONNECTIONS).await?;
    let mut results: Vec<Vec<load::Slice>> = site.routes.iter().map(|_| Vec::new()).collect();
    for route in &site.routes {
        load.run(route, slice).await?; // not measured: warms up
    }
    let (count, rounds) = (site.routes.len(), rounds(arguments.quick, site.routes.len()));
    for round in 0..rounds {
        eprint!("\rround {} of {rounds}", round + 1);
        for index in (0..count).map(|index| (index + round) % count) {
            if let (Some(route), Some(slices)) = (site.routes.get(index), results.get_mut(index)) {
                slices.push(load.run(route, slice).await?);
            }
        }
    }
    eprintln!();
    report::tell(&site, &results, arguments.json, arguments.quick)
}

/// The process that is measured.
struct Service(Child);

impl Service {
    fn start() -> Outcome<Self> {
        let program = std::env::current_exe()?;
        Ok(Self(Command::new(program).arg("--serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?))
    }

    /// What it says once it listens.
    fn site(&mut self) -> Outcome<Site> {
        let mut line = String::new();
        BufReader::new(self.0.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
