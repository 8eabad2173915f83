//! What the protocol is made of here: loom's atomics and lock, and a pointer that is replaced, made of one of them.

use std::{ops::Deref, sync::Mutex as Table};

pub(crate) use std::sync::{Arc, PoisonError};

use loom::sync::atomic::AtomicUsize;
pub(crate) use loom::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

/// Stands for `ArcSwap`, and promises less: a release when something is stored and an acquire when it is loaded, where arc-swap has an
/// operation in one order of all threads in each of its calls. What holds here holds there.
pub(crate) struct Swap<T> {
    now: AtomicUsize,
    /// All that was ever stored, so that a thread may still be shown what was replaced. No thread of the model stops while it holds this.
    all: Table<Vec<Arc<T>>>,
}

impl<T> Swap<T> {
    pub(crate) fn from_pointee(value: T) -> Self {
        Self { now: AtomicUsize::new(0), all: Table::new(vec![Arc::new(value)]) }
    }

    pub(crate) fn load(&self) -> Guard<Arc<T>> {
        let now = self.now.load(Ordering::Acquire);
        Guard(Arc::clone(&self.all.lock().unwrap()[now]))
    }

    pub(crate) fn store(&self, value: Arc<T>) {
        let place = {
            let mut all = self.all.lock().unwrap();
            all.push(value);
            all.len() - 1
        };
        self.now.store(place, Ordering::Release);
    }
}

/// Stands for arc-swap's guard.
pub(crate) struct Guard<T>(T);

impl<T> Guard<T> {
    pub(crate) fn from_inner(inner: T) -> Self {
        Self(inner)
    }

    pub(crate) fn into_inner(guard: Self) -> T {
        guard.0
    }
}

impl<T> Deref for Guard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
