//! What a list came to: counts, and every disagreement by name.

use std::{collections::BTreeMap, fmt};

use super::{Case, Judgement, Verdict};

/// Counts by format, expectation and verdict, and where the verdict is not what the list wants.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    counts: BTreeMap<(String, String), [usize; 4]>,
    disagreements: Vec<String>,
    unreadable: Vec<String>,
}

const VERDICTS: [Verdict; 4] = [Verdict::Valid, Verdict::Invalid, Verdict::Unsupported, Verdict::Panic];

impl Summary {
    /// Takes note of one line.
    pub fn add(&mut self, case: Option<&Case>, judgement: &Judgement) {
        let Some(case) = case else {
            self.unreadable.push(format!("{}: {}", judgement.id, judgement.reason));
            return;
        };
        let expected = case.expected.as_deref().unwrap_or("(nothing)");
        let row = self.counts.entry((case.format.clone(), expected.to_owned())).or_default();
        for (count, verdict) in row.iter_mut().zip(VERDICTS) {
            *count += usize::from(verdict == judgement.verdict);
        }
        if disagrees(case, judgement) {
            let wanted = match expected {
                "policy" => format!("policy, recommended {}", case.wanted().unwrap_or("nothing")),
                expected => expected.to_owned(),
            };
            self.disagreements.push(format!("{} ({wanted}): {}: {}", case.name(), judgement.verdict.name(), judgement.reason));
        }
    }

    /// How many cases of a format and an expectation got a verdict.
    pub fn count(&self, format: &str, expected: &str, verdict: Verdict) -> usize {
        let rows = self.counts.iter().filter(|((row, expectation), _)| row == format && expectation == expected);
        rows.flat_map(|(_, counts)| counts.iter().zip(VERDICTS)).filter(|(_, of)| *of == verdict).map(|(count, _)| *count).sum()
    }
}

/// Whether a verdict is not what the list wants. Where the list has no recommendation, or nothing could judge the case, there
/// is nothing to disagree with.
pub fn disagrees(case: &Case, judgement: &Judgement) -> bool {
    let wanted = case.wanted().filter(|wanted| ["valid", "invalid"].contains(wanted));
    match judgement.verdict {
        Verdict::Panic => true,
        Verdict::Unsupported => false,
        verdict => wanted.is_some_and(|wanted| wanted != verdict.name()),
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<12} {:<10}", "format", "expected")?;
        for verdict in VERDICTS {
            write!(f, " {:>11}", verdict.name())?;
        }
        writeln!(f)?;
        for ((format, expected), counts) in &self.counts {
            write!(f, "{format:<12} {expected:<10}")?;
            for count in counts {
                write!(f, " {count:>11}")?;
            }
            writeln!(f)?;
        }
        for (title, lines) in [("disagreements", &self.disagreements), ("lines that are no case", &self.unreadable)] {
            writeln!(f, "\n{title}: {}", lines.len())?;
            for line in lines {
                writeln!(f, "  {line}")?;
            }
        }
        Ok(())
    }
}
