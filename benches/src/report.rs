//! What was measured, for people (a table and the targets) and for programs (JSON).

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::{
    contest::{Group, OURS, RAW},
    measure::{Times, median, ratio},
};

/// One contestant of one group.
#[derive(Debug, Serialize)]
pub struct Row {
    group: &'static str,
    name: &'static str,
    /// Nanoseconds an operation, the median of all rounds.
    ns: f64,
    /// Allocations and reallocations an operation, of Rust code; what C code takes from `malloc` is not seen.
    allocs: f64,
    /// Times the bare cryptography.
    over_raw: f64,
    /// How many times faster we are than this peer; absent for ourselves and for raw.
    #[serde(skip_serializing_if = "Option::is_none")]
    slower_than_ours: Option<f64>,
}

/// What the counting program prints.
#[derive(Debug, Serialize, Deserialize)]
pub struct Count {
    pub group: String,
    pub name: String,
    pub allocs: f64,
}

/// One row for every contestant.
pub fn rows(groups: &[Group], times: &[Vec<Times>], counts: &[Count]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (group, times) in groups.iter().zip(times) {
        let of = |name| group.contestants.iter().zip(times).find(|(contestant, _)| contestant.name == name).map(|(_, times)| times);
        for (contestant, times) in group.contestants.iter().zip(times) {
            let count = counts.iter().find(|count| count.group == group.name && count.name == contestant.name);
            let is_peer = contestant.name != OURS && contestant.name != RAW;
            rows.push(Row {
                group: group.name,
                name: contestant.name,
                ns: round(median(times.iter().copied()), 1),
                allocs: count.map_or(f64::NAN, |count| count.allocs),
                over_raw: round(of(RAW).map_or(f64::NAN, |raw| ratio(times, raw)), 3),
                slower_than_ours: of(OURS).filter(|_| is_peer).map(|ours| round(ratio(times, ours), 2)),
            });
        }
    }
    rows
}

/// The table.
pub fn table(rows: &[Row]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "| group | | ns | × raw | ours is faster by | allocations |\n|---|---|---:|---:|---:|---:|");
    for row in rows {
        let faster = row.slower_than_ours.map(|faster| format!("{faster:.2}")).unwrap_or_default();
        let _ = writeln!(out, "| {} | {} | {:.0} | {:.2} | {faster} | {} |", row.group, row.name, row.ns, row.over_raw, row.allocs);
    }
    out
}

/// What a release promises: at most so many times raw, and at least so many times faster than the peer.
struct Target {
    group: &'static str,
    over_raw: Option<f64>,
    faster: Option<f64>,
    allocs: f64,
}

/// `sub`, `tenant`, `email`, three roles and the vector that holds them.
const OWN_FIELDS: f64 = 7.0;
/// The token.
const TOKEN: f64 = 1.0;

/// What the first release promises.
const FIRST: [Target; 8] = [
    Target { group: "HS256 verify", over_raw: Some(2.8), faster: Some(2.6), allocs: OWN_FIELDS },
    Target { group: "HS256 issue", over_raw: None, faster: None, allocs: f64::INFINITY },
    Target { group: "EdDSA verify", over_raw: None, faster: None, allocs: OWN_FIELDS },
    Target { group: "EdDSA issue", over_raw: Some(1.06), faster: None, allocs: f64::INFINITY },
    Target { group: "v4.public verify", over_raw: None, faster: None, allocs: OWN_FIELDS },
    Target { group: "v4.public issue", over_raw: Some(1.06), faster: None, allocs: f64::INFINITY },
    Target { group: "v4.local verify", over_raw: None, faster: None, allocs: OWN_FIELDS },
    Target { group: "v4.local issue", over_raw: None, faster: None, allocs: f64::INFINITY },
];

/// What the design asks for in the end.
const FINAL: [Target; 8] = [
    Target { group: "HS256 verify", over_raw: Some(2.4), faster: Some(3.0), allocs: OWN_FIELDS },
    Target { group: "HS256 issue", over_raw: Some(1.8), faster: Some(1.6), allocs: TOKEN },
    Target { group: "EdDSA verify", over_raw: Some(1.06), faster: Some(1.0), allocs: OWN_FIELDS },
    Target { group: "EdDSA issue", over_raw: Some(1.05), faster: Some(1.6), allocs: TOKEN },
    Target { group: "v4.public verify", over_raw: Some(1.06), faster: Some(1.4), allocs: OWN_FIELDS },
    Target { group: "v4.public issue", over_raw: Some(1.06), faster: Some(3.0), allocs: TOKEN },
    Target { group: "v4.local verify", over_raw: Some(1.35), faster: Some(2.5), allocs: OWN_FIELDS },
    Target { group: "v4.local issue", over_raw: Some(1.3), faster: Some(2.5), allocs: TOKEN },
];

/// Every target, met or missed.
pub fn targets(rows: &[Row]) -> String {
    let mut out = String::new();
    for (title, targets) in [("Targets of this release", &FIRST), ("Targets of the design", &FINAL)] {
        let _ = writeln!(out, "\n{title}:\n");
        for target in targets {
            let ours = rows.iter().find(|row| row.group == target.group && row.name == OURS);
            let peer = rows.iter().find(|row| row.group == target.group && row.slower_than_ours.is_some());
            // A signature that the cryptographic library allocates is no matter of ours.
            let library = rows.iter().find(|row| row.group == target.group && row.name == RAW).map_or(0.0, |row| row.allocs);
            let (Some(ours), Some(peer)) = (ours, peer) else { continue };
            let mut line = |met: bool, what: String| {
                let _ = writeln!(out, "- {}: {}: {what}", if met { "met" } else { "MISSED" }, target.group);
            };
            if let Some(most) = target.over_raw {
                line(ours.over_raw <= most, format!("{:.3} times raw, at most {most:.2}", ours.over_raw));
            }
            if let (Some(least), Some(faster)) = (target.faster, peer.slower_than_ours) {
                line(faster >= least, format!("{faster:.2} times as fast as {}, at least {least:.1}", peer.name));
            }
            if target.allocs.is_finite() {
                let most = target.allocs + library;
                line(
                    ours.allocs <= most,
                    format!("{} allocations, at most {most}, of which {library} of the cryptography's own", ours.allocs),
                );
            }
        }
    }
    out
}

fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
