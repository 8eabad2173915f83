//! What the design asks for, as data, and whether it is met.

use std::fmt::Write as _;

use crate::{
    changing::CHANGING,
    contest::{BORROWED, OURS, RAW},
    report::Row,
    services::{CHECK_1, CHECK_2, DOTS, GARBAGE},
};

/// What is asked of one group.
struct Target {
    group: &'static str,
    asked: Asked,
}

#[derive(Clone, Copy)]
enum Asked {
    /// This contestant takes at most so many times raw.
    OverRaw(&'static str, f64),
    /// We are at least so many times as fast as this library, or, if there are several of its name, as the fastest of them.
    Faster(&'static str, f64),
    /// We are at least so many times as fast as the fastest of all, this one left out.
    NextBest(&'static str, f64),
    /// No peer is faster, apart from what the measuring scatters.
    NeverSlower,
    /// This contestant allocates at most so often, beyond what the bare cryptography does.
    Allocations(&'static str, f64),
    /// At most so many nanoseconds, with at most so many allocations.
    Nanoseconds(f64),
    /// At most so many bytes an entry.
    Bytes(f64),
    /// Two threads do at least so many times as much as one.
    Threads(f64),
}

use Asked::{Allocations, Bytes, Faster, Nanoseconds, NeverSlower, NextBest, OverRaw, Threads};

/// `sub`, `tenant`, `email`, three roles and the vector that holds them.
const OWN_FIELDS: f64 = 7.0;
/// The token.
const TOKEN: f64 = 1.0;

const fn of(group: &'static str, asked: Asked) -> Target {
    Target { group, asked }
}

#[rustfmt::skip]
const TARGETS: &[Target] = &[
    of("HS256 verify", OverRaw(OURS, 2.4)), of("HS256 verify", OverRaw(BORROWED, 2.0)), of("HS256 verify", Faster("jsonwebtoken", 3.0)),
    of("HS256 verify", Allocations(OURS, OWN_FIELDS)), of("HS256 verify", Allocations(BORROWED, 0.0)),
    of("HS256 issue", OverRaw(OURS, 1.8)), of("HS256 issue", Faster("jsonwebtoken", 1.6)), of("HS256 issue", Allocations(OURS, TOKEN)),

    of("EdDSA verify", OverRaw(OURS, 1.06)), of("EdDSA verify", NeverSlower), of("EdDSA verify", Allocations(OURS, OWN_FIELDS)),
    of("EdDSA issue", OverRaw(OURS, 1.05)), of("EdDSA issue", Faster("jsonwebtoken", 1.6)), of("EdDSA issue", Allocations(OURS, TOKEN)),
    of("ES256 verify", OverRaw(OURS, 1.06)), of("ES256 verify", NeverSlower), of("ES256 verify", Allocations(OURS, OWN_FIELDS)),
    of("ES256 issue", OverRaw(OURS, 1.05)), of("ES256 issue", Faster("jsonwebtoken", 1.6)), of("ES256 issue", Allocations(OURS, TOKEN)),
    of("RS256 verify", OverRaw(OURS, 1.06)), of("RS256 verify", NeverSlower), of("RS256 verify", Allocations(OURS, OWN_FIELDS)),
    of("RS256 issue", OverRaw(OURS, 1.05)), of("RS256 issue", Faster("jsonwebtoken", 1.6)), of("RS256 issue", Allocations(OURS, TOKEN)),

    of("v4.public verify", OverRaw(OURS, 1.06)), of("v4.public verify", Faster("pasetors", 1.4)), of("v4.public verify", NeverSlower),
    of("v4.public verify", Allocations(OURS, OWN_FIELDS)),
    of("v4.public issue", OverRaw(OURS, 1.06)), of("v4.public issue", Faster("pasetors", 3.0)), of("v4.public issue", NeverSlower),
    of("v4.public issue", Allocations(OURS, TOKEN)),
    of("v3.public verify", OverRaw(OURS, 1.06)), of("v3.public verify", Faster("pasetors", 1.4)), of("v3.public verify", NeverSlower),
    of("v3.public verify", Allocations(OURS, OWN_FIELDS)),
    of("v3.public issue", OverRaw(OURS, 1.06)), of("v3.public issue", Faster("pasetors", 3.0)), of("v3.public issue", NeverSlower),
    of("v3.public issue", Allocations(OURS, TOKEN)),

    of("v4.local verify", OverRaw(OURS, 1.35)), of("v4.local verify", Faster("pasetors", 2.5)), of("v4.local verify", NextBest("pasetors", 1.4)),
    of("v4.local verify", Allocations(OURS, OWN_FIELDS)),
    of("v4.local issue", OverRaw(OURS, 1.3)), of("v4.local issue", Faster("pasetors", 2.5)), of("v4.local issue", NextBest("pasetors", 1.4)),
    of("v4.local issue", Allocations(OURS, TOKEN)),
    // pasetors has no v3.local.
    of("v3.local verify", OverRaw(OURS, 1.35)), of("v3.local verify", NextBest("pasetors", 1.4)), of("v3.local verify", Allocations(OURS, OWN_FIELDS)),
    of("v3.local issue", OverRaw(OURS, 1.3)), of("v3.local issue", NextBest("pasetors", 1.4)), of("v3.local issue", Allocations(OURS, TOKEN)),

    of(CHECK_1, Bytes(48.0)), of(CHECK_1, Nanoseconds(100.0)), of(CHECK_1, Allocations(OURS, 0.0)), of(CHECK_2, Nanoseconds(100.0)),
    of("HS256 verify, 2 threads over 1", Threads(1.9)), of("HS256 issue, 2 threads over 1", Threads(1.9)),
    of("v4.local verify, 2 threads over 1", Threads(1.9)), of("v4.local issue, 2 threads over 1", Threads(1.9)),
    of(CHANGING, Threads(1.9)),
    of(GARBAGE, Nanoseconds(2_000.0)), of(GARBAGE, Allocations(OURS, 0.0)), of(DOTS, Nanoseconds(2_000.0)), of(DOTS, Allocations(OURS, 0.0)),
];

/// Every target of a group that was measured: met, MISSED, or not measured.
pub fn judge(rows: &[Row]) -> String {
    let mut out = String::from("\nTargets:\n\n");
    for target in TARGETS {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.group == target.group).collect();
        if rows.is_empty() {
            continue; // Left out by `--filter`, or a format that does not exist yet.
        }
        let (verdict, what) = match target.asked.judge(&rows) {
            Some((true, what)) => ("met", what),
            Some((false, what)) => ("MISSED", what),
            None => ("not measured", target.asked.subject()),
        };
        let _ = writeln!(out, "- {verdict}: {}: {what}", target.group);
    }
    out
}

impl Asked {
    /// Whether it is met, and by what; `None` when who is asked about was not measured.
    fn judge(self, rows: &[&Row]) -> Option<(bool, String)> {
        let row = |name: &str| rows.iter().find(|row| row.name == name).copied();
        // Crate names are compared whole: `paseto-v3` is not `paseto-v3-aws-lc`.
        let is = |row: &Row, library: &str| row.name.split(' ').next() == Some(library);
        let fastest = |chosen: &dyn Fn(&Row) -> bool| {
            let peers = rows.iter().copied().filter(|row| row.is_peer() && chosen(row));
            let slower = peers.filter_map(|row| Some((row.name.as_str(), row.slower_than_ours?)));
            slower.min_by(|(_, one), (_, other)| one.total_cmp(other))
        };
        let at_least = |(name, found): (&str, f64), least: f64, what: &str| {
            (found >= least, format!("{found:.2} times as fast as {what}{name}, at least {least}"))
        };
        Some(match self {
            OverRaw(name, most) => {
                let found = row(name)?.over_raw?;
                (found <= most, format!("{name}: {found:.3} times raw, at most {most}"))
            }
            Faster(library, least) => at_least(fastest(&|row| is(row, library))?, least, ""),
            NextBest(library, least) => at_least(fastest(&|row| !is(row, library))?, least, "the next best, "),
            NeverSlower => at_least(fastest(&|_| true)?, 1.0, "the fastest peer, "),
            Allocations(name, most) => {
                let found = row(name)?.allocs?;
                // A signature that the cryptographic library allocates is no matter of ours.
                let library = row(RAW).and_then(|raw| raw.allocs).unwrap_or(0.0);
                let most = most + library;
                // ECDSA allocates now and then once more, by the leading zeros of its numbers.
                (found <= most + 0.1, format!("{name}: {found} allocations, at most {most}, of which {library} of the cryptography's own"))
            }
            Nanoseconds(most) => {
                let found = row(OURS)?.ns?;
                (found <= most, format!("{found:.0} ns, at most {most}"))
            }
            Bytes(most) => {
                let found = row(OURS)?.bytes?;
                (found <= most, format!("{found:.1} bytes an entry, at most {most}"))
            }
            Threads(least) => {
                let found = row(OURS)?.times?;
                (found >= least, format!("{found:.2} times as much on two threads, at least {least}"))
            }
        })
    }

    fn subject(self) -> String {
        match self {
            OverRaw(name, _) | Faster(name, _) | Allocations(name, _) => name.to_owned(),
            NextBest(..) | NeverSlower => "any peer".to_owned(),
            Nanoseconds(_) | Bytes(_) | Threads(_) => OURS.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let row = |name: &str, over_raw: f64, slower: Option<f64>| Row {
            ns: Some(over_raw * 1_000.0),
            over_raw: Some(over_raw),
            slower_than_ours: slower,
            allocs: Some(1.0),
            ..Row::new("v4.local issue", name)
        };
        vec![row(OURS, 1.3, None), row(RAW, 1.0, None), row("pasetors 0.8.1", 3.25, Some(2.5)), row("paseto-v4 0.1", 1.7, Some(1.3))]
    }

    #[track_caller]
    fn check(asked: Asked, want: Option<(bool, &str)>) {
        let rows = rows();
        let judged = asked.judge(&rows.iter().collect::<Vec<_>>());
        assert_eq!(judged.as_ref().map(|(met, what)| (*met, what.as_str())), want);
    }

    #[test]
    fn what_is_exactly_met_is_met() {
        check(OverRaw(OURS, 1.3), Some((true, "session-runtime: 1.300 times raw, at most 1.3")));
        check(OverRaw(OURS, 1.29), Some((false, "session-runtime: 1.300 times raw, at most 1.29")));
        check(Faster("pasetors", 2.5), Some((true, "2.50 times as fast as pasetors 0.8.1, at least 2.5")));
        check(NextBest("pasetors", 1.4), Some((false, "1.30 times as fast as the next best, paseto-v4 0.1, at least 1.4")));
        check(NeverSlower, Some((true, "1.30 times as fast as the fastest peer, paseto-v4 0.1, at least 1")));
        let allocations = "session-runtime: 1 allocations, at most 1, of which 1 of the cryptography's own";
        check(Allocations(OURS, 0.0), Some((true, allocations)));
        check(Nanoseconds(1_299.0), Some((false, "1300 ns, at most 1299")));
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        check(OverRaw(BORROWED, 2.0), None);
        check(Faster("paseto", 2.0), None);
        check(Bytes(48.0), None);
        assert!(judge(&rows()).contains("- MISSED: v4.local issue: 1.30 times as fast as the next best"), "{}", judge(&rows()));
    }
}
