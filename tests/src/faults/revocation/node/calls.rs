//! What a node does many times: verifying under load, revoking, asking the store, and giving up.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{Node, now, verdict};
use crate::faults::{
    history::Verdict,
    real_time::{pause, within},
    revocation::talk::{Answer, Outcome, What},
};

impl Node {
    /// Verifies until it is told to stop, and tells what was answered, a line each.
    pub(super) fn load(&self, rate: u64) -> String {
        const TICK: Duration = Duration::from_millis(10);
        let each = rate.div_ceil(100);
        let (mut told, mut next) = (String::new(), 0);
        while !self.stopped.load(Ordering::SeqCst) {
            let tokens = self.tokens.lock().unwrap().clone();
            let mut ask = |number: usize| {
                let Some(token) = tokens.get(number) else { return Verdict::Other };
                let start = now();
                let verdict = self.judge(token);
                let end = now();
                let letter = match verdict {
                    Verdict::Accepted => 'a',
                    Verdict::Revoked => 'r',
                    Verdict::Unavailable => 'u',
                    Verdict::Other => 'o',
                };
                writeln!(told, "{number} {start} {end} {letter}").unwrap();
                verdict
            };
            let watched = std::mem::take(&mut *self.watched.lock().unwrap());
            let still: Vec<u32> = watched.into_iter().filter(|number| ask(*number as usize) != Verdict::Revoked).collect();
            self.watched.lock().unwrap().extend(still);
            for _ in 0..each.min(tokens.len() as u64 * each) {
                ask(next % tokens.len());
                next += 1;
            }
            pause(TICK);
        }
        told
    }

    pub(super) async fn revoke_many(self: &Arc<Self>, name: &str, count: u64, at_once: usize) -> u64 {
        let next = Arc::new(AtomicU64::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..at_once.max(1) {
            let (node, next, name) = (Arc::clone(self), Arc::clone(&next), name.to_owned());
            tasks.spawn(async move {
                let mut done = 0;
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        return done;
                    }
                    done += u64::from(node.revoke(What::Token(format!("{name}{number}"), None)).await == Outcome::Done);
                }
            });
        }
        tasks.join_all().await.into_iter().sum()
    }

    pub(super) async fn ask_store(self: &Arc<Self>, count: u64, at_once: usize) -> Answer {
        let Some(token) = self.tokens.lock().unwrap().first().cloned() else { return Answer::Verdicts(now(), Vec::new()) };
        let started = now();
        let mut tasks = tokio::task::JoinSet::new();
        let at_once = at_once.max(1) as u64;
        for _ in 0..at_once {
            let (node, token) = (Arc::clone(self), Arc::clone(&token));
            tasks.spawn(async move {
                let mut told = Vec::new();
                for _ in 0..count / at_once {
                    let start = now();
                    let said = verdict(node.strict.verify(&token).await.map(drop));
                    told.push((said, now() - start));
                    // A service waits for its next request; a loop that is refused at once would keep the deadlines of the others from being noticed.
                    tokio::task::yield_now().await;
                }
                told
            });
        }
        Answer::Verdicts(started, tasks.join_all().await.concat())
    }

    /// What is dropped is whatever its future was doing; that of a strict request goes on without it.
    pub(super) async fn drop_calls(&self, count: u64, seed: u64) -> Answer {
        let mut chances = fastrand::Rng::with_seed(seed);
        let token = self.tokens.lock().unwrap().first().cloned();
        let mut done = 0;
        for number in 0..count {
            let moment = Duration::from_micros(chances.u64(0..3_000));
            let finished = match &token {
                Some(token) if chances.bool() => within(moment, self.strict.verify(token)).await.is_some(),
                _ => within(moment, self.revoke(What::Token(format!("dropped-{seed}-{number}"), None))).await.is_some(),
            };
            done += u64::from(finished);
        }
        Answer::Many(done)
    }
}
