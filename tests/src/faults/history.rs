//! The judge of a run: what nodes answered and when, what was revoked and when that was acknowledged, and when they could not know.
//!
//! All times are nanoseconds of the machine's boot clock, which every process of a machine shares.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// What a node answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It let the token in.
    Accepted,
    /// It refused it as revoked.
    Revoked,
    /// It could not say: 503.
    Unavailable,
    /// It refused it for another reason.
    Other,
}

/// One verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// By which node.
    pub node: usize,
    /// Of which token.
    pub token: u32,
    /// When it began.
    pub start: u64,
    /// When it was answered.
    pub end: u64,
    /// What was answered.
    pub verdict: Verdict,
}

/// One revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// What it covers.
    pub tokens: Vec<u32>,
    /// When it was asked for: from then on a node may refuse them.
    pub asked: u64,
    /// When somebody was told that it was done.
    pub acknowledged: Option<u64>,
}

/// A time in which a node could not hear from the store, was stopped, or had a wrong clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// The node.
    pub node: usize,
    /// When it began.
    pub from: u64,
    /// When it ended.
    pub to: u64,
    /// Whether it makes a node ignorant at once, as a wrong clock does, and not when its knowledge has grown too old.
    pub at_once: bool,
}

/// Everything that happened.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// What was answered.
    pub requests: Vec<Request>,
    /// What was revoked.
    pub revoked: Vec<Revoked>,
    /// When nodes could not know.
    pub outages: Vec<Outage>,
}

/// The rules by which it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// S.
    pub staleness: Duration,
    /// How often the store is read.
    pub poll: Duration,
    /// How soon a node knows again, once it can.
    pub recovery: Duration,
}

/// What of a run cannot be put down to whoever measures: a timer that is late, a clock that is read a moment later.
pub const SLACK: Duration = Duration::from_millis(50);

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// How many requests there were.
    pub requests: u64,
    /// How many of them were let in later than the bound allows.
    pub late: u64,
    /// The latest of them, and how long after the acknowledgement it began.
    pub latest: Option<(Duration, Request)>,
    /// How many good tokens were refused as bad.
    pub refused: u64,
    /// How often a node could not say.
    pub unavailable: u64,
    /// How often without a cause.
    pub unfounded: u64,
    /// The first time, for whoever has to find out why.
    pub first: Option<Request>,
    /// How often a node was never seen to refuse what was revoked, because it was not asked or could not say.
    pub unseen: u64,
    /// For each acknowledged revocation, how long after it the last node let a token in.
    pub visible: Vec<Duration>,
}

impl Judged {
    /// Whether nothing was wrong.
    pub fn holds(&self) -> bool {
        self.requests > 0 && self.late + self.refused + self.unfounded == 0
    }

    /// Such a part of the revocations was seen everywhere within this time.
    pub fn visible_at(&self, part: f64) -> Duration {
        percentile(&self.visible, part)
    }
}

/// The value that such a part of the values does not exceed; zero of none.
pub fn percentile<T: Copy + Ord + Default>(values: &[T], part: f64) -> T {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place among thousands of values"
    )]
    let place = ((sorted.len() as f64 * part).ceil() as usize).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}

impl std::fmt::Display for Judged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { requests, late, refused, unavailable, unfounded, unseen, .. } = self;
        write!(
            f,
            "{requests} requests: {late} accepted too late, {refused} good refused, {unavailable} unavailable ({unfounded} without cause), {unseen} not seen"
        )?;
        if let Some((by, request)) = self.latest {
            write!(f, "; the latest after {} ms: {request:?}", by.as_millis())?;
        }
        self.first.map_or(Ok(()), |first| write!(f, "; the first without cause: {first:?}"))
    }
}

impl History {
    /// Judges it.
    pub fn judge(&self, rules: Rules) -> Judged {
        let mut judged = Judged { requests: self.requests.len() as u64, ..Judged::default() };
        let mut of: HashMap<u32, Vec<usize>> = HashMap::new();
        for (place, revoked) in self.revoked.iter().enumerate() {
            for token in &revoked.tokens {
                of.entry(*token).or_default().push(place);
            }
        }
        let bound = nanoseconds(rules.staleness + SLACK);
        // By revocation and node: when a covered token was last let in, and whether one was refused.
        let mut seen: HashMap<(usize, usize), (u64, bool)> = HashMap::new();
        let nodes: HashSet<usize> = self.requests.iter().map(|request| request.node).collect();
        let outages = self.outages_in_one(rules);
        for request in &self.requests {
            let revocations = of.get(&request.token).map_or(&[][..], Vec::as_slice);
            let asked = revocations.iter().any(|place| self.revoked[*place].asked <= request.end);
            match request.verdict {
                Verdict::Revoked if asked => {}
                Verdict::Revoked | Verdict::Other => judged.refused += 1,
                Verdict::Unavailable => {
                    judged.unavailable += 1;
                    if !outages.iter().any(|outage| outage.excuses(request, rules)) {
                        judged.unfounded += 1;
                        judged.first = judged.first.or(Some(*request));
                    }
                }
                Verdict::Accepted => {
                    let acknowledged = revocations.iter().filter_map(|place| self.revoked[*place].acknowledged);
                    if let Some(at) = acknowledged.min().filter(|at| request.start > at + bound) {
                        judged.late += 1;
                        let by = Duration::from_nanos(request.start - at);
                        judged.latest = judged.latest.filter(|(latest, _)| *latest > by).or(Some((by, *request)));
                    }
                }
            }
            for place in revocations {
                let Some(at) = self.revoked[*place].acknowledged else { continue };
                let (last, refused) = seen.entry((*place, request.node)).or_insert((at, false));
                match request.verdict {
                    Verdict::Accepted => *last = (*last).max(request.start),
                    Verdict::Revoked => *refused = true,
                    Verdict::Unavailable | Verdict::Other => {}
                }
            }
        }
        let mut visible: HashMap<usize, u64> = HashMap::new();
        let acknowledged = self.revoked.iter().filter(|revoked| revoked.acknowledged.is_some()).count() as u64;
        judged.unseen = acknowledged * nodes.len() as u64 - seen.values().filter(|(_, refused)| *refused).count() as u64;
        for ((place, _), (last, _)) in seen {
            let at = self.revoked[place].acknowledged.unwrap_or(0);
            let slowest = visible.entry(place).or_default();
            *slowest = (*slowest).max(last - at);
        }
        judged.visible = visible.into_values().map(Duration::from_nanos).collect();
        judged
    }

    /// The outages, those in one that follow each other so soon that the node may not have read the store between them: its knowledge is
    /// then as old as the beginning of the first.
    fn outages_in_one(&self, rules: Rules) -> Vec<Outage> {
        let mut sorted = self.outages.clone();
        sorted.sort_unstable_by_key(|outage| (outage.at_once, outage.node, outage.from));
        let mut joined: Vec<Outage> = Vec::new();
        for outage in sorted {
            let unread = |last: &&mut Outage| {
                let read = last.to.saturating_add(nanoseconds(rules.poll + SLACK));
                (last.at_once, last.node) == (outage.at_once, outage.node) && outage.from <= read
            };
            match joined.last_mut().filter(unread) {
                Some(last) => last.to = last.to.max(outage.to),
                None => joined.push(outage),
            }
        }
        joined
    }
}

impl Outage {
    fn excuses(&self, request: &Request, rules: Rules) -> bool {
        let ignorant = if self.at_once { Duration::ZERO } else { rules.staleness.saturating_sub(rules.poll + SLACK) };
        self.node == request.node
            && request.end >= self.from.saturating_add(nanoseconds(ignorant))
            && request.start <= self.to.saturating_add(nanoseconds(rules.recovery))
    }
}

pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { staleness: Duration::from_secs(3), poll: Duration::from_millis(500), recovery: Duration::from_secs(1) };
    const MS: u64 = 1_000_000;

    fn at(ms: u64, token: u32, verdict: Verdict) -> Request {
        Request { node: 0, token, start: ms * MS, end: ms * MS + MS, verdict }
    }

    /// Token 1 is revoked at 10 s and acknowledged at 11 s; the link is bad from 20 s to 30 s.
    #[track_caller]
    fn check(requests: &[Request], want: [u64; 3]) {
        let revoked = vec![Revoked { tokens: vec![1], asked: 10_000 * MS, acknowledged: Some(11_000 * MS) }];
        let outages = vec![Outage { node: 0, from: 20_000 * MS, to: 30_000 * MS, at_once: false }];
        let judged = History { requests: requests.to_vec(), revoked, outages }.judge(RULES);
        assert_eq!([judged.late, judged.refused, judged.unfounded], want, "{judged:?}");
        assert_eq!(judged.holds(), want == [0; 3]);
    }

    #[test]
    fn an_acceptance_after_the_bound_is_found() {
        let refused = at(14_100, 1, Verdict::Revoked);
        check(&[at(14_050, 1, Verdict::Accepted), refused], [0, 0, 0]);
        check(&[at(14_051, 1, Verdict::Accepted), refused], [1, 0, 0]);
        // It begins in time, however long it takes.
        check(&[Request { end: 60_000 * MS, ..at(14_000, 1, Verdict::Accepted) }, refused], [0, 0, 0]);
        check(&[at(90_000, 2, Verdict::Accepted)], [0, 0, 0]);
    }

    #[test]
    fn a_good_token_is_not_refused() {
        check(&[at(5_000, 1, Verdict::Revoked)], [0, 1, 0]);
        check(&[at(10_000, 1, Verdict::Revoked)], [0, 0, 0]);
        check(&[at(12_000, 2, Verdict::Revoked)], [0, 1, 0]);
        check(&[at(12_000, 2, Verdict::Other)], [0, 1, 0]);
        // A revoked token is refused as that, and not for want of something else.
        check(&[at(12_000, 1, Verdict::Other)], [0, 1, 0]);
    }

    #[test]
    fn a_node_that_cannot_say_has_a_reason() {
        check(&[at(5_000, 2, Verdict::Unavailable)], [0, 0, 1]);
        check(&[at(22_000, 2, Verdict::Unavailable)], [0, 0, 1]);
        check(&[at(22_500, 2, Verdict::Unavailable)], [0, 0, 0]);
        check(&[at(31_000, 2, Verdict::Unavailable)], [0, 0, 0]);
        check(&[at(31_001, 2, Verdict::Unavailable)], [0, 0, 1]);
        check(&[Request { node: 1, ..at(25_000, 2, Verdict::Unavailable) }], [0, 0, 1]);
    }

    #[test]
    fn what_was_never_seen_to_be_refused_is_counted() {
        let revoked = vec![Revoked { tokens: vec![1], asked: 0, acknowledged: Some(0) }; 2];
        let requests = vec![at(100, 1, Verdict::Unavailable), Request { node: 1, ..at(200, 1, Verdict::Revoked) }];
        assert_eq!(History { requests, revoked, outages: Vec::new() }.judge(RULES).unseen, 2);
    }

    /// Knowledge is as old as the first of two outages if nothing could be read between them.
    #[test]
    fn outages_one_after_the_other_are_one() {
        let judged = |pause: u64| {
            let outage = |from: u64, to: u64| Outage { node: 0, from: from * MS, to: to * MS, at_once: false };
            let outages = vec![outage(11_000 + pause, 20_000), outage(10_000, 11_000)];
            let requests = vec![at(13_500, 1, Verdict::Unavailable)];
            History { requests, revoked: Vec::new(), outages }.judge(RULES)
        };
        assert_eq!(judged(nanoseconds(RULES.poll + SLACK) / MS).unfounded, 0);
        assert_eq!(judged(nanoseconds(RULES.poll + SLACK) / MS + 1).unfounded, 1);
    }

    #[test]
    fn what_is_never_acknowledged_binds_nobody() {
        let revoked = vec![Revoked { tokens: vec![1], asked: 0, acknowledged: None }];
        let requests = vec![at(9_000, 1, Verdict::Accepted), at(9_001, 1, Verdict::Revoked)];
        assert!(History { requests, revoked, outages: Vec::new() }.judge(RULES).holds());
        assert!(!History::default().judge(RULES).holds(), "nothing was tried");
    }

    #[test]
    fn the_last_acceptance_on_the_slowest_node_counts() {
        let revoked = vec![Revoked { tokens: vec![1], asked: 0, acknowledged: Some(1_000 * MS) }];
        let slow = Request { node: 1, ..at(1_400, 1, Verdict::Accepted) };
        let requests = vec![at(1_100, 1, Verdict::Accepted), slow, at(900, 1, Verdict::Accepted)];
        let judged = History { requests, revoked, outages: Vec::new() }.judge(RULES);
        assert_eq!(judged.visible_at(0.99), Duration::from_millis(400));
        assert_eq!([percentile(&[3, 1, 2], 0.5), percentile(&[3, 1, 2], 0.99), percentile::<u32>(&[], 0.5)], [2, 3, 0]);
    }
}
