//! Counts what a family of cases came to and names what went wrong.

use std::{collections::BTreeMap, fs};

use serde_json::Value;
use session_tests::needs::{Missing, vectors};

/// The cases of one file of the shared vectors.
pub(crate) fn cases(file: &str) -> Result<Vec<Value>, Missing> {
    let text = fs::read_to_string(vectors(file)?).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    Ok(serde_json::from_value(file["cases"].take()).unwrap())
}

/// The name that every case of the vectors has.
pub(crate) fn name(case: &Value) -> &str {
    case["name"].as_str().unwrap()
}

/// What one family came to.
pub(crate) struct Tally {
    family: &'static str,
    counts: BTreeMap<String, usize>,
    faults: Vec<String>,
}

impl Tally {
    pub(crate) fn new(family: &'static str) -> Self {
        Self { family, counts: BTreeMap::new(), faults: Vec::new() }
    }

    /// A case that came to what it should.
    pub(crate) fn good(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    /// A case that nothing here can judge, and why.
    pub(crate) fn skip(&mut self, reason: &str) {
        self.good(&format!("skipped: {reason}"));
    }

    /// A case that came to something else.
    pub(crate) fn fault(&mut self, id: &str, found: &dyn std::fmt::Debug) {
        self.faults.push(format!("{}::{id}: {found:?}", self.family));
    }

    /// Fails with every faulty case by name, and when the counts are not these.
    #[track_caller]
    pub(crate) fn expect(self, counts: &[(&str, usize)]) {
        assert!(self.faults.is_empty(), "\n{}\n", self.faults.join("\n"));
        let counts: BTreeMap<String, usize> = counts.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect();
        assert_eq!(self.counts, counts, "{}", self.family);
    }
}

#[test]
#[should_panic(expected = "family::broken: 7")]
fn a_fault_fails_the_family() {
    let mut tally = Tally::new("family");
    tally.good("accepted");
    tally.fault("broken", &7);
    tally.expect(&[("accepted", 1)]);
}

#[test]
#[should_panic(expected = "family")]
fn a_case_that_vanishes_fails_the_family() {
    let mut tally = Tally::new("family");
    tally.good("accepted");
    tally.expect(&[("accepted", 2)]);
}
