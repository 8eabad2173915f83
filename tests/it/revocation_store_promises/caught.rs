//! Each broken log breaks the promises that it should, and no other.

use session_runtime::testing::{SharedRevocations, revocation_stores};

use super::{broken::Faulty, fault::Fault};

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
    positions_before_they_are_seen: PositionsBeforeTheyAreSeen => [
        a_reader_that_polls_while_16_write_skips_nothing,
        what_is_complete_stays_complete,
    ];
    the_second_of_two_that_is_lost: LosesTheSecond => [
        of_64_that_append_at_once_none_is_lost,
        a_reader_that_polls_while_16_write_skips_nothing,
        what_is_complete_stays_complete,
        more_than_one_page_arrives_complete,
        a_dropped_call_leaves_the_store_usable,
    ];
    pruning_too_early: PrunesTooEarly => [pruning_removes_what_is_past_its_last_moment_only];
    an_end_that_becomes_earlier: Shortens => [revoking_again_never_shortens, revoking_what_was_restored_covers_more];
    a_target_that_stays_where_it_was: StaysWhereItWas => [
        revoking_again_is_found_by_those_who_have_read,
        a_read_after_a_cursor_leaves_nothing_out,
        revoking_what_was_restored_covers_more,
    ];
    positions_that_are_given_again: GivesPositionsAgain => [positions_are_not_given_again_after_pruning];
    a_reading_that_skips_one: SkipsOne => [
        revoking_again_is_found_by_those_who_have_read,
        a_read_after_a_cursor_leaves_nothing_out,
        a_reader_that_polls_while_16_write_skips_nothing,
        what_is_complete_stays_complete,
        more_than_one_page_arrives_complete,
        what_is_restored_is_seen_by_those_who_poll,
    ];
    complete_beyond_the_page: CompleteBeyondThePage => [what_is_complete_stays_complete, more_than_one_page_arrives_complete];
    one_page_only: OnePageOnly => [more_than_one_page_arrives_complete];
    issuer_and_name_in_one: JoinsIssuerAndName => [targets_that_look_alike_are_apart];
    texts_that_end_at_nul: EndsAtNul => [
        targets_that_look_alike_are_apart,
        odd_texts_are_read_back,
        what_is_restored_is_read_back,
        restoring_twice_changes_nothing,
        revoking_what_was_restored_covers_more,
    ];
    a_horizon_that_is_ignored: IgnoresTheHorizon => [an_entry_lives_by_the_horizon, pruning_keeps_what_is_needed_for_ever];
    the_horizon_of_the_last: HorizonOfTheLast => [the_horizon_only_rises];
    a_lock_that_is_left: StaysLocked => [a_dropped_call_leaves_the_store_usable];
    names_that_are_shown: ShowsNames => [debug_shows_no_names];
    a_loss_that_is_not_told: NeverTellsLost => [a_loss_is_told_by_every_call];
    a_life_for_everyone: EveryoneBegins => [of_64_that_begin_a_log_one_decides, beginning_again_changes_nothing];
    a_life_that_begins_too_low: BeginsTooLow => [
        a_life_begins_above_what_is_known,
        positions_are_not_given_again_in_a_new_life,
        a_whole_reading_after_a_loss_is_whole,
    ];
    a_horizon_that_is_forgotten: ForgetsTheHorizon => [a_life_says_how_it_began];
    restoring_at_the_new_position: RestoresAtTheNewPosition => [
        what_is_restored_is_read_back,
        restoring_twice_changes_nothing,
        restoring_never_shortens,
        what_is_restored_is_seen_by_those_who_poll,
        digests_stay_digests,
    ];
    restoring_what_was_told_last: RestoresTheLast => [restoring_never_shortens];
    restoring_once: RestoresOnce => [
        restoring_twice_changes_nothing,
        restoring_never_shortens,
        what_is_restored_is_seen_by_those_who_poll,
    ];
    restoring_behind_readers: RestoresBehindReaders => [what_is_restored_is_seen_by_those_who_poll];
    digests_as_names: DigestsAreNames => [
        what_is_restored_is_read_back,
        restoring_twice_changes_nothing,
        revoking_what_was_restored_covers_more,
        digests_stay_digests,
    ];
}
