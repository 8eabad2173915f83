//! When a key set is fetched: a pure state machine over the boot clock, which never sleeps and never fetches.

use std::time::Duration;

use crate::limits;

/// The bounds of the time between two planned fetches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// Even when the issuer lets nobody keep the set.
    pub(super) least: Duration,
    /// When the issuer says nothing.
    pub(super) usual: Duration,
    /// However long the issuer lets others keep the set.
    pub(super) most: Duration,
}

/// What was tried, and when the next fetch is planned. Every time is the boot clock's.
#[derive(Debug)]
pub(super) struct Schedule {
    pace: Pace,
    /// When the last fetches began, oldest first.
    begun: [Option<Duration>; limits::REMOTE_FETCHES],
    next: Duration,
    /// How long the last good set may be used without asking.
    interval: Duration,
    failures: u32,
}

/// A random number below 1000, so that a fleet that started together does not fetch together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Luck(pub(super) u32);

impl Luck {
    fn of(self, whole: Duration) -> Duration {
        whole.saturating_mul(self.0).checked_div(1000).unwrap_or_default()
    }
}

impl Schedule {
    /// Nothing was fetched yet, so a fetch is due.
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, begun: [None; limits::REMOTE_FETCHES], next: Duration::ZERO, interval: pace.usual, failures: 0 }
    }

    /// How long it is until the next fetch; zero when it is due. `asked`: a token named a key that is not there.
    pub(super) fn due_in(&self, now: Duration, asked: bool) -> Duration {
        let planned = if asked { now } else { self.next };
        planned.max(self.allowed_from()).saturating_sub(now)
    }

    /// A fetch begins. It counts from here on, however it ends, so that an endpoint that is down is asked no more often than one that
    /// is up (CVE-2026-48524); and a fetch that is never concluded, because its caller went away, is planned again as if it had failed.
    ///
    /// # Errors
    /// How long it is until a fetch is allowed.
    pub(super) fn begin(&mut self, now: Duration, luck: Luck) -> Result<(), Duration> {
        let wait = self.allowed_from().saturating_sub(now);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.begun.rotate_left(1);
        if let Some(last) = self.begun.last_mut() {
            *last = Some(now);
        }
        self.next = now.saturating_add(self.retry_after(self.failures.saturating_add(1), luck));
        Ok(())
    }

    /// The fetch that began at `begun` brought a good set, or that the set has not changed; its headers let others keep it `fresh_for`.
    pub(super) fn succeeded(&mut self, begun: Duration, fresh_for: Option<Duration>, luck: Luck) {
        let Pace { least, usual, most } = self.pace;
        self.failures = 0;
        self.interval = fresh_for.unwrap_or(usual).clamp(least, most);
        // Ahead of the time by up to a fifth, but never sooner than the least: at that end the spread goes the other way.
        let spread = luck.of(self.interval.checked_div(5).unwrap_or_default());
        let ahead = self.interval.saturating_sub(spread);
        let ahead = if ahead < least { least.saturating_add(spread) } else { ahead };
        self.next = begun.saturating_add(ahead);
    }

    /// The fetch failed; the set from before stays. Answers how many have failed in a row.
    pub(super) fn failed(&mut self, now: Duration, luck: Luck) -> u32 {
        self.failures = self.failures.saturating_add(1);
        self.next = now.saturating_add(self.retry_after(self.failures, luck));
        self.failures
    }

    /// 1 s, 2 s, 4 s …, up to what lies between two fetches that succeed, and up to a quarter more.
    fn retry_after(&self, failures: u32, luck: Luck) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let wait = Duration::from_secs(doubled.into()).min(self.interval);
        wait.saturating_add(luck.of(wait.checked_div(4).unwrap_or_default()))
    }

    /// From when one more fetch keeps the bound on fetches within a cool-down.
    fn allowed_from(&self) -> Duration {
        // At its edge a cool-down is over: a fetch exactly 30 s after the one before the last is the first of the next span.
        self.begun.first().copied().flatten().map_or(Duration::ZERO, |oldest| oldest.saturating_add(limits::REMOTE_COOL_DOWN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_LUCK: Luck = Luck(0);
    const PACE: Pace = Pace { least: seconds(30), usual: seconds(300), most: seconds(1_800) };

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// One fetch at zero that succeeded.
    fn fetched(fresh_for: Option<u64>, luck: Luck) -> Schedule {
        let mut schedule = Schedule::new(PACE);
        assert_eq!(schedule.due_in(Duration::ZERO, false), Duration::ZERO);
        schedule.begin(Duration::ZERO, luck).unwrap();
        schedule.succeeded(Duration::ZERO, fresh_for.map(seconds), luck);
        schedule
    }

    #[test]
    fn the_next_fetch_is_ahead_of_what_the_issuer_allows_and_within_bounds() {
        #[track_caller]
        fn check(fresh_for: Option<u64>, soonest: Duration, latest: Duration) {
            for luck in [0, 1, 500, 999] {
                let due = fetched(fresh_for, Luck(luck)).due_in(Duration::ZERO, false);
                assert!((soonest..=latest).contains(&due), "{fresh_for:?} {luck}: {due:?}");
            }
        }
        check(None, seconds(240), seconds(300));
        check(Some(600), seconds(480), seconds(600));
        check(Some(0), seconds(30), seconds(36));
        check(Some(1), seconds(30), seconds(36));
        check(Some(31), seconds(30), seconds(38));
        check(Some(86_400), seconds(1_440), seconds(1_800));
        check(Some(u64::MAX), seconds(1_440), seconds(1_800));
    }

    #[test]
    fn an_unknown_key_forces_one_fetch_and_then_the_span_is_used_up() {
        let mut schedule = fetched(None, NO_LUCK);
        let now = seconds(3);
        assert_eq!(schedule.due_in(now, false), seconds(297));
        assert_eq!(schedule.due_in(now, true), Duration::ZERO);
        schedule.begin(now, NO_LUCK).unwrap();
        schedule.succeeded(now, None, NO_LUCK);
        assert_eq!(schedule.due_in(seconds(4), true), seconds(26));
        assert_eq!(schedule.begin(seconds(4), NO_LUCK), Err(seconds(26)));
        assert_eq!(schedule.begin(seconds(30) - Duration::from_nanos(1), NO_LUCK), Err(Duration::from_nanos(1)));
        // 30 s after the first of the two.
        assert_eq!(schedule.due_in(seconds(30), true), Duration::ZERO);
        schedule.begin(seconds(30), NO_LUCK).unwrap();
        assert_eq!(schedule.due_in(seconds(30), true), seconds(3));
    }

    #[test]
    fn failures_are_retried_ever_later() {
        let mut schedule = fetched(Some(60), NO_LUCK);
        let mut now = seconds(1_000);
        let mut waits = Vec::new();
        for failures in 1..=9 {
            schedule.begin(now, NO_LUCK).unwrap();
            assert_eq!(schedule.failed(now, NO_LUCK), failures);
            let wait = schedule.due_in(now, false);
            waits.push(wait.as_secs());
            now += wait;
        }
        // The second retry has to wait for the cool-down; the last ones come as often as a good set is asked for.
        assert_eq!(waits, [1, 29, 4, 26, 16, 32, 60, 60, 60]);
        schedule.begin(now, NO_LUCK).unwrap();
        schedule.succeeded(now, None, NO_LUCK);
        assert_eq!(schedule.due_in(now, false), seconds(300), "a good set ends it");
    }

    #[test]
    fn a_fetch_that_is_never_concluded_is_planned_again() {
        let mut schedule = fetched(None, NO_LUCK);
        schedule.begin(seconds(300), NO_LUCK).unwrap();
        assert_eq!(schedule.due_in(seconds(300), false), seconds(1));
    }

    /// Whatever is asked and however fetches end, there are at most two in any 30 s.
    #[test]
    fn no_order_of_events_breaks_the_bound() {
        let mut random = 7_u64;
        let mut draw = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        for _ in 0..50 {
            let mut schedule = Schedule::new(PACE);
            let (mut now, mut begun) = (seconds(draw(10)), Vec::new());
            for _ in 0..2_000 {
                now += Duration::from_millis(draw(3_000));
                let luck = Luck(u32::try_from(draw(1_000)).unwrap());
                let asked = draw(2) == 0;
                // Half of the callers do not look whether it is due.
                if draw(2) == 0 && !schedule.due_in(now, asked).is_zero() || schedule.begin(now, luck).is_err() {
                    continue;
                }
                begun.push(now);
                match draw(3) {
                    0 => schedule.succeeded(now, Some(seconds(draw(100))), luck),
                    1 => drop(schedule.failed(now, luck)),
                    _ => {}
                }
            }
            assert!(begun.len() > 50, "{}", begun.len());
            for three in begun.windows(3) {
                assert!(three[2] - three[0] >= seconds(30), "{three:?}");
            }
        }
    }
}
