//! What every key store has to do, one promise a function: [`key_store_conformance!`](crate::key_store_conformance) runs them all.

use std::{fmt, sync::Arc};

use crate::{
    error::StoreError,
    keyring::{KeyRecord, KeyStore, StoredRing, Timing},
};

/// Makes one test of every promise of [`KeyStore`], for a store of your own. Drop it into a test module of its own.
///
/// `fresh` is run inside an asynchronous test and makes an empty store, alone or with whatever has to live as long as it does: a folder, a
/// server. A `return` in it skips the test. `breaks` makes the stored ring unreadable by other means than the store's, given what came
/// with the store, the ring and the format; without it one test is missing, which holds that an unreadable ring is no empty one.
///
/// The tests are `#[tokio::test]`s on several threads, so the crate that uses this needs `tokio` with `macros` and `rt-multi-thread`.
///
/// # Example
/// ```
/// mod my_store {
///     # // Stands for one of the reader's own.
///     # use session_runtime::keyring::MemoryKeys as MyStore;
///     session_runtime::key_store_conformance! {
///         fresh: MyStore::new(),
///     }
/// }
///
/// mod a_file {
///     use session_runtime::keyring::FileKeys;
///
///     session_runtime::key_store_conformance! {
///         fresh: {
///             let folder = tempfile::tempdir().unwrap();
///             (FileKeys::at(folder.path().join("keys.json")), folder)
///         },
///         breaks: async |folder: &tempfile::TempDir, _ring: &str, _format: &str| {
///             std::fs::write(folder.path().join("keys.json"), "{").unwrap();
///         },
///     }
/// }
/// ```
#[macro_export]
macro_rules! key_store_conformance {
    (fresh: $fresh:expr $(, breaks: $breaks:expr)? $(,)?) => {
        $crate::key_store_conformance! { @each $fresh;
            an_empty_store_has_no_ring
            a_ring_is_created_once
            a_ring_is_replaced_at_its_version_only
            a_conflict_changes_nothing
            rings_and_formats_are_apart
            what_is_written_is_read_back
            of_64_that_create_a_ring_one_wins
            of_64_that_replace_a_ring_one_wins
            a_stale_writer_never_overwrites
            debug_shows_no_secret
        }
        $(
            #[::tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn an_unreadable_ring_is_not_an_empty_one() {
                let (store, around) = $crate::testing::key_stores::Fresh::split($fresh);
                let breaks = async |ring: &str, format: &str| ($breaks)(&around, ring, format).await;
                let kept = $crate::testing::key_stores::an_unreadable_ring_is_not_an_empty_one(store, breaks).await;
                $crate::testing::key_stores::hold(kept);
            }
        )?
    };
    (@each $fresh:expr; $($promise:ident)*) => { $(
        #[::tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $promise() {
            // What is around the store lives to the end of the test.
            let (store, _around) = $crate::testing::key_stores::Fresh::split($fresh);
            $crate::testing::key_stores::hold($crate::testing::key_stores::$promise(store).await);
        }
    )* };
}

/// A promise that a store does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken {
    /// The promise, by the name of its function and test.
    pub promise: &'static str,
    /// What the store did.
    pub found: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store does not keep `{}`: {}", self.promise, self.found)
    }
}

impl std::error::Error for Broken {}

/// A new and empty store: a [`KeyStore`], or one with what has to live as long as it does.
pub trait Fresh {
    /// What lives beside the store.
    type Around;
    /// The store, and what lives beside it.
    fn split(self) -> (Arc<dyn KeyStore>, Self::Around);
}

impl<S: KeyStore> Fresh for S {
    type Around = ();
    fn split(self) -> (Arc<dyn KeyStore>, ()) {
        (Arc::new(self), ())
    }
}

impl<S: KeyStore, A> Fresh for (S, A) {
    type Around = A;
    fn split(self) -> (Arc<dyn KeyStore>, A) {
        (Arc::new(self.0), self.1)
    }
}

/// Every promise that `fresh` stores do not keep, but for the one about unreadable rings. For tests that hold more than one store to them.
pub async fn broken<F: Fresh>(fresh: impl AsyncFn() -> F) -> Vec<Broken> {
    let mut broken = Vec::new();
    macro_rules! each {
        ($($promise:ident)*) => { $(
            let (store, _around) = fresh().await.split();
            broken.extend($promise(store).await.err());
        )* };
    }
    each! {
        an_empty_store_has_no_ring a_ring_is_created_once a_ring_is_replaced_at_its_version_only a_conflict_changes_nothing
        rings_and_formats_are_apart what_is_written_is_read_back of_64_that_create_a_ring_one_wins of_64_that_replace_a_ring_one_wins
        a_stale_writer_never_overwrites debug_shows_no_secret
    }
    broken
}

#[doc(hidden)]
#[allow(clippy::panic, reason = "how a test fails")]
#[track_caller]
pub fn hold(kept: Result<(), Broken>) {
    if let Err(broken) = kept {
        panic!("{broken}");
    }
}

/// The names that the promises are tried with.
const RING: &str = "main";
const FORMAT: &str = "v4.local";
const WRITERS: usize = 64;
/// Stands for a private half in the clear.
const SECRET: &str = "cHJpdmF0ZS1oYWxmLWluLXRoZS1jbGVhcg";

/// A ring as a test would store it; `mark` tells two of one version apart.
pub fn sample(version: u64, mark: &str) -> StoredRing {
    let record = KeyRecord {
        epoch: 1,
        key_id: Some(mark.to_owned()),
        generated: true,
        public: None,
        private: Some(SECRET.to_owned()),
        created_at: 1_893_456_000,
        activate_at: 1_893_456_000,
        retire_at: None,
        expire_at: None,
        compromised_at: None,
        suspended: false,
    };
    StoredRing { version, max_ttl: 86_400, timing: Timing::FLEET, keys: vec![record] }
}

/// A ring of which nothing was stored is `None`, in every format.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn an_empty_store_has_no_ring(store: Arc<dyn KeyStore>) -> Result<(), Broken> {
    let check = Check("an_empty_store_has_no_ring");
    for (ring, format) in [(RING, FORMAT), (RING, "EdDSA"), ("", FORMAT), ("other", FORMAT)] {
        check.holds(&store, ring, format, None).await?;
    }
    Ok(())
}

/// A ring is created where there is none, and a second creation is a conflict.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_ring_is_created_once(store: Arc<dyn KeyStore>) -> Result<(), Broken> {
    let check = Check("a_ring_is_created_once");
    let first = sample(1, "first");
    check.done(store.replace(RING, FORMAT, None, first.clone()).await)?;
    check.conflict(store.replace(RING, FORMAT, None, first.clone()).await)?;
    check.conflict(store.replace(RING, FORMAT, None, sample(1, "second")).await)?;
    check.holds(&store, RING, FORMAT, Some(&first)).await
}

/// A ring is replaced at the version that it has: not at an older one, not at a newer one, and not where there is none.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_ring_is_replaced_at_its_version_only(store: Arc<dyn KeyStore>) -> Result<(), Broken> {
    let check = Check("a_ring_is_replaced_at_its_version_only");
    check.conflict(store.replace(RING, FORMAT, Some(1), sample(2, "of nothing")).await)?;
    check.conflict(store.replace(RING, FORMAT, Some(0), sample(1, "of nothing")).await)?;
    check.holds(&store, RING, FORMAT, None).await?;
    check.done(store.replace(RING, FORMAT, None, sample(1, "first")).await)?;
    for wrong in [Some(0), Some(2), Some(u64::from(u32::MAX)), None] {
        check.conflict(store.replace(RING, FORMAT, wrong, sample(2, "wrong")).await)?;
    }
    check.done(store.replace(RING, FORMAT, Some(1), sample(2, "second")).await)?;
    check.done(store.replace(RING, FORMAT, Some(2), sample(3, "third")).await)?;
    check.holds(&store, RING, FORMAT, Some(&sample(3, "third"))).await
}

/// Whoever is told of a conflict has changed nothing, of no ring.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_conflict_changes_nothing(store: Arc<dyn KeyStore>) -> Result<(), Broken> {
    let check = Check("a_conflict_changes_nothing");
    let (main, other) = (sample(7, "main"), sample(7, "other"));
    check.done(store.replace(RING, FORMAT, None, main.clone()).await)?;
    check.done(store.replace("other", FORMAT, None, other.clone()).await)?;
    let mut late = sample(8, "late");
    late.max_ttl = 1;
    late.keys.clear();
    for wrong in [None, Some(6), Some(8)] {
        check.conflict(store.replace(RING, FORMAT, wrong, late.clone()).await)?;
        check.holds(&store, RING, FORMAT, Some(&main)).await?;
        check.holds(&store, "other", FORMAT, Some(&other)).await?;
    }
    Ok(())
}

/// Rings of different names, and one ring in different formats, have nothing to do with each other.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn rings_and_formats_are_apart(store: Arc<dyn KeyStore>) -> Result<(), Broken> {
    let check = Check("rings_and_formats_are_apart");
    // Names that a careless key or path would mix up.
    let names = ["main", "Main", "main ", "main:v4", "main}", "{main}", "ma_n", "ma%", "../main", "'main'", "", "ключи", "キー🔑"];
    let places: Vec<(&str, &str)> =
        names.into_iter().flat_map(|name| ["v4.local", "v4.public", "EdDSA", "HS256"].map(|format| (name, format))).collect();
    for (number, (ring, format)) in (1_u64..).zip(&places) {
        check.holds(&store, ring, format, None).await?;
        check.done(store.replace(ring, format, None, sample(number, &format!("{ring}/{format}"))).await)?;
    }
    for (number, (ring, format)) in (1_u64..).zip(&places) {
        check.holds(&store, ring, format, Some(&sample(number, &format!("{ring}/{format}")))).await?;
    }
    Ok(())
}

/// Every field of a ring is read back as it was written: absent or there, empty or long, in any script.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn what_is_written_is_read_back(store: Arc<dyn KeyStore>) -> Result<(), Broken> {
    let check = Check("what_is_written_is_read_back");
    let mut full = sample(2, "ключ \"a\\b\" \u{1f511} e\u{301}\u{7f}\t");
    if let Some(record) = full.keys.first_mut() {
        record.public = Some("cHVibGlj".repeat(4_000));
        record.generated = false;
        record.suspended = true;
        (record.retire_at, record.expire_at, record.compromised_at) = (Some(i64::MAX), Some(0), Some(i64::MIN));
        record.created_at = -1;
        record.epoch = u64::MAX;
    }
    full.max_ttl = u64::MAX;
    let mut bare = sample(3, "");
    for record in &mut bare.keys {
        (record.key_id, record.private) = (None, None);
    }
    let mut none = sample(4, "none");
    none.keys.clear();
    let mut many = sample(5, "many");
    many.keys = (1..=500).flat_map(|number| sample(1, &format!("key {number}")).keys).collect();
    check.done(store.replace(RING, FORMAT, None, sample(1, "first")).await)?;
    for (expected, ring) in (1..).zip([full, bare, none, many]) {
        check.done(store.replace(RING, FORMAT, Some(expected), ring.clone()).await)?;
        check.holds(&store, RING, FORMAT, Some(&ring)).await?;
    }
    Ok(())
}

/// Of 64 that create a ring at once exactly one wins, every other one is told of the conflict, and the ring is the winner's.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn of_64_that_create_a_ring_one_wins(store: Arc<dyn KeyStore>) -> Result<(), Broken> {
    let check = Check("of_64_that_create_a_ring_one_wins");
    // More than once, since a race may happen to be run one after the other.
    for ring in ["main", "second", "third"] {
        check.one_wins(&store, ring, None).await?;
    }
    Ok(())
}

/// Of 64 that replace one version at once exactly one wins, every other one is told of the conflict, and the ring is the winner's.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn of_64_that_replace_a_ring_one_wins(store: Arc<dyn KeyStore>) -> Result<(), Broken> {
    let check = Check("of_64_that_replace_a_ring_one_wins");
    check.done(store.replace(RING, FORMAT, None, sample(1, "first")).await)?;
    for version in 1..=3 {
        check.one_wins(&store, RING, Some(version)).await?;
    }
    Ok(())
}

/// A writer that read long ago overwrites nothing of what was changed since, and adds nothing of its own.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn a_stale_writer_never_overwrites(store: Arc<dyn KeyStore>) -> Result<(), Broken> {
    let check = Check("a_stale_writer_never_overwrites");
    let compromised = |version| {
        let mut ring = sample(version, "first");
        for record in &mut ring.keys {
            (record.private, record.compromised_at) = (None, Some(1_893_456_060));
        }
        ring
    };
    check.done(store.replace(RING, FORMAT, None, sample(1, "first")).await)?;
    check.done(store.replace(RING, FORMAT, Some(1), compromised(2)).await)?;
    // What is written is the whole ring: nothing of the older one may shine through, which would bring the key back to life.
    check.holds(&store, RING, FORMAT, Some(&compromised(2))).await?;
    for stale in [sample(2, "first"), sample(3, "first"), sample(1, "first")] {
        check.conflict(store.replace(RING, FORMAT, Some(1), stale).await)?;
        check.holds(&store, RING, FORMAT, Some(&compromised(2))).await?;
    }
    let mut shorter = compromised(3);
    shorter.keys.clear();
    check.done(store.replace(RING, FORMAT, Some(2), shorter.clone()).await)?;
    check.holds(&store, RING, FORMAT, Some(&shorter)).await
}

/// `Debug` of the store shows no private half that lies in it.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn debug_shows_no_secret(store: Arc<dyn KeyStore>) -> Result<(), Broken> {
    let check = Check("debug_shows_no_secret");
    check.done(store.replace(RING, FORMAT, None, sample(1, "first")).await)?;
    check.holds(&store, RING, FORMAT, Some(&sample(1, "first"))).await?;
    let shown = format!("{store:?} {store:#?}");
    if shown.contains(SECRET) { check.broken("it shows a private half") } else { Ok(()) }
}

/// A stored ring that cannot be understood is an error: it is not absent, it is not created again, and nothing of it is made up.
///
/// `breaks` spoils the stored ring, of the name and format that it is given, by other means than the store's.
///
/// # Errors
/// [`Broken`] when the store does not keep this promise.
pub async fn an_unreadable_ring_is_not_an_empty_one(store: Arc<dyn KeyStore>, breaks: impl AsyncFnOnce(&str, &str)) -> Result<(), Broken> {
    let check = Check("an_unreadable_ring_is_not_an_empty_one");
    check.done(store.replace(RING, FORMAT, None, sample(1, "first")).await)?;
    breaks(RING, FORMAT).await;
    check.unreadable(store.load(RING, FORMAT).await)?;
    if store.replace(RING, FORMAT, None, sample(1, "second")).await.is_ok() {
        return check.broken("it creates a ring in place of the one that it cannot read");
    }
    check.unreadable(store.load(RING, FORMAT).await)
}

/// One promise under test.
struct Check(&'static str);

impl Check {
    fn broken<T>(&self, found: impl Into<String>) -> Result<T, Broken> {
        Err(Broken { promise: self.0, found: found.into() })
    }

    fn done(&self, answer: Result<(), StoreError>) -> Result<(), Broken> {
        answer.or_else(|error| self.broken(format!("a write that should be done is not: {error}")))
    }

    fn conflict(&self, answer: Result<(), StoreError>) -> Result<(), Broken> {
        match answer {
            Err(StoreError::Conflict { .. }) => Ok(()),
            Ok(()) => self.broken("a write at another version is done"),
            Err(error) => self.broken(format!("a conflict is told as another error: {error}")),
        }
    }

    fn unreadable(&self, answer: Result<Option<StoredRing>, StoreError>) -> Result<(), Broken> {
        match answer {
            Err(StoreError::Unreadable { .. } | StoreError::NewerVersion { .. }) => Ok(()),
            Ok(None) => self.broken("an unreadable ring is told as an absent one"),
            Ok(Some(_)) => self.broken("an unreadable ring is read"),
            Err(error) => self.broken(format!("an unreadable ring is told as another error: {error}")),
        }
    }

    async fn holds(&self, store: &Arc<dyn KeyStore>, ring: &str, format: &str, want: Option<&StoredRing>) -> Result<(), Broken> {
        match store.load(ring, format).await {
            Ok(found) if found.as_ref() == want => Ok(()),
            Ok(found) => {
                let shown = |ring: Option<&StoredRing>| ring.map_or_else(|| "none".to_owned(), |ring| format!("{ring:?}"));
                let (found, want) = (shown(found.as_ref()), shown(want));
                // Private halves are not shown, so two that differ only there look alike.
                self.broken(format!("ring {ring:?} in format {format} is not what was written: {found:.400} in place of {want:.400}"))
            }
            Err(error) => self.broken(format!("ring {ring:?} in format {format} cannot be read: {error}")),
        }
    }

    /// Lets 64 tasks replace one version at once.
    async fn one_wins(&self, store: &Arc<dyn KeyStore>, ring: &'static str, expected: Option<u64>) -> Result<(), Broken> {
        let next = sample(expected.unwrap_or(0).saturating_add(1), "").version;
        let start = Arc::new(tokio::sync::Barrier::new(WRITERS));
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (store, start) = (Arc::clone(store), Arc::clone(&start));
                let mine = sample(next, &format!("writer {number}"));
                tokio::spawn(async move {
                    start.wait().await;
                    (store.replace(ring, FORMAT, expected, mine.clone()).await, mine)
                })
            })
            .collect();
        let mut winner = None;
        for writer in writers {
            let Ok((answer, mine)) = writer.await else { return self.broken("a write panicked") };
            match answer {
                Ok(()) if winner.is_none() => winner = Some(mine),
                Ok(()) => return self.broken("two writers of one version are both told that they won"),
                Err(_) => self.conflict(answer)?,
            }
        }
        match winner {
            Some(winner) => self.holds(store, ring, FORMAT, Some(&winner)).await,
            None => self.broken("nobody wins"),
        }
    }
}
