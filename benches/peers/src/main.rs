//! `cargo xtask bench`: how long issuing and verifying takes, beside the bare cryptography and beside the peers.
#![forbid(unsafe_code)]

mod peers;

use std::process::ExitCode;

fn main() -> ExitCode {
    match common::program::first(&peers::all()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
