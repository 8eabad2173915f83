//! One fault and how it is tried: as it is, and once more without the defence that makes it harmless.

use std::{fmt, path::PathBuf, pin::Pin};

use super::{
    fleet::Program,
    report::{Found, Row},
    store::Sabotage,
};
use crate::needs::Unmet;

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// In seconds, for every change.
    Small,
    /// In minutes, for the figures.
    Full,
}

impl Size {
    pub(super) fn of(self, small: u64, full: u64) -> u64 {
        match self {
            Self::Small => small,
            Self::Full => full,
        }
    }
}

/// One try.
#[derive(Debug, Clone)]
pub struct Try {
    /// The program that nodes are.
    pub program: Program,
    /// How much.
    pub size: Size,
    /// What decides every chance.
    pub seed: u64,
    /// The defence that is taken away.
    pub sabotage: Option<Sabotage>,
}

impl Try {
    /// How much, of which less is enough to see that a defence is missing.
    pub(super) fn amount(&self, small: u64, full: u64) -> u64 {
        if self.sabotage.is_some() { small } else { self.size.of(small, full) }
    }

    pub(super) fn without(&self, sabotage: Sabotage) -> bool {
        self.sabotage == Some(sabotage)
    }

    /// Chances that the seed decides, another row of them for every fault.
    pub(super) fn chances(&self, salt: u64) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed.wrapping_mul(1_000_003).wrapping_add(salt))
    }
}

pub(super) type Run = Pin<Box<dyn Future<Output = Result<Found, Unmet>>>>;

/// One fault: what it is called, what shall hold, and how it is tried.
pub struct Fault {
    /// What it is called.
    pub id: &'static str,
    /// What shall hold.
    pub goal: &'static str,
    /// The defence that makes it hold.
    pub defence: Sabotage,
    pub(super) run: fn(Try) -> Run,
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("id", &self.id).finish_non_exhaustive()
    }
}

macro_rules! faults {
    ($($id:literal, $goal:literal, $defence:ident, $run:expr;)*) => {
        /// Every fault that is tried.
        pub const ALL: &[$crate::faults::fault::Fault] = &[$($crate::faults::fault::Fault {
            id: $id,
            goal: $goal,
            defence: $crate::faults::store::Sabotage::$defence,
            run: |this| Box::pin($run(this)),
        }),*];
    };
}
pub(super) use faults;

impl Fault {
    /// Tries it, and tries it without its defence.
    ///
    /// # Errors
    /// What the machine lacks.
    pub async fn row(&self, program: &Program, size: Size, seed: u64) -> Result<Row, Unmet> {
        let this = Try { program: program.clone(), size, seed, sabotage: None };
        let found = (self.run)(this.clone()).await?;
        let sabotaged = (self.run)(Try { sabotage: Some(self.defence), ..this }).await?;
        let (id, goal) = (self.id.to_owned(), self.goal.to_owned());
        Ok(Row {
            id,
            goal,
            figure: found.figure,
            tries: found.tries,
            holds: found.holds,
            sabotage_fails: !sabotaged.holds,
            without: sabotaged.figure,
        })
    }
}

pub(super) fn broken(error: impl fmt::Display) -> Unmet {
    Unmet::Broken(error.to_string())
}

/// A folder of its own for what is no server.
pub(super) fn folder() -> Result<(tempfile::TempDir, PathBuf), Unmet> {
    let folder = tempfile::tempdir().map_err(broken)?;
    let path = folder.path().to_owned();
    Ok((folder, path))
}
