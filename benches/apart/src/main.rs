//! The peers that cannot stand in one process with the others; `bench` starts it, and tells it when to run.
#![forbid(unsafe_code)]

mod peers;

use std::process::ExitCode;

fn main() -> ExitCode {
    match common::program::second(&peers::all()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("apart: {error}");
            ExitCode::FAILURE
        }
    }
}
