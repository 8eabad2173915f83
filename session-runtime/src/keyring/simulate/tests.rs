//! The simulator is one: what is declared is safe on it, and what strays further is not.
#![allow(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

use proptest::prelude::*;

use super::*;

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn what_is_declared_is_safe_with_the_margins_that_the_rules_promise() {
    for seed in 0..20 {
        let found = Fleet { lives: 3, ..Fleet::new(Timing { signing_life: Some(DAY), ..Timing::FLEET }, DAY) }.simulate(seed).unwrap();
        assert!(found.is_safe(), "{seed}: {found}");
        assert!(found.keys >= 5, "{seed}: {found}");
    }
}

/// The check that the simulation is one: beyond what is declared it finds tokens that were refused.
#[test]
fn what_strays_further_is_not_safe() {
    let tight = Timing { propagation: Duration::from_secs(1_270), signing_life: Some(DAY), ..Timing::FLEET };
    let fleet = Fleet { lives: 3, strain: 400, early_rotations: 12, ..Fleet::new(tight, DAY) };
    let worst = (0..40).map(|seed| fleet.simulate(seed).unwrap().margin()).min().unwrap();
    assert!(worst < 0, "{worst}");
    let declared = Fleet { strain: 100, ..fleet };
    let least = (0..40).map(|seed| declared.simulate(seed).unwrap().margin()).min().unwrap();
    assert!(least >= 0, "{least}");
}

prop_compose! {
    /// Times within their rules, often at their edge.
    fn timings()(
        refresh in 1_u64..600,
        skew in 0_u64..=600,
        lag in 0_u64..120,
        max_age in 0_u64..900,
        spare in prop_oneof![Just(0_u64), 0_u64..3_600],
        longer in prop_oneof![Just(0_u64), 0_u64..20_000],
        max_stale in prop_oneof![Just(None), (1_u64..8_000).prop_map(|seconds| Some(Duration::from_secs(seconds)))],
    ) -> Timing {
        let propagation = refresh + skew + lag + max_age + spare;
        let signing_life = 2 * (propagation + refresh) + longer;
        let [refresh, skew, lag, max_age, propagation, signing_life] =
            [refresh, skew, lag, max_age, propagation, signing_life].map(Duration::from_secs);
        Timing { refresh, skew, lag, max_age, propagation, signing_life: Some(signing_life), max_stale }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_schedule_within_the_declared_bounds_refuses_a_good_token(
        timing in timings(),
        max_ttl in 1_u64..100_000,
        nodes in 2_u32..6,
        early_rotations in 0_u32..8,
        outages in 0_u32..20,
        seed in any::<u64>(),
    ) {
        let fleet = Fleet { nodes, early_rotations, outages, lives: 4, ..Fleet::new(timing, Duration::from_secs(max_ttl)) };
        let found = fleet.simulate(seed).unwrap();
        prop_assert!(found.is_safe(), "{found}");
    }
}
