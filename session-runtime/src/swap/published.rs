//! The protocol: who begins to read after a value was published reads no older one, nor anything that was prepared from an older one.

use super::sync::{Arc, AtomicU64, Guard, Mutex, Ordering, PoisonError, Swap};

/// A value that is only ever replaced, and the number of times that it was.
pub(crate) struct Published<T> {
    value: Swap<T>,
    edition: AtomicU64,
    /// Held by who publishes, never by who reads, and never across an `await`.
    turn: Mutex<()>,
}

impl<T> Published<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Swap::from_pointee(value), edition: AtomicU64::new(0), turn: Mutex::new(()) }
    }

    /// The value now.
    #[inline]
    pub(crate) fn load(&self) -> Guard<Arc<T>> {
        self.value.load()
    }

    /// Replaces the value. Who begins to read after this has returned reads this one, or a later one; until then one thread may read the new
    /// one, and then what is prepared from the old one once more.
    pub(crate) fn publish(&self, value: T) {
        self.publish_if(value, |_| true);
    }

    /// Replaces the value if it may follow the one that is there, and answers whether it does. Of two writers that have read a store, the one
    /// that read it first may come last: it must not bring back what the other has replaced.
    pub(crate) fn publish_if(&self, value: T, follows: impl FnOnce(&T) -> bool) -> bool {
        // Nothing under the lock is left half done by a panic: at worst a value is there under the number of the one before.
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if !follows(&self.value.load()) {
            return false;
        }
        self.value.store(Arc::new(value));
        // After the value, so that whoever sees the new number sees it, too; before it returns, since a compromised key has to be
        // gone for everybody who asks from now on.
        self.edition.fetch_add(1, Ordering::Release);
        true
    }

    /// Another number than before means that another value was published.
    #[inline]
    fn edition(&self) -> u64 {
        self.edition.load(Ordering::Acquire)
    }
}

/// What was prepared from a published value, made anew when that was replaced.
pub(crate) struct Prepared<T, P> {
    ready: Swap<Ready<T, P>>,
}

/// What was prepared, with the value that it was prepared from.
pub(crate) struct Ready<T, P> {
    edition: u64,
    pub(crate) from: Arc<T>,
    pub(crate) made: P,
}

impl<T, P> Prepared<T, P> {
    pub(crate) fn new(published: &Published<T>, prepare: impl FnOnce(&T) -> P) -> Self {
        Self { ready: Swap::from_pointee(Ready::of(published, prepare)) }
    }

    /// What is prepared from the value now. Two loads without a lock, one of them of a plain number, which is half as dear as two of shared
    /// pointers; `prepare` is called only after the value was replaced.
    #[inline]
    pub(crate) fn load(&self, published: &Published<T>, prepare: impl FnOnce(&T) -> P) -> Guard<Arc<Ready<T, P>>> {
        let ready = self.ready.load();
        if ready.edition == published.edition() { ready } else { self.prepare_anew(published, prepare) }
    }

    #[cold]
    fn prepare_anew(&self, published: &Published<T>, prepare: impl FnOnce(&T) -> P) -> Guard<Arc<Ready<T, P>>> {
        let fresh = Arc::new(Ready::of(published, prepare));
        self.ready.store(Arc::clone(&fresh));
        // Not what is stored now: a thread that prepared an older value may just have replaced it, and a key that was compromised
        // before this call would be good once more.
        Guard::from_inner(fresh)
    }
}

impl<T, P> Ready<T, P> {
    fn of(published: &Published<T>, prepare: impl FnOnce(&T) -> P) -> Self {
        // The number first: a value that is published meanwhile is then prepared twice and never missed.
        let edition = published.edition();
        let from = Guard::into_inner(published.load());
        let made = prepare(&from);
        Self { edition, from, made }
    }
}
