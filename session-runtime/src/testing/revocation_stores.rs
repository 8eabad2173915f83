//! What every log of revocations has to do, one promise a function:
//! [`revocation_store_conformance!`](crate::revocation_store_conformance) runs them all.

use std::sync::Arc;

use crate::revocation::RevocationStore;

mod calls;
mod check;
mod damage;
mod entries;
mod horizon;
mod lives;
mod order;
mod pruning;
mod restoring;

pub use super::key_stores::Broken;
pub use calls::{a_dropped_call_leaves_the_store_usable, debug_shows_no_names};
pub use damage::{a_cursor_before_what_is_in_order_gets_everything, an_entry_that_cannot_be_read_is_never_left_out};
pub use entries::{
    a_new_log_is_empty_and_begins_above_any_before, an_entry_is_read_back_as_it_was_written, odd_texts_are_read_back,
    revoking_again_is_found_by_those_who_have_read, revoking_again_never_shortens, targets_that_look_alike_are_apart,
};
pub use horizon::{an_entry_lives_by_the_horizon, the_horizon_only_rises};
pub use lives::{
    a_life_begins_above_what_is_known, a_life_says_how_it_began, a_loss_is_told_by_every_call, a_whole_reading_after_a_loss_is_whole,
    beginning_again_changes_nothing, of_64_that_begin_a_log_one_decides, positions_are_not_given_again_in_a_new_life,
};
pub use order::{
    a_read_after_a_cursor_leaves_nothing_out, a_reader_that_polls_while_16_write_skips_nothing, more_than_one_page_arrives_complete,
    of_64_that_append_at_once_none_is_lost, positions_rise, what_is_complete_stays_complete,
};
pub use pruning::{
    positions_are_not_given_again_after_pruning, pruning_keeps_what_is_needed_for_ever, pruning_removes_what_is_past_its_last_moment_only,
};
pub use restoring::{
    digests_stay_digests, restoring_never_shortens, restoring_twice_changes_nothing, revoking_what_was_restored_covers_more,
    what_is_restored_is_read_back, what_is_restored_is_seen_by_those_who_poll,
};

/// Makes one test of every promise of [`RevocationStore`], for a store of your own. Drop it into a test module of its own.
///
/// `fresh` is run inside an asynchronous test and makes an empty store, alone or with whatever has to live as long as it does: a folder, a
/// server. A `return` in it skips the test. A store that says [`Lost`](crate::error::StoreError::Lost) when it is new is begun by the tests.
///
/// Three more are optional. Each is given what came with the store, and brings the tests that need it:
/// * `loses` makes the store lose its data, or be restarted so that it cannot know whether it did. It is for stores that have lives: the
///   promises of [`begin`](RevocationStore::begin) and [`restore`](RevocationStore::restore).
/// * `trims` makes it forget the order of what was written, where it keeps only the newest entries in their order.
/// * `breaks` makes one stored entry unreadable, by other means than the store's.
///
/// The tests are `#[tokio::test]`s on several threads, so the crate that uses this needs `tokio` with `macros` and `rt-multi-thread`.
///
/// # Example
/// ```
/// mod my_store {
///     # // Stands for one of the reader's own.
///     # use session_runtime::revocation::MemoryRevocations as MyStore;
///     session_runtime::revocation_store_conformance! {
///         fresh: MyStore::new().unwrap(),
///     }
/// }
///
/// mod a_store_with_lives {
///     use session_runtime::{SystemClock, testing::SharedRevocations};
///
///     session_runtime::revocation_store_conformance! {
///         fresh: {
///             let store = SharedRevocations::new(SystemClock);
///             (store.clone(), store)
///         },
///         loses: async |store: &SharedRevocations| store.lose_everything(),
///         trims: async |store: &SharedRevocations| store.trim(1),
///     }
/// }
/// ```
#[macro_export]
macro_rules! revocation_store_conformance {
    (fresh: $fresh:expr $(, loses: $loses:expr)? $(, trims: $trims:expr)? $(, breaks: $breaks:expr)? $(,)?) => {
        $crate::revocation_store_conformance! { @each $fresh;
            a_new_log_is_empty_and_begins_above_any_before
            an_entry_is_read_back_as_it_was_written
            targets_that_look_alike_are_apart
            odd_texts_are_read_back
            revoking_again_is_found_by_those_who_have_read
            revoking_again_never_shortens
            positions_rise
            of_64_that_append_at_once_none_is_lost
            a_read_after_a_cursor_leaves_nothing_out
            a_reader_that_polls_while_16_write_skips_nothing
            what_is_complete_stays_complete
            more_than_one_page_arrives_complete
            an_entry_lives_by_the_horizon
            the_horizon_only_rises
            pruning_removes_what_is_past_its_last_moment_only
            pruning_keeps_what_is_needed_for_ever
            positions_are_not_given_again_after_pruning
            a_dropped_call_leaves_the_store_usable
            debug_shows_no_names
        }
        $($crate::revocation_store_conformance! { @with $fresh, $loses;
            a_loss_is_told_by_every_call
            of_64_that_begin_a_log_one_decides
            beginning_again_changes_nothing
            a_life_begins_above_what_is_known
            positions_are_not_given_again_in_a_new_life
            a_life_says_how_it_began
            a_whole_reading_after_a_loss_is_whole
            what_is_restored_is_read_back
            restoring_twice_changes_nothing
            restoring_never_shortens
            revoking_what_was_restored_covers_more
            what_is_restored_is_seen_by_those_who_poll
            digests_stay_digests
        })?
        $($crate::revocation_store_conformance! { @with $fresh, $trims; a_cursor_before_what_is_in_order_gets_everything })?
        $($crate::revocation_store_conformance! { @with $fresh, $breaks; an_entry_that_cannot_be_read_is_never_left_out })?
    };
    (@each $fresh:expr; $($promise:ident)*) => { $(
        #[::tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $promise() {
            // What is around the store lives to the end of the test.
            let (store, _around) = $crate::testing::revocation_stores::Fresh::split($fresh);
            $crate::testing::key_stores::hold($crate::testing::revocation_stores::$promise(store).await);
        }
    )* };
    (@with $fresh:expr, $does:expr; $($promise:ident)*) => { $(
        #[::tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $promise() {
            let (store, around) = $crate::testing::revocation_stores::Fresh::split($fresh);
            let does = $crate::testing::revocation_stores::to(&around, $does);
            $crate::testing::key_stores::hold($crate::testing::revocation_stores::$promise(store, does).await);
        }
    )* };
}

/// A new and empty store: a [`RevocationStore`], or one with what has to live as long as it does.
pub trait Fresh {
    /// What lives beside the store.
    type Around;
    /// The store, and what lives beside it.
    fn split(self) -> (Arc<dyn RevocationStore>, Self::Around);
}

impl<S: RevocationStore> Fresh for S {
    type Around = ();
    fn split(self) -> (Arc<dyn RevocationStore>, ()) {
        (Arc::new(self), ())
    }
}

impl<S: RevocationStore, A> Fresh for (S, A) {
    type Around = A;
    fn split(self) -> (Arc<dyn RevocationStore>, A) {
        (Arc::new(self.0), self.1)
    }
}

/// Lets the compiler know what a command of the macro is given.
#[doc(hidden)]
pub fn to<A>(around: &A, does: impl AsyncFn(&A)) -> impl AsyncFn() {
    async move || does(around).await
}

/// Every promise that `fresh` stores do not keep, but for those that need a command. For tests that hold more than one store to them.
pub async fn broken<F: Fresh>(fresh: impl AsyncFn() -> F) -> Vec<Broken> {
    let mut broken = Vec::new();
    macro_rules! each {
        ($($promise:ident)*) => { $(
            let (store, _around) = fresh().await.split();
            broken.extend($promise(store).await.err());
        )* };
    }
    each! {
        a_new_log_is_empty_and_begins_above_any_before an_entry_is_read_back_as_it_was_written targets_that_look_alike_are_apart
        odd_texts_are_read_back revoking_again_is_found_by_those_who_have_read revoking_again_never_shortens positions_rise
        of_64_that_append_at_once_none_is_lost a_read_after_a_cursor_leaves_nothing_out a_reader_that_polls_while_16_write_skips_nothing
        what_is_complete_stays_complete more_than_one_page_arrives_complete an_entry_lives_by_the_horizon the_horizon_only_rises
        pruning_removes_what_is_past_its_last_moment_only pruning_keeps_what_is_needed_for_ever positions_are_not_given_again_after_pruning
        a_dropped_call_leaves_the_store_usable debug_shows_no_names
    }
    broken
}

/// Every promise about losses that `fresh` stores do not keep; `loses` is as for the macro.
pub async fn broken_by_loss<F: Fresh>(fresh: impl AsyncFn() -> F, loses: impl AsyncFn(&F::Around)) -> Vec<Broken> {
    let mut broken = Vec::new();
    macro_rules! each {
        ($($promise:ident)*) => { $(
            let (store, around) = fresh().await.split();
            broken.extend($promise(store, to(&around, &loses)).await.err());
        )* };
    }
    each! {
        a_loss_is_told_by_every_call of_64_that_begin_a_log_one_decides beginning_again_changes_nothing a_life_begins_above_what_is_known
        positions_are_not_given_again_in_a_new_life a_life_says_how_it_began a_whole_reading_after_a_loss_is_whole
        what_is_restored_is_read_back restoring_twice_changes_nothing restoring_never_shortens revoking_what_was_restored_covers_more
        what_is_restored_is_seen_by_those_who_poll digests_stay_digests
    }
    broken
}
