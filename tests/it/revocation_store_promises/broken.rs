//! Logs with one defect each: thin wrappers around the shared log in memory.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use session_runtime::{
    BoxFuture, SystemClock, Timestamp,
    error::StoreError,
    limits,
    revocation::{Batch, Beginning, Cursor, DigestKey, Entry, Keep, NewEntry, Position, RevocationStore, Target},
    testing::SharedRevocations,
};
use tokio::sync::Semaphore;

use super::fault::Fault;

/// A log with a fault, and what the fault has to remember.
pub(super) struct Faulty {
    pub(super) fault: Fault,
    pub(super) store: SharedRevocations,
    /// Entries that are not read: not yet, or never.
    hidden: Mutex<HashSet<Position>>,
    writing: AtomicBool,
    /// The first target of each joined key, and the last.
    joined: Mutex<HashMap<String, Target>>,
    /// What an entry is read as having.
    instead: Mutex<HashMap<Target, (Timestamp, Position)>>,
    horizon: Mutex<Duration>,
    lock: Semaphore,
    names: Mutex<Vec<String>>,
    /// The head when positions went back, and by how much.
    back: (AtomicU64, AtomicU64),
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Faulty");
        if self.fault == Fault::ShowsNames { shown.field("names", &self.names).finish() } else { shown.finish_non_exhaustive() }
    }
}

impl Faulty {
    /// The log, and the hand that gives the store below it commands.
    pub(super) fn new(fault: Fault) -> (Self, SharedRevocations) {
        let store = SharedRevocations::new(SystemClock);
        store.pages_of(if fault == Fault::CompleteBeyondThePage { 7 } else { 4_096 });
        let faulty = Self {
            fault,
            store: store.clone(),
            hidden: Mutex::default(),
            writing: AtomicBool::new(false),
            joined: Mutex::default(),
            instead: Mutex::default(),
            horizon: Mutex::new(limits::MAX_TTL),
            lock: Semaphore::new(1),
            names: Mutex::default(),
            back: (AtomicU64::new(0), AtomicU64::new(0)),
        };
        (faulty, store)
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn back(&self) -> (u64, u64) {
        (self.back.0.load(Ordering::SeqCst), self.back.1.load(Ordering::SeqCst))
    }

    /// A position as this log says it.
    fn said(&self, position: Position) -> Position {
        let (head, by) = self.back();
        if position.as_u64() > head { Position::new(position.as_u64() - by).unwrap() } else { position }
    }

    /// A position of this log as the store below knows it.
    fn meant(&self, position: Position) -> Position {
        let (head, by) = self.back();
        if by > 0 && position.as_u64() > head - by { Position::new(position.as_u64() + by).unwrap() } else { position }
    }

    /// An entry as this log reads it.
    fn reads(&self, mut entry: Entry) -> Entry {
        entry.position = self.said(entry.position);
        entry.covers_below = self.said(entry.covers_below);
        if self.is(Fault::RestoresAtTheNewPosition) {
            entry.covers_below = entry.position;
        }
        if let Some((end, covers_below)) = self.instead.lock().unwrap().get(&entry.target) {
            (entry.not_after, entry.covers_below) = (*end, *covers_below);
        }
        if self.is(Fault::EndsAtNul) {
            let name = entry.target.name().split('\0').next().unwrap();
            entry.target = Target::from_stored(entry.target.word(), entry.target.issuer(), name).unwrap();
        }
        entry
    }

    /// Begins the log again by itself, where that is the fault.
    async fn begun(&self) {
        if self.is(Fault::NeverTellsLost) {
            let above = Position::new(1 << 51).unwrap();
            let alone = Beginning::new(above, limits::MAX_TTL, DigestKey::from_bytes([7; 16]), Duration::ZERO, "alone");
            if self.store.read(&Cursor::START).await.is_err() {
                self.store.begin(&alone).await.unwrap();
            }
        }
    }
}

/// As long as an answer from a server takes; giving way alone is over before the system has woken the other threads.
async fn answer_of_a_server() {
    let _ = tokio::time::timeout(Duration::from_millis(5), std::future::pending::<()>()).await;
}

impl RevocationStore for Faulty {
    fn name(&self) -> &'static str {
        "mine"
    }

    fn is_authoritative(&self) -> bool {
        false
    }

    fn read<'a>(&'a self, cursor: &'a Cursor) -> BoxFuture<'a, Result<Batch, StoreError>> {
        Box::pin(async move {
            self.begun().await;
            let after = self.meant(cursor.position());
            let cursor = if cursor.page().is_some() || after == cursor.position() { cursor.clone() } else { Cursor::after(after) };
            let mut batch = self.store.read(&cursor).await?;
            match self.fault {
                Fault::SkipsOne if cursor.position() > Position::ZERO => batch.entries.retain(|entry| Some(entry.position) > after.next()),
                Fault::CompleteBeyondThePage => {
                    let mut more = batch.more.clone();
                    while let Some(cursor) = more {
                        let rest = self.store.read(&cursor).await?;
                        batch.complete_to = batch.complete_to.max(rest.complete_to);
                        more = rest.more;
                    }
                }
                Fault::OnePageOnly => batch.more = None,
                Fault::HorizonOfTheLast => batch.horizon = *self.horizon.lock().unwrap(),
                Fault::RestoresBehindReaders if cursor.position() > Position::ZERO => {
                    batch.entries.retain(|entry| entry.covers_below == entry.position);
                }
                _ => {}
            }
            let hidden = self.hidden.lock().unwrap();
            batch.entries.retain(|entry| !hidden.contains(&entry.position));
            drop(hidden);
            batch.entries = batch.entries.into_iter().map(|entry| self.reads(entry)).collect();
            let (head, by) = self.back();
            batch.complete_to =
                if batch.complete_to.as_u64() == head { Position::new(head - by).unwrap() } else { self.said(batch.complete_to) };
            Ok(batch)
        })
    }

    fn append<'a>(&'a self, entry: &'a NewEntry, now: Timestamp) -> BoxFuture<'a, Result<Entry, StoreError>> {
        Box::pin(async move {
            self.begun().await;
            let mut entry = entry.clone();
            let asked = entry.target.clone();
            match self.fault {
                Fault::IgnoresTheHorizon => entry.keep = Keep::Until(entry.keep.not_after(now, limits::MAX_TTL)),
                Fault::StaysLocked => {
                    let held = StoreError::NotApplied { store: "mine", reason: "somebody else writes".to_owned() };
                    tokio::time::timeout(Duration::from_secs(1), self.lock.acquire()).await.map_err(|_| held)?.unwrap().forget();
                    tokio::task::yield_now().await;
                    self.lock.add_permits(1);
                }
                Fault::ShowsNames => self.names.lock().unwrap().push(entry.target.name().to_owned()),
                Fault::StaysWhereItWas => {
                    let batch = self.store.read(&Cursor::START).await?;
                    if let Some(known) = batch.entries.into_iter().find(|known| known.target == asked)
                        && known.not_after >= entry.keep.not_after(now, batch.horizon)
                    {
                        return Ok(known);
                    }
                }
                Fault::LosesTheSecond if self.writing.swap(true, Ordering::SeqCst) => {
                    let kept = self.store.append(&entry, now).await?;
                    self.hidden.lock().unwrap().insert(kept.position);
                    return Ok(kept);
                }
                _ => {}
            }
            let appended = {
                let mut hidden = self.hidden.lock().unwrap();
                // The store below answers at once, so this is one step.
                let appended = now_or_never(self.store.append(&entry, now))?;
                if self.is(Fault::PositionsBeforeTheyAreSeen) {
                    hidden.insert(appended.position);
                }
                if self.is(Fault::JoinsIssuerAndName) {
                    let key = format!("{}:{}:{}", asked.word(), asked.issuer(), asked.name());
                    if let Some(replaced) = self.joined.lock().unwrap().insert(key, asked.clone()).filter(|replaced| *replaced != asked) {
                        let all = now_or_never(self.store.read(&Cursor::START))?.entries;
                        hidden.extend(all.iter().filter(|entry| entry.target == replaced).map(|entry| entry.position));
                    }
                }
                appended
            };
            match self.fault {
                Fault::PositionsBeforeTheyAreSeen => {
                    answer_of_a_server().await;
                    self.hidden.lock().unwrap().remove(&appended.position);
                }
                Fault::LosesTheSecond => {
                    answer_of_a_server().await;
                    self.writing.store(false, Ordering::SeqCst);
                }
                Fault::Shortens => {
                    let end = entry.keep.not_after(now, now_or_never(self.store.read(&Cursor::START))?.horizon);
                    self.instead.lock().unwrap().insert(asked, (end, appended.position));
                }
                Fault::RestoresTheLast => {
                    self.instead.lock().unwrap().remove(&asked);
                }
                _ => {}
            }
            let mut appended = appended;
            (appended.position, appended.covers_below) = (self.said(appended.position), self.said(appended.covers_below));
            Ok(appended)
        })
    }

    fn raise_horizon(&self, life: Duration) -> BoxFuture<'_, Result<Duration, StoreError>> {
        Box::pin(async move {
            self.begun().await;
            let raised = self.store.raise_horizon(life).await?;
            if self.is(Fault::HorizonOfTheLast) {
                *self.horizon.lock().unwrap() = life;
            }
            Ok(raised)
        })
    }

    fn prune(&self, now: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async move {
            self.begun().await;
            let early = now.saturating_add(Duration::from_secs(u64::from(self.is(Fault::PrunesTooEarly))));
            let pruned = self.store.prune(early).await?;
            if self.is(Fault::GivesPositionsAgain) {
                let left = self.store.read(&Cursor::START).await?;
                if let Some(highest) = left.entries.iter().map(|entry| entry.position).max() {
                    self.back.0.store(left.complete_to.as_u64(), Ordering::SeqCst);
                    self.back.1.store(left.complete_to.as_u64() - highest.as_u64(), Ordering::SeqCst);
                }
            }
            Ok(pruned)
        })
    }

    fn begin<'a>(&'a self, beginning: &'a Beginning) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut beginning = beginning.clone();
            match self.fault {
                Fault::EveryoneBegins => self.store.restart(),
                Fault::HorizonOfTheLast => *self.horizon.lock().unwrap() = beginning.horizon.max(limits::MAX_TTL),
                Fault::BeginsTooLow => beginning.above = Position::ZERO,
                Fault::ForgetsTheHorizon => beginning.horizon = limits::MAX_TTL,
                _ => {}
            }
            self.store.begin(&beginning).await
        })
    }

    fn restore<'a>(&'a self, entries: &'a [Entry]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.begun().await;
            let mut entries = entries.to_vec();
            match self.fault {
                Fault::RestoresTheLast => {
                    self.store.restore(&entries).await?;
                    let ends = entries.iter().map(|entry| (entry.target.clone(), (entry.not_after, entry.covers_below)));
                    self.instead.lock().unwrap().extend(ends);
                }
                Fault::RestoresOnce => {
                    let known = self.store.read(&Cursor::START).await?.entries;
                    if entries.iter().any(|entry| known.iter().any(|known| known.target == entry.target)) {
                        return Err(StoreError::NotApplied { store: "mine", reason: "it is there already".to_owned() });
                    }
                }
                Fault::DigestsAreNames => {
                    for entry in &mut entries {
                        let target = &entry.target;
                        entry.target = Target::from_stored(target.kind().as_str(), target.issuer(), target.name()).unwrap();
                    }
                }
                _ => {}
            }
            self.store.restore(&entries).await
        })
    }
}

/// What the store below answers at once.
fn now_or_never<T>(mut call: BoxFuture<'_, T>) -> T {
    match call.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(answer) => answer,
        std::task::Poll::Pending => unreachable!("the log in memory waits for nobody"),
    }
}
