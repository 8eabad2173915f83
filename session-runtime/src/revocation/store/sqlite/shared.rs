//! A file that processes share: its two connections, and how a change of another process is noticed.

use std::{
    fmt,
    path::PathBuf,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use sqlx::SqliteConnection;
use tokio::time::{Instant, sleep};

use super::{
    NAME,
    file::{self, PATIENCE, Users},
    statements::Trouble,
    unreadable,
};
use crate::{
    database::{Connects, DEADLINE, Fault, Lines, in_time, sqlite},
    error::StoreError,
};

/// How long a call may take. It is longer than another process's write is waited for, so that its end is known.
const CALL: Duration = Duration::from_secs(2);
/// How often the file is asked whether somebody changed it. It costs some microseconds.
const LOOK: Duration = Duration::from_millis(50);
/// The same when it cannot be asked.
const PAUSE: Duration = Duration::from_secs(1);

/// One connection reads while the other one waits for its turn to write.
pub(super) struct Shared {
    reads: Lines<File>,
    writes: Lines<File>,
    /// What the reading connection said last about changes by others.
    seen: AtomicI64,
}

impl Shared {
    pub(super) async fn open(path: PathBuf, create: bool) -> Result<Self, StoreError> {
        let file = File { path };
        let open = async { Ok((patiently(&file, create).await?, patiently(&file, false).await?)) };
        let (reads, writes) = in_time(NAME, DEADLINE, open).await?;
        let path = file.path.clone();
        Ok(Self { reads: Lines::new(file, reads, CALL), writes: Lines::new(File { path }, writes, CALL), seen: AtomicI64::new(i64::MIN) })
    }

    pub(super) async fn read<T>(&self, call: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Trouble>) -> Result<T, StoreError> {
        self.reads.read(async |line| told(call(&mut line.connection).await, |error| Fault::Lost(sqlite::reason(error)))).await?
    }

    pub(super) async fn write<T>(&self, call: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Trouble>) -> Result<T, StoreError> {
        self.writes.write(async |line| told(call(&mut line.connection).await, sqlite::write_fault)).await?
    }

    /// Ends when somebody has changed the file, this process included.
    pub(super) async fn woken(&self) {
        loop {
            let version = self.reads.read(async |line| {
                let version = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut line.connection).await;
                version.map_err(|error| Fault::Lost(sqlite::reason(&error)))
            });
            let pause = match version.await {
                Ok(version) if self.seen.swap(version, Ordering::Relaxed) != version => return,
                Ok(_) => LOOK,
                Err(_) => PAUSE,
            };
            #[allow(clippy::disallowed_methods, reason = "how often this machine's file is looked at; no rule about tokens depends on it")]
            sleep(pause).await;
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

/// An answer, the word that there is no log, or no answer.
fn told<T>(answer: Result<T, Trouble>, fault: impl FnOnce(&sqlx::Error) -> Fault) -> Result<Result<T, StoreError>, Fault> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(Trouble::NoLog) => Ok(Err(StoreError::Lost { store: NAME })),
        Err(Trouble::Odd(reason)) => Err(Fault::Lost(reason.to_owned())),
        Err(Trouble::Sqlite(error)) => Err(fault(&error)),
    }
}

/// Opens it, and waits for those who are just making it: SQLite does not always wait by itself while a file gets its write-ahead log.
async fn patiently(file: &File, create: bool) -> Result<Line, StoreError> {
    const STEP: Duration = Duration::from_millis(20);
    let began = Instant::now();
    loop {
        match file.line(create).await {
            Err(StoreError::Held { .. }) if began.elapsed() < PATIENCE => {
                #[allow(clippy::disallowed_methods, reason = "how long another process is waited for; no rule about tokens depends on it")]
                sleep(STEP).await;
            }
            line => return line,
        }
    }
}

struct File {
    path: PathBuf,
}

struct Line {
    connection: SqliteConnection,
    /// Which file that is, since the path may come to lead to another one.
    file: Option<sqlite::FileId>,
}

impl File {
    async fn line(&self, create: bool) -> Result<Line, StoreError> {
        let file = sqlite::file_id(&self.path);
        let connection = file::open(&self.path, Users::Many, create).await?;
        let line = Line { connection, file };
        if file == sqlite::file_id(&self.path) { Ok(line) } else { Err(unreadable("the file was replaced while it was opened".to_owned())) }
    }
}

impl Connects for File {
    const NAME: &'static str = NAME;
    type Line = Line;

    async fn connect(&self) -> Result<Line, String> {
        self.line(false).await.map_err(|error| match error {
            StoreError::Unreadable { reason, .. } => reason,
            error => error.to_string(),
        })
    }

    /// A file that was removed, or replaced by a backup, goes on existing for whoever has it open.
    async fn is_alive(&self, line: &mut Line) -> bool {
        line.file == sqlite::file_id(&self.path)
    }
}
