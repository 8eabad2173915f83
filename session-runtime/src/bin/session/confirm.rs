//! The question before what cannot be undone.

use std::io::{self, BufRead, IsTerminal};

use clap::Args;

use crate::{
    failure::{Failure, Outcome},
    output::{WARN, say, styled},
};

/// The answer that scripts give.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Yes {
    /// Answers the question before what cannot be undone with yes
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
}

impl Yes {
    /// Asks, and goes on only after a yes. `what` says what is about to happen and what cannot be undone about it.
    pub(crate) fn confirm(self, what: &str) -> Outcome<()> {
        if self.yes {
            return Ok(());
        }
        // A pipe that happens to hold a line with `y` has not been asked anything.
        if !io::stdin().is_terminal() {
            return Err(Failure::usage(format_args!("{what}; this needs a yes, and standard input is no terminal"))
                .help("look at it with `--dry-run` if there is one, then say `--yes`"));
        }
        say(&format!("{} {what}\nGo on? [y/N] ", styled(WARN, "warning:")));
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).map_err(|error| Failure::io("standard input", &error))?;
        if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(Failure::refused("not done: the answer was no")) }
    }
}
