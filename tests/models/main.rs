//! The keys that issuers and verifiers read, in every order in which threads can replace, read and prepare them.
//!
//! `published` is the file that the runtime is built from. A twin is that file with one change (see `twins.rs`), and fails.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "test code, where a panic is how a test fails"
)]

#[path = "../../session-runtime/src/swap/published.rs"]
mod published;
mod sync;

use std::sync::Arc;

use loom::{
    model::Builder,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

/// A ring whose keys are one number, which only grows, and what is prepared from them the same number.
trait Ring: Send + Sync + 'static {
    fn of(number: u64) -> Self;
    fn publish(&self, number: u64);
    fn publish_unless_older(&self, number: u64);
    fn stored(&self) -> u64;
    fn prepared(&self) -> u64;
}

macro_rules! ring {
    ($module:ident) => {
        impl super::Ring for Ring {
            fn of(number: u64) -> Self {
                let published = $module::Published::new(number);
                Self { prepared: $module::Prepared::new(&published, |number| *number), published }
            }
            fn publish(&self, number: u64) {
                self.published.publish(number);
            }
            fn publish_unless_older(&self, number: u64) {
                self.published.publish_if(number, |now| *now <= number);
            }
            fn stored(&self) -> u64 {
                **self.published.load()
            }
            fn prepared(&self) -> u64 {
                let ready = self.prepared.load(&self.published, |number| *number);
                assert_eq!(*ready.from, ready.made, "what was prepared is from other keys");
                ready.made
            }
        }
    };
}

mod as_it_is {
    use super::published;

    pub(super) struct Ring {
        published: published::Published<u64>,
        prepared: published::Prepared<u64, u64>,
    }
    ring!(published);
}

/// Keys that were published, and the newest of which publishing has returned: from then on a compromised key counts as gone.
struct World<R> {
    ring: R,
    returned: AtomicU64,
}

impl<R: Ring> World<R> {
    fn of(number: u64) -> Arc<Self> {
        Arc::new(Self { ring: R::of(number), returned: AtomicU64::new(number) })
    }

    fn publish(&self, number: u64) {
        self.ring.publish(number);
        self.returned.store(number, Ordering::Release);
    }

    /// One verification, with keys at least as new as those that had been published when it began; answers which.
    fn verify(&self) -> u64 {
        let returned = self.returned.load(Ordering::Acquire);
        let used = self.ring.prepared();
        assert!(used >= returned, "{OLDER}: {used}, when {returned} had been published");
        used
    }
}

const OLDER: &str = "older keys were used";

/// Tries every order with up to three moments at which a thread is made to wait though it could go on, which is where loom's authors find
/// that all faults show.
fn tried(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

/// Keys are replaced twice while two threads verify.
///
/// Before `publish` has returned a thread may use the new keys and then the old ones once more: another thread has prepared the old ones
/// meanwhile. Nobody was promised yet that they are gone.
fn one_writer_two_readers<R: Ring>() {
    tried(|| {
        let world = World::<R>::of(0);
        let readers = [(); 2].map(|()| {
            let world = Arc::clone(&world);
            thread::spawn(move || world.verify())
        });
        world.publish(1);
        world.publish(2);
        for reader in readers {
            reader.join().unwrap();
        }
        assert_eq!(world.verify(), 2);
    });
}

/// Two threads find that nothing is prepared from the keys as they are, and prepare them, while they are replaced once more.
fn two_preparers_and_a_writer_between<R: Ring>() {
    tried(|| {
        let world = World::<R>::of(0);
        world.publish(1);
        let preparers = [(); 2].map(|()| {
            let world = Arc::clone(&world);
            thread::spawn(move || world.verify())
        });
        world.publish(2);
        assert_eq!(world.verify(), 2);
        for preparer in preparers {
            preparer.join().unwrap();
        }
        assert_eq!(world.verify(), 2);
    });
}

/// Two threads have read a store, one before and one after it was changed, and publish what they read; a third one verifies.
fn two_writers<R: Ring>() {
    tried(|| {
        let world = World::<R>::of(0);
        let (late, reader) = (Arc::clone(&world), Arc::clone(&world));
        let late = thread::spawn(move || late.ring.publish_unless_older(1));
        let reader = thread::spawn(move || reader.verify());
        world.ring.publish_unless_older(2);
        world.returned.store(2, Ordering::Release);
        assert_eq!(world.verify(), 2);
        late.join().unwrap();
        reader.join().unwrap();
        assert_eq!((world.ring.stored(), world.verify()), (2, 2), "{OLDER}: they were brought back");
    });
}

#[test]
fn as_it_is_one_writer_two_readers() {
    one_writer_two_readers::<as_it_is::Ring>();
}

#[test]
fn as_it_is_two_preparers_and_a_writer_between() {
    two_preparers_and_a_writer_between::<as_it_is::Ring>();
}

#[test]
fn as_it_is_two_writers() {
    two_writers::<as_it_is::Ring>();
}

macro_rules! twins {
    ($($twin:ident fails $model:ident;)*) => { $(
        mod $twin {
            mod twin {
                use super::super::sync;
                mod published {
                    include!(concat!(env!("OUT_DIR"), "/", stringify!($twin), ".rs"));
                }
                pub(super) use published::{Prepared, Published};
            }

            struct Ring {
                published: twin::Published<u64>,
                prepared: twin::Prepared<u64, u64>,
            }
            ring!(twin);

            #[test]
            #[should_panic(expected = "older keys were used")]
            fn fails() {
                super::$model::<Ring>();
            }
        }
    )* };
}

twins! {
    number_before_the_value fails one_writer_two_readers;
    number_never_raised fails one_writer_two_readers;
    number_raised_without_order fails one_writer_two_readers;
    number_read_without_order fails one_writer_two_readers;
    value_read_before_the_number fails one_writer_two_readers;
    what_is_stored_in_place_of_what_was_prepared fails two_preparers_and_a_writer_between;
    older_one_is_looked_for_before_the_lock fails two_writers;
}
