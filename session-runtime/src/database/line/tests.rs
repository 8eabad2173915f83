//! One connection: when it is tried, when it is made anew, and what a failure says about a write.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::*;

/// A database that counts what is asked of it. A line is the number of its connection.
#[derive(Default)]
struct Counted {
    connections: AtomicU32,
    trials: AtomicU32,
    is_down: AtomicBool,
    is_silent: AtomicBool,
}

impl Connects for Counted {
    const NAME: &'static str = "a test's store";
    type Line = u32;

    async fn connect(&self) -> Result<u32, String> {
        if self.is_silent.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if self.is_down.load(Ordering::Relaxed) {
            return Err("it is down".to_owned());
        }
        Ok(self.connections.fetch_add(1, Ordering::Relaxed).saturating_add(1))
    }

    async fn is_alive(&self, _: &mut u32) -> bool {
        self.trials.fetch_add(1, Ordering::Relaxed);
        !self.is_down.load(Ordering::Relaxed)
    }
}

const SHORT: Duration = Duration::from_millis(5);

fn lines() -> Lines<Counted> {
    Lines::new(Counted::default(), 0, DEADLINE)
}

fn refused<T>() -> Result<T, Fault> {
    Err(Fault::Refused("no".to_owned()))
}

fn lost<T>() -> Result<T, Fault> {
    Err(Fault::Lost("gone".to_owned()))
}

#[tokio::test]
async fn a_failure_says_whether_it_may_have_been_written() {
    #[track_caller]
    fn check(found: Result<u32, StoreError>, want: &str) {
        assert_eq!(found.unwrap_err().to_string(), want);
    }
    let lines = lines();
    check(lines.read(async |_| refused()).await, "a test's store cannot be read: no");
    check(lines.read(async |_| lost()).await, "a test's store cannot be read: gone");
    check(lines.write(async |_| refused()).await, "a test's store was not changed: no");
    check(lines.write(async |_| lost()).await, "whether a test's store was changed is not known: gone");
    let hasty = lines.clone().with_deadline(SHORT);
    check(hasty.read(async |_| std::future::pending().await).await, "a test's store cannot be read: no answer within 5ms");
    check(lines.read_within(SHORT, async |_| std::future::pending().await).await, "a test's store cannot be read: no answer within 5ms");
    check(
        hasty.write(async |_| std::future::pending().await).await,
        "whether a test's store was changed is not known: no answer within 5ms",
    );
    // Nothing was sent where nothing was connected.
    lines.database().is_down.store(true, Ordering::Relaxed);
    check(lines.read(async |line| Ok(*line)).await, "a test's store cannot be read: it is down");
    check(lines.write(async |line| Ok(*line)).await, "a test's store was not changed: it is down");
    lines.database().is_silent.store(true, Ordering::Relaxed);
    check(hasty.write(async |line| Ok(*line)).await, "a test's store was not changed: no answer within 5ms");
}

#[tokio::test]
async fn a_connection_is_used_again_only_after_an_answer() {
    let lines = lines();
    assert_eq!(lines.read(async |line| Ok(*line)).await, Ok(0));
    assert_eq!(lines.write(async |line| Ok(*line)).await, Ok(0));
    assert!(lines.read(async |_| lost::<u32>()).await.is_err());
    assert_eq!(lines.read(async |line| Ok(*line)).await, Ok(1));
    assert!(lines.write(async |_| refused::<u32>()).await.is_err());
    assert_eq!(lines.clone().read(async |line| Ok(*line)).await, Ok(2), "a clone has the same connection");
    // Dropped half-way, as by somebody who stops waiting.
    let dropped = lines.write(async |_| std::future::pending::<Result<u32, Fault>>().await);
    assert!(tokio::time::timeout(SHORT, dropped).await.is_err());
    assert_eq!(lines.read(async |line| Ok(*line)).await, Ok(3));
}

#[tokio::test]
async fn only_what_can_be_repeated_spares_the_trial() {
    let lines = lines();
    let trials = || lines.database().trials.load(Ordering::Relaxed);
    assert_eq!(lines.read_within(SHORT, async |line| Ok(*line)).await, Ok(0));
    assert_eq!(trials(), 0);
    assert_eq!(lines.read(async |line| Ok(*line)).await, Ok(0));
    assert_eq!(lines.write(async |line| Ok(*line)).await, Ok(0));
    assert_eq!(trials(), 2);
}

#[tokio::test]
async fn of_two_deadlines_the_shorter_one_counts() {
    let hasty = lines().with_deadline(SHORT);
    let late = hasty.read_within(DEADLINE, async |_| std::future::pending::<Result<u32, Fault>>().await).await.unwrap_err();
    assert_eq!(late.to_string(), "a test's store cannot be read: no answer within 5ms");
}

#[tokio::test]
async fn no_deadline_is_too_long_to_be_set() {
    assert_eq!(lines().with_deadline(Duration::MAX).read(async |line| Ok(*line)).await, Ok(0));
}

#[tokio::test]
async fn calls_may_run_on_other_threads() {
    let lines = lines();
    let name = "somebody else's".to_owned();
    let call = async move {
        let name = name.as_str();
        lines.write(async |line| Ok((*line, name.len()))).await
    };
    assert_eq!(tokio::spawn(call).await.unwrap(), Ok((0, 15)));
}
