//! What a test needs from its machine, and what happens when that is absent: skipped in one line, or failed in a full run.
//!
//! `cargo test` must pass on a machine without any server, and `cargo xtask test` must never pass by having skipped something.
//! The second sets `SESSION_TEST_FULL=1`.

use std::{
    env, fmt,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Something that is not on this machine.
#[derive(Debug, Clone)]
pub struct Missing {
    /// What was looked for.
    pub what: String,
    /// What brings it.
    pub remedy: String,
}

impl Missing {
    /// A program that `cargo xtask test` installs.
    pub fn program(name: &str) -> Self {
        Self { what: format!("{name} not found"), remedy: "`cargo xtask test` installs it".to_owned() }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.remedy)
    }
}

/// Why a test did not get what it needs.
#[derive(Debug, Clone)]
pub enum Unmet {
    /// The machine does not have it: a test may skip itself.
    Missing(Missing),
    /// The machine has it and it does not work: a test fails, always.
    Broken(String),
}

impl From<Missing> for Unmet {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(missing) => missing.fmt(f),
            Self::Broken(problem) => f.write_str(problem),
        }
    }
}

/// The thing, or an early return from the test that asks: `let redis = require!(Redis::start());`.
///
/// See [`or_skip`] for when it fails instead.
#[macro_export]
macro_rules! require {
    ($needed:expr) => {
        match $crate::needs::or_skip($needed) {
            Some(found) => found,
            None => return,
        }
    };
}

/// Decides for [`require!`](crate::require): the thing, or `None` after one line that says what is missing and what brings it.
///
/// # Panics
/// When the thing is there and broken, and when it is missing in a full run (`SESSION_TEST_FULL=1`).
#[track_caller]
pub fn or_skip<T>(needed: Result<T, impl Into<Unmet>>) -> Option<T> {
    match needed.map_err(|unmet| decide(&unmet.into(), full_run())) {
        Ok(found) => Some(found),
        Err(Verdict::Fail(message)) => panic!("{message}"),
        Err(Verdict::Skip(line)) => {
            // Not `eprintln!`: the test runner swallows what a passing test prints, and a skipped test must be seen.
            let _ = writeln!(io::stderr(), "{line}");
            None
        }
    }
}

/// What becomes of a test whose need is unmet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It passes after printing this line.
    Skip(String),
    /// It fails with this message.
    Fail(String),
}

/// The rule itself, apart from the environment.
pub fn decide(unmet: &Unmet, full_run: bool) -> Verdict {
    match unmet {
        Unmet::Broken(problem) => Verdict::Fail(problem.clone()),
        Unmet::Missing(missing) if full_run => Verdict::Fail(format!("{missing} (SESSION_TEST_FULL=1 allows no skipping)")),
        Unmet::Missing(missing) => Verdict::Skip(format!("skipped: {missing}")),
    }
}

/// Whether skipping is forbidden: `SESSION_TEST_FULL` is `1`.
pub fn full_run() -> bool {
    env::var_os("SESSION_TEST_FULL").is_some_and(|value| value == "1")
}

/// A file of the shared test vectors: from the folder `SESSION_VECTORS`, by default `../shared/vectors` beside the project's root.
///
/// # Errors
/// [`Missing`] when there is no such file.
pub fn vectors(file: &str) -> Result<PathBuf, Missing> {
    let folder = env::var_os("SESSION_VECTORS").map_or_else(|| root().join("../shared/vectors"), PathBuf::from);
    let path = folder.join(file);
    if path.is_file() {
        return Ok(path);
    }
    Err(Missing {
        what: format!("{} not found", path.display()),
        remedy: "set SESSION_VECTORS to the folder of the test vectors".to_owned(),
    })
}

/// The project's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests' crate lies in a folder of the project")
}
