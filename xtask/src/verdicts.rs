//! `cargo xtask verdicts`: judges lists of tokens and prints where we disagree with them.

use std::path::{Path, PathBuf};

use crate::steps::{Failure, Outcome, Steps, cargo, vectors};

/// Judges the given lists, or the shared attacks.
pub(crate) fn run(lists: &[PathBuf]) -> Outcome {
    let lists = if lists.is_empty() { vec![attacks()?] } else { lists.iter().map(|list| absolute(list)).collect::<Outcome<_>>()? };
    let mut command = cargo("run --release --package session-tests --bin verdicts -- --summary");
    Steps::default().run("verdicts", command.args(lists))
}

fn attacks() -> Outcome<PathBuf> {
    let absent = || Failure("verdicts: attacks.jsonl not found; set SESSION_VECTORS to the folder of the test vectors".to_owned());
    vectors().map(|folder| folder.join("attacks.jsonl")).filter(|list| list.is_file()).ok_or_else(absent)
}

/// The program runs in the project's root, whereas the person who typed the path may be elsewhere.
fn absolute(list: &Path) -> Outcome<PathBuf> {
    list.canonicalize().map_err(|error| Failure(format!("verdicts: {}: {error}", list.display())))
}
