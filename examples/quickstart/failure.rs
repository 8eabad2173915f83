//! What went wrong and what to do about it.

use std::{fmt::Display, io, process::ExitCode};

/// An error for a person: what is wrong, and the way out.
#[derive(Debug)]
pub(crate) struct Failure {
    error: String,
    help: Option<String>,
    /// Whoever read our output has enough: `quickstart | head` is no failure.
    reader_left: bool,
}

impl Failure {
    pub(crate) fn new(error: impl Display, help: impl Into<String>) -> Self {
        Self { error: error.to_string(), help: Some(help.into()), reader_left: false }
    }

    /// Prints it and gives the exit code.
    #[allow(clippy::print_stderr, reason = "a program talks to a person by printing")]
    pub(crate) fn report(&self) -> ExitCode {
        if self.reader_left {
            return ExitCode::SUCCESS;
        }
        eprintln!("error: {}", self.error);
        if let Some(help) = &self.help {
            eprintln!("help: {help}");
        }
        ExitCode::FAILURE
    }
}

/// Errors of the steps themselves, which say on their own what is wrong.
impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let broken_pipe = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        let reader_left = (&error as &dyn std::error::Error).downcast_ref().is_some_and(broken_pipe);
        Self { error: error.to_string(), help: None, reader_left }
    }
}
