//! What became of the mutants, the known survivors, and the report.

use std::{collections::BTreeSet, fmt::Write};

use serde::Deserialize;

/// What became of every mutant.
#[derive(Debug, Default)]
pub(crate) struct Outcomes(Vec<Mutant>);

#[derive(Debug)]
struct Mutant {
    file: String,
    /// Without line and column, which every edit above moves.
    name: String,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Caught,
    /// The tests ran into the time limit: the mutant hangs, and is noticed that way.
    Hung,
    /// It does not compile.
    Unviable,
    Missed,
}

/// Survivors that are known, each with its reason.
#[derive(Debug, Deserialize)]
pub(crate) struct Known {
    #[serde(default)]
    survivor: Vec<Survivor>,
}

#[derive(Debug, Deserialize)]
struct Survivor {
    mutant: String,
    reason: String,
}

/// The report, and what is wrong with it.
pub(crate) struct Report {
    pub(crate) text: String,
    pub(crate) complaint: Option<String>,
}

impl Known {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| format!("mutants: known.toml: {error}"))
    }

    fn reason(&self, mutant: &Mutant) -> Option<&str> {
        self.survivor.iter().find(|survivor| survivor.mutant == mutant.name).map(|survivor| survivor.reason.as_str())
    }
}

impl Outcomes {
    /// Reads the `outcomes.json` of cargo-mutants.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct File {
            outcomes: Vec<Line>,
        }
        #[derive(Deserialize)]
        struct Line {
            scenario: Scenario,
            summary: String,
        }
        #[derive(Deserialize)]
        enum Scenario {
            Baseline,
            Mutant { name: String, file: String },
        }
        let file: File = serde_json::from_str(text).map_err(|error| format!("outcomes.json cannot be read: {error}"))?;
        let mut mutants = Vec::new();
        for line in file.outcomes {
            let fate = match line.summary.as_str() {
                "CaughtMutant" => Fate::Caught,
                "Timeout" => Fate::Hung,
                "Unviable" => Fate::Unviable,
                "MissedMutant" => Fate::Missed,
                "Success" => continue,
                other => return Err(format!("the tests fail without a mutant, or cargo-mutants says something new: {other}")),
            };
            let Scenario::Mutant { name, file } = line.scenario else { return Err("the tests fail without a mutant".to_owned()) };
            let name = without_place(&name);
            mutants.push(Mutant { file, name, fate });
        }
        Ok(Self(mutants))
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn report(&self, known: &Known, rustc: &str, version: &str) -> Report {
        let mut text = format!(
            "# Mutants\n\n`cargo xtask mutants` changes the derive and the claim rules one expression at a time (cargo-mutants {version}, Rust \
             {rustc}) and runs their tests.\nA mutant that no test notices has to be known, with a reason, or the command fails.\n\n\
             | file | mutants | caught | hung | do not compile | survive |\n|---|---:|---:|---:|---:|---:|\n"
        );
        let files: BTreeSet<&str> = self.0.iter().map(|mutant| mutant.file.as_str()).collect();
        for file in files {
            self.row(&mut text, &format!("`{file}`"), |mutant| mutant.file == file);
        }
        self.row(&mut text, "all", |_| true);
        let missed = || self.0.iter().filter(|mutant| mutant.fate == Fate::Missed);
        let unknown: Vec<_> = missed().filter(|mutant| known.reason(mutant).is_none()).collect();
        text.push_str("\n## Survivors\n\n| mutant | why it may live |\n|---|---|\n");
        for mutant in missed() {
            let _ = writeln!(text, "| `{}` | {} |", mutant.name.replace('|', "\\|"), known.reason(mutant).unwrap_or("**unknown**"));
        }
        let complaint = (!unknown.is_empty()).then(|| {
            let names: Vec<_> = unknown.iter().map(|mutant| format!("    {}", mutant.name)).collect();
            format!(
                "mutants: no test notices these; write one, or add them to xtask/src/mutants/known.toml with the reason\n{}",
                names.join("\n")
            )
        });
        Report { text, complaint }
    }

    /// One row of the table: the mutants that `of` takes, all and by their fate.
    fn row(&self, text: &mut String, name: &str, of: impl Fn(&Mutant) -> bool) {
        let count = |fate: Option<Fate>| self.0.iter().filter(|mutant| of(mutant) && fate.is_none_or(|fate| mutant.fate == fate)).count();
        let fates = [Fate::Caught, Fate::Hung, Fate::Unviable, Fate::Missed].map(|fate| count(Some(fate)).to_string());
        let _ = writeln!(text, "| {name} | {} | {} |", count(None), fates.join(" | "));
    }
}

/// `a.rs:1:2: replace …` as `a.rs: replace …`.
fn without_place(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(_), Some(_), Some(what)) => format!("{file}:{what}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOMES: &str = r#"{ "outcomes": [
        { "scenario": "Baseline", "summary": "Success" },
        { "scenario": { "Mutant": { "name": "a.rs:1:2: replace f -> bool with true", "file": "a.rs" } }, "summary": "CaughtMutant" },
        { "scenario": { "Mutant": { "name": "a.rs:9:2: replace || with && in g", "file": "a.rs" } }, "summary": "MissedMutant" },
        { "scenario": { "Mutant": { "name": "b.rs:3:1: replace h with ()", "file": "b.rs" } }, "summary": "Unviable" }
    ] }"#;

    #[test]
    fn a_survivor_has_to_be_known() {
        let outcomes = Outcomes::read(OUTCOMES).unwrap();
        let report = outcomes.report(&Known::read("").unwrap(), "1", "1");
        assert!(report.complaint.unwrap().contains("a.rs: replace || with && in g"));
        let known = Known::read("[[survivor]]\nmutant = \"a.rs: replace || with && in g\"\nreason = \"both are the same\"").unwrap();
        let report = outcomes.report(&known, "1", "1");
        assert_eq!(report.complaint, None);
        assert!(report.text.contains("| `a.rs` | 2 | 1 | 0 | 0 | 1 |"), "{}", report.text);
        assert!(report.text.contains("| `a.rs: replace \\|\\| with && in g` | both are the same |"), "{}", report.text);
    }

    #[test]
    fn failing_tests_are_no_mutants() {
        assert!(Outcomes::read(r#"{ "outcomes": [{ "scenario": "Baseline", "summary": "Failure" }] }"#).is_err());
        assert!(Outcomes::read("{").is_err());
    }
}
