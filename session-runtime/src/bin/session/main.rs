//! `session`: tokens, keys and revocations from a terminal. It decides nothing about any of them; it asks the library and says what it answers.
#![forbid(unsafe_code)]

mod claims;
mod confirm;
mod failure;
mod format;
mod input;
mod inspect;
mod json;
mod keys;
mod moment;
mod output;
mod pages;
mod revoke;
mod store;
mod verify;
mod wrapping;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::{Outcome, TABLE};

/// Looks into tokens, verifies them, looks after keys, and revokes.
///
/// A token can be given as it is, from standard input (`-`) or from a file (`@FILE`). Keys and secrets are only ever read from files, so
/// that they do not land in the history of a shell.
#[derive(Debug, Parser)]
#[command(name = "session", version, after_help = TABLE, after_long_help = TABLE, subcommand_required = true, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Answers with one JSON value in place of text for people
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Inspect(inspect::Inspect),
    Verify(verify::Verify),
    Keys(keys::Keys),
    Revoke(revoke::Revoke),
    Revocations(revoke::log::Log),
    Completions(pages::Completions),
    Man(pages::Pages),
}

fn main() -> ExitCode {
    if let Err(failure) = input::no_keys(std::env::args_os().skip(1)) {
        return output::complain(&failure).into();
    }
    let cli = Cli::parse();
    let outcome =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| failure::Failure::io("starting", &error));
    outcome.and_then(|runtime| runtime.block_on(run(cli))).unwrap_or_else(|failure| output::complain(&failure)).into()
}

async fn run(Cli { command, json }: Cli) -> Outcome {
    match command {
        Command::Inspect(inspect) => inspect.run(json),
        Command::Verify(verify) => verify.run(json).await,
        Command::Keys(keys) => keys.run(json).await,
        Command::Revoke(revoke) => revoke.run(json).await,
        Command::Revocations(log) => log.run(json).await,
        Command::Completions(completions) => completions.run(),
        Command::Man(pages) => pages.run(),
    }
}
