//! Every fault of key rings and of revocation, tried in small, and once more without the defence that makes it harmless.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, reason = "test code, where a panic is how a test fails")]

use session_tests::{
    faults::{
        fault::{Fault, Size},
        fleet::Program,
        keys as key_rings, revocation as revocations,
    },
    require,
};

/// One at a time: each has processes and servers of its own, and some of them measure time.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn check(all: &[Fault], id: &str) {
    let _turn = TURN.lock().await;
    let program = Program(env!("CARGO_BIN_EXE_faults").into());
    let fault = all.iter().find(|fault| fault.id == id).unwrap();
    let row = require!(fault.row(&program, Size::Small, 1).await);
    assert!(row.holds, "{row}");
    assert!(row.sabotage_fails, "{row}");
}

macro_rules! faults {
    ($of:ident in $all:ident: $($name:ident $id:literal)*) => {
        mod $of {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::check(super::$all::ALL, $id).await;
                }
            )*

            /// A fault that is tried in large is tried for every change, too.
            #[test]
            fn none_is_left_out() {
                assert_eq!(super::$all::ALL.iter().map(|fault| fault.id).collect::<Vec<_>>(), [$($id),*]);
            }
        }
    };
}

faults! { keys in key_rings:
    rotation_over_redis "rotation-redis"
    rotation_over_postgres "rotation-postgres"
    clocks_beyond_what_is_declared "skew-beyond"
    a_crowd_creates_in_redis "creation-redis"
    a_crowd_creates_in_postgres "creation-postgres"
    cut_off_for_less_than_a_window "cut-off-0.9P"
    cut_off_for_more_than_a_window "cut-off-1.5P"
    a_compromise_is_known_in_time "compromise"
    redis_crashes "store-crash-redis"
    postgres_crashes "store-crash-postgres"
    the_store_loses_everything "store-loss"
    killed_over_a_file "kill-9-file"
    killed_over_sqlite "kill-9-sqlite"
    killed_over_redis "kill-9-redis"
    killed_over_postgres "kill-9-postgres"
    an_unreadable_ring_at_the_start "unreadable-start"
    a_flood_at_a_ring "flood-ring"
    a_flood_at_a_ring_whose_store_is_down "flood-ring-down"
    a_flood_at_a_key_set "flood-jwks"
    a_flood_at_a_key_set_that_is_down "flood-jwks-down"
    any_schedule "schedules"
}

faults! { revocation in revocations:
    seen_in_time_over_redis "visible-redis"
    seen_in_time_over_postgres "visible-postgres"
    hints_mean_nothing "hints"
    redis_crashes "redis-crash"
    redis_loses_the_last_entries "redis-cut-tail"
    redis_loses_everything "redis-empty"
    the_store_is_out_of_reach "outage"
    links_break_in_revocations "revoke-errors"
    a_trimmed_tail "trimmed"
    writes_stay_open "postgres-order"
    wrong_clocks "clocks"
    dropped_calls "cancelled"
    a_stopped_node "suspended"
    forgotten_early "pruned-early"
    forgotten_and_revoked_again "pruned-again"
    strict_requests_do_not_wait "strict-breaker"
    killed_over_sqlite "sqlite-kill"
    killed_over_a_shared_file "sqlite-kill-shared"
    a_million_entries "million"
}
