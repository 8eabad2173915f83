//! The log of a node by its address, and what it does when a defence is taken away.

use std::{collections::VecDeque, fmt, sync::Arc, time::Duration};

use session_runtime::{
    BoxFuture, Timestamp,
    error::StoreError,
    revocation::{
        Batch, Beginning, Cursor, Entry, Keep, Life, NewEntry, Position, PostgresRevocations, RedisRevocations, RevocationStore,
        SqliteRevocations,
    },
};

use crate::faults::{
    real_time::{pass, within},
    store::Sabotage,
};

/// A log by its address: `redis://…`, `postgres://…`, `sqlite:PATH` or `sqlite-shared:PATH`.
///
/// # Errors
/// The store's.
pub async fn connect(address: &str, deadline: Duration, hints: u64, sabotage: Option<Sabotage>) -> Result<Link, StoreError> {
    let store: Arc<dyn RevocationStore> = if let Some(path) = address.strip_prefix("sqlite-shared:") {
        Arc::new(SqliteRevocations::open_shared(path).await?)
    } else if let Some(path) = address.strip_prefix("sqlite:") {
        Arc::new(SqliteRevocations::open(path).await?)
    } else if address.starts_with("postgres") {
        Arc::new(PostgresRevocations::connect(address).await?.with_deadline(deadline))
    } else {
        Arc::new(RedisRevocations::connect(address).await?.with_deadline(deadline))
    };
    Ok(Link { hints, ..Link::new(store, sabotage) })
}

/// A log that may lack a defence, and whose hints may get lost.
#[derive(Clone)]
pub struct Link {
    store: Arc<dyn RevocationStore>,
    hints: u64,
    sabotage: Option<Sabotage>,
    answers: Arc<Answers>,
    kept: Arc<std::sync::Mutex<Vec<Entry>>>,
}

/// Answers of whom nobody knows who asked.
#[derive(Default)]
struct Answers {
    came: std::sync::Mutex<VecDeque<Result<Entry, StoreError>>>,
    told: tokio::sync::Notify,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}

impl Link {
    fn new(store: Arc<dyn RevocationStore>, sabotage: Option<Sabotage>) -> Self {
        Self { store, hints: 100, sabotage, answers: Arc::default(), kept: Arc::default() }
    }

    /// Around a store of this process.
    pub fn around(store: impl RevocationStore, sabotage: Option<Sabotage>) -> Self {
        Self::new(Arc::new(store), sabotage)
    }

    /// Asks, and takes the next answer that comes, as a connection would that somebody gave back in the middle of a call.
    async fn append_and_take_any(&self, entry: &NewEntry, now: Timestamp) -> Result<Entry, StoreError> {
        let (store, answers, entry) = (Arc::clone(&self.store), Arc::clone(&self.answers), entry.clone());
        tokio::spawn(async move {
            let answer = store.append(&entry, now).await;
            answers.came.lock().unwrap().push_back(answer);
            answers.told.notify_one();
        });
        loop {
            let told = self.answers.told.notified();
            if let Some(answer) = self.answers.came.lock().unwrap().pop_front() {
                return answer;
            }
            told.await;
        }
    }

    /// Reads as somebody who goes on where he was, although what lies between was trimmed.
    async fn read_on(&self, cursor: &Cursor) -> Result<Batch, StoreError> {
        let mut batch = self.store.read(cursor).await?;
        if !batch.whole {
            return Ok(batch);
        }
        while let Some(more) = batch.more.take() {
            batch = self.store.read(&more).await?;
        }
        batch.entries.clear();
        batch.whole = false;
        Ok(batch)
    }
}

impl RevocationStore for Link {
    fn name(&self) -> &'static str {
        self.store.name()
    }

    fn is_authoritative(&self) -> bool {
        self.store.is_authoritative()
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async move {
            match self.sabotage {
                Some(Sabotage::GoesOn) => self.read_on(cursor).await,
                Some(Sabotage::TrustsAtOnce) => {
                    let batch = self.store.read(cursor).await?;
                    let life = batch.life.as_ref().map(|life| Life::new(life.begun, Duration::ZERO, life.digests));
                    Ok(match life {
                        Some(life) => batch.with_life(life),
                        None => batch,
                    })
                }
                Some(Sabotage::KeepsText) => {
                    let batch = self.store.read(cursor).await?;
                    self.kept.lock().unwrap().extend(batch.entries.iter().cloned());
                    Ok(batch)
                }
                _ => self.store.read(cursor).await,
            }
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(async move {
            let done = Entry::new(entry.target.clone(), entry.keep.not_after(now, Duration::from_secs(86_400)), Position::ZERO);
            match self.sabotage {
                Some(Sabotage::AlwaysDone) => Ok(self.store.append(entry, now).await.unwrap_or(done)),
                Some(Sabotage::DoneBefore) => {
                    let (store, entry) = (Arc::clone(&self.store), entry.clone());
                    tokio::spawn(async move { store.append(&entry, now).await });
                    Ok(done)
                }
                Some(Sabotage::ForgetsEarly) => {
                    let keep = Keep::Until(now.saturating_add(Duration::from_secs(60)));
                    self.store.append(&NewEntry::new(entry.target.clone(), keep), now).await
                }
                Some(Sabotage::MixesAnswers) => self.append_and_take_any(entry, now).await,
                _ => self.store.append(entry, now).await,
            }
        })
    }

    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        self.store.raise_horizon(life)
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.store.prune(now)
    }

    fn begin<'a>(&'a self, beginning: &'a Beginning) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.begin(beginning)
    }

    fn restore<'a>(&'a self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), StoreError>> {
        match self.sabotage {
            Some(Sabotage::TellsNothing) => Box::pin(async { Ok(()) }),
            _ => self.store.restore(entries),
        }
    }

    fn woken(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            loop {
                // Some are heard twice, or although nothing happened.
                let heard = within(Duration::from_millis(200), self.store.woken()).await;
                if heard.is_none() && self.hints <= 100 {
                    continue;
                }
                if fastrand::u64(0..100) < self.hints {
                    if self.hints < 100 {
                        pass(Duration::from_millis(fastrand::u64(0..400))).await;
                    }
                    return;
                }
            }
        })
    }
}
