//! `session keys`: keys in files and rings in stores.

mod change;
mod export;
mod file;
mod generate;
mod half;
mod list;
mod ring;
mod show;

use clap::{Args, Subcommand};

use crate::failure::Outcome;

pub(crate) use change::key_id;

/// Looks after keys: in files of their own, and in the rings of a store
#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::Generate),
    Show(show::Show),
    Export(export::Export),
    List(list::List),
    Rotate(change::Rotate),
    Suspend(change::Suspend),
    /// Takes a key back that was suspended, as what it was
    Resume(change::Suspend),
    Compromise(change::Compromise),
    Plan(list::PlanOf),
    Prune(change::Prune),
}

impl Keys {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        match self.command {
            Command::Generate(generate) => generate.run(json).await,
            Command::Show(show) => show.run(json).await,
            Command::Export(export) => export.run(json).await,
            Command::List(list) => list.run(json).await,
            Command::Rotate(rotate) => rotate.run(json).await,
            Command::Suspend(suspend) => suspend.run(json, true).await,
            Command::Resume(resume) => resume.run(json, false).await,
            Command::Compromise(compromise) => compromise.run(json).await,
            Command::Plan(plan) => plan.run(json).await,
            Command::Prune(prune) => prune.run(json).await,
        }
    }
}
