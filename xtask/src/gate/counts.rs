//! The committed counts, and what is said when they have changed.

use std::{fmt, fmt::Write as _, str::FromStr};

use super::callgrind::Count;

/// Counts, and what they were counted with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Baseline {
    pub(crate) environment: String,
    pub(crate) counts: Vec<(String, Count)>,
}

impl Baseline {
    /// One line for each count, and whether all are where they were.
    pub(crate) fn compare(&self, found: &Self) -> (String, bool) {
        let mut report = format!("    {:<18} {:>12} {:>9} {:>9} {:>8}\n", "operation", "instructions", "before", "now", "change");
        let mut same = true;
        for (name, now) in &found.counts {
            let before = self.counts.iter().find(|(known, _)| known == name).map(|(_, count)| *count).unwrap_or_default();
            for (which, before, now) in [("all", before.all, now.all), ("own", before.own, now.own)] {
                let (change, verdict) = judge(before, now);
                same &= verdict.is_empty();
                let _ = writeln!(report, "    {name:<18} {which:>12} {before:>9} {now:>9} {change:>+7.1}% {verdict}");
            }
        }
        (report, same)
    }

    /// What to do about it.
    pub(crate) fn advice() -> String {
        format!(
            "gate: counts of instructions have changed by more than {TOLERANCE} % (see above)\n    \
             if that is meant: cargo xtask gate --accept, and commit benches/gate/baseline.toml with the reason"
        )
    }

    /// Why a difference says nothing about the code: another C library copies and allocates with other instructions, another valgrind
    /// emulates another processor. `None` when nothing but the code can have changed.
    pub(crate) fn not_comparable(&self, found: &Self) -> Option<String> {
        (self.environment != found.environment).then(|| {
            format!(
                "    a difference fails nothing here, since the counts were made with other tools\n    \
                 committed: {}\n    here:      {}",
                self.environment, found.environment
            )
        })
    }
}

/// The change in percent, and what is wrong with it. Faster is told as well: a baseline that lags behind would let the gain be lost
/// again unnoticed.
#[allow(clippy::cast_precision_loss, reason = "counts of one operation are far below 2⁵²")]
fn judge(before: u64, now: u64) -> (f64, &'static str) {
    if before == 0 {
        return (f64::INFINITY, "is not in the baseline");
    }
    let change = (now as f64 / before as f64 - 1.0) * 100.0;
    let (whole, now) = (before.saturating_mul(100), now.saturating_mul(100));
    let tolerated = before.saturating_mul(TOLERANCE);
    let verdict = if now > whole.saturating_add(tolerated) {
        "SLOWER"
    } else if now < whole.saturating_sub(tolerated) {
        "FASTER: accept it"
    } else {
        ""
    };
    (change, verdict)
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Instructions an operation, counted by callgrind; written by `cargo xtask gate --accept`.")?;
        writeln!(f, "# `own` leaves out the primitives of the cryptographic libraries.\n")?;
        writeln!(f, "environment = \"{}\"", self.environment)?;
        for (name, count) in &self.counts {
            writeln!(f, "\n[\"{name}\"]\nall = {}\nown = {}", count.all, count.own)?;
        }
        Ok(())
    }
}

impl FromStr for Baseline {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        let environment = table.get("environment").and_then(toml::Value::as_str).ok_or("`environment` is missing")?.to_owned();
        let counts = table
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_table()?)))
            .map(|(name, table)| {
                let number = |which: &str| table.get(which)?.as_integer().and_then(|number| u64::try_from(number).ok());
                let (all, own) = number("all").zip(number("own")).ok_or_else(|| format!("`{name}` lacks `all` or `own`"))?;
                Ok((name.clone(), Count { all, own }))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { environment, counts })
    }
}

/// Percent. Counts of equal code differ by less than one, through the places of memory and the keys of hash maps.
const TOLERANCE: u64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(all: u64, own: u64) -> Baseline {
        Baseline { environment: "valgrind-1".to_owned(), counts: vec![("HS256 verify".to_owned(), Count { all, own })] }
    }

    #[track_caller]
    fn check(before: (u64, u64), now: (u64, u64), want: bool, said: &str) {
        let (report, same) = baseline(before.0, before.1).compare(&baseline(now.0, now.1));
        assert_eq!(same, want, "{report}");
        assert!(report.contains(said), "{report}");
    }

    #[test]
    fn three_percent_either_way_is_told() {
        check((1_000, 100), (1_030, 97), true, "+3.0%");
        check((1_000, 100), (1_031, 100), false, "1000      1031    +3.1% SLOWER");
        check((1_000, 100), (1_000, 104), false, "+4.0% SLOWER");
        check((1_000, 100), (960, 100), false, "-4.0% FASTER: accept it");
        check((0, 0), (960, 100), false, "is not in the baseline");
    }

    #[test]
    fn counts_of_other_tools_are_not_compared() {
        let here = baseline(1_000, 100);
        assert_eq!(here.not_comparable(&baseline(2_000, 200)), None);
        let elsewhere = Baseline { environment: "valgrind-2".to_owned(), ..baseline(2_000, 200) };
        let said = here.not_comparable(&elsewhere).unwrap();
        assert!(said.contains("committed: valgrind-1") && said.contains("here:      valgrind-2"), "{said}");
    }

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let written = baseline(1_000, 100);
        assert_eq!(written.to_string().parse(), Ok(written));
        assert_eq!("".parse::<Baseline>(), Err("`environment` is missing".to_owned()));
        assert_eq!("environment = ''\n[a]\nall = 1".parse::<Baseline>(), Err("`a` lacks `all` or `own`".to_owned()));
    }
}
