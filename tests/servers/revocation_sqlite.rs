//! The revocation log in an SQLite file that processes share: they see each other, and what was acknowledged survives them.

use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    time::Duration,
};

use session_runtime::{
    Timestamp,
    error::StoreError,
    revocation::{Beginning, Cursor, DigestKey, Keep, NewEntry, Position, RevocationStore, SqliteRevocations, Target},
};

mod promises {
    use super::*;

    session_runtime::revocation_store_conformance! {
        fresh: {
            let folder = tempfile::tempdir().unwrap();
            (SqliteRevocations::open_shared(folder.path().join("revocations.db")).await.unwrap(), folder)
        },
        // Another file takes its place, for those who have the old one open as well.
        loses: async |folder: &tempfile::TempDir| {
            for name in ["revocations.db", "revocations.db-wal", "revocations.db-shm"] {
                let _ = std::fs::remove_file(folder.path().join(name));
            }
            drop(SqliteRevocations::open_shared(folder.path().join("revocations.db")).await.unwrap());
        },
    }
}

/// Which file a process that this test has started shall write to.
const FILE: &str = "SESSION_TEST_SHARED_FILE";
const NOW: Timestamp = Timestamp::from_unix(1_893_456_000);

fn beginning() -> Beginning {
    Beginning::new(Position::ZERO, Duration::ZERO, DigestKey::from_bytes([7; 16]), Duration::ZERO, "first")
}

/// A process of its own that revokes without a pause and says so after each.
struct Writer {
    child: Child,
    said: Lines<BufReader<ChildStderr>>,
}

impl Writer {
    fn start(file: &Path) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["revocation_sqlite::one_of_many_writers", "--exact", "--nocapture"]).env(FILE, file);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, said }
    }

    /// Whether it has opened the file.
    fn is_ready(&mut self) -> bool {
        self.said.by_ref().map_while(Result::ok).any(|line| line == "ready")
    }

    fn go(&mut self) {
        drop(self.child.stdin.take());
    }

    /// The next position that was acknowledged.
    fn acknowledged(&mut self) -> Option<u64> {
        self.said.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix("wrote ")?.parse().ok())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test of its own: what the processes of the others do.
#[tokio::test]
async fn one_of_many_writers() {
    let Some(file) = env::var_os(FILE) else { return };
    let store = SqliteRevocations::open_shared(&file).await.unwrap();
    store.begin(&beginning()).await.unwrap();
    // Three who write without a pause could keep a fourth from its turn for longer than opening waits.
    writeln!(std::io::stderr(), "ready").unwrap();
    std::io::stdin().read_line(&mut String::new()).unwrap();
    for number in 0.. {
        let target = Target::token(None, &format!("{} {number}", std::process::id()));
        match store.append(&NewEntry::new(target, Keep::Horizon), NOW).await {
            Ok(entry) => writeln!(std::io::stderr(), "wrote {}", entry.position.as_u64()).unwrap(),
            Err(error) => assert!(matches!(error, StoreError::NotApplied { .. }), "{error}"),
        }
    }
}

/// They start at once with no file, and a reader who polls skips nothing. One after another is killed in the middle of its work; what it
/// has acknowledged is there.
#[tokio::test(flavor = "multi_thread")]
async fn processes_that_are_killed_leave_what_they_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("revocations.db");
    let mut writers: Vec<Writer> = (0..4).map(|_| Writer::start(&file)).collect();
    assert!(writers.iter_mut().all(Writer::is_ready), "a writer failed");
    writers.iter_mut().for_each(Writer::go);
    let mut acknowledged = BTreeSet::new();
    // Each has begun to write.
    acknowledged.extend(writers.iter_mut().map(|writer| writer.acknowledged().expect("a writer failed")));
    let reader = SqliteRevocations::open_existing_shared(&file).await.unwrap();
    let (mut seen, mut cursor) = (BTreeSet::new(), Cursor::START);
    let mut poll = async || {
        let batch = reader.read(&cursor).await.unwrap();
        for entry in &batch.entries {
            assert!(entry.position > cursor.position() && seen.insert(entry.position.as_u64()), "{:?} came late", entry.position);
        }
        let is_all = batch.more.is_none();
        cursor = batch.more.unwrap_or(Cursor::after(batch.complete_to));
        (is_all, seen.len())
    };
    while let Some(mut writer) = writers.pop() {
        for _ in 0..25 {
            acknowledged.insert(writer.acknowledged().expect("a writer failed"));
            poll().await;
        }
        // SIGKILL.
        writer.child.kill().unwrap();
        acknowledged.extend(std::iter::from_fn(|| writer.acknowledged()));
    }
    while !poll().await.0 {}
    assert!(acknowledged.len() >= 100 && acknowledged.is_subset(&seen));
    drop(reader);
    let alone = SqliteRevocations::open_existing(&file).await.unwrap();
    let mut all = BTreeSet::new();
    let mut cursor = Some(Cursor::START);
    while let Some(from) = cursor {
        let page = alone.read(&from).await.unwrap();
        all.extend(page.entries.iter().map(|entry| entry.position.as_u64()));
        cursor = page.more;
    }
    // What was killed between writing a transaction and showing it to others is found by whoever opens the file after them.
    assert!(seen.is_subset(&all) && all.range(..=seen.last().unwrap()).count() == seen.len() && all.len() <= seen.len() + 1);
}

/// A process that has the file for itself keeps others out, and they it.
#[tokio::test]
async fn a_file_of_many_processes_is_nobodys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("revocations.db");
    let held = StoreError::Held { store: "the revocation log in SQLite" };
    let mut writer = Writer::start(&file);
    writer.go();
    writer.acknowledged().expect("the writer failed");
    assert_eq!(SqliteRevocations::open(&file).await.unwrap_err(), held);
    drop(writer);
    let alone = SqliteRevocations::open(&file).await.unwrap();
    assert!(!Writer::start(&file).is_ready());
    drop(alone);
    let mut writer = Writer::start(&file);
    writer.go();
    assert!(writer.acknowledged().is_some());
}
