//! Each broken log breaks the promises that it should, and no other.

use session_runtime::testing::{SharedRevocations, revocation_stores};

use super::broken::{Fault, Faulty};

async fn check(fault: Fault, want: &[&str]) {
    let mut broken = revocation_stores::broken(async || Faulty::new(fault)).await;
    let loses = async |store: &SharedRevocations| store.lose_everything();
    broken.extend(revocation_stores::broken_by_loss(async || Faulty::new(fault), loses).await);
    let names: Vec<&str> = broken.iter().map(|broken| broken.promise).collect();
    assert_eq!(names, want, "{fault:?}: {broken:#?}");
}

macro_rules! caught {
    ($($name:ident: $fault:ident => [$($promise:ident),* $(,)?];)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $name() {
            check(Fault::$fault, &[$(stringify!($promise)),*]).await;
        }
    )* };
}

caught! {
    a_log_without_a_fault_keeps_them_all: None => [];
    positions_before_they_are_seen: PositionsBeforeTheyAreSeen => [];
    the_second_of_two_that_is_lost: LosesTheSecond => [];
    pruning_too_early: PrunesTooEarly => [];
    an_end_that_becomes_earlier: Shortens => [];
    a_target_that_stays_where_it_was: StaysWhereItWas => [];
    positions_that_are_given_again: GivesPositionsAgain => [];
    a_reading_that_skips_one: SkipsOne => [];
    complete_beyond_the_page: CompleteBeyondThePage => [];
    one_page_only: OnePageOnly => [];
    issuer_and_name_in_one: JoinsIssuerAndName => [];
    texts_that_end_at_nul: EndsAtNul => [];
    a_horizon_that_is_ignored: IgnoresTheHorizon => [];
    the_horizon_of_the_last: HorizonOfTheLast => [];
    a_lock_that_is_left: StaysLocked => [];
    names_that_are_shown: ShowsNames => [];
    a_loss_that_is_not_told: NeverTellsLost => [];
    a_life_for_everyone: EveryoneBegins => [];
    a_life_that_begins_too_low: BeginsTooLow => [];
    a_horizon_that_is_forgotten: ForgetsTheHorizon => [];
    restoring_at_the_new_position: RestoresAtTheNewPosition => [];
    restoring_what_was_told_last: RestoresTheLast => [];
    restoring_once: RestoresOnce => [];
    restoring_behind_readers: RestoresBehindReaders => [];
    digests_as_names: DigestsAreNames => [];
}
