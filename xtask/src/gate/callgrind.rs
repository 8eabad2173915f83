//! Reads callgrind's output: how many instructions were executed, and in which functions.
//!
//! Only what is needed of the format (Callgrind Format Specification, valgrind manual): cost lines, `fn=` with its compressed names, and
//! `calls=`, after which the next line repeats the cost of what was called.

use std::collections::HashMap;

/// Instructions of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) all: u64,
    /// All but the primitives of the cryptographic libraries.
    pub(crate) own: u64,
}

impl Count {
    pub(crate) fn per(self, times: u32) -> Self {
        let rounded = |sum: u64| sum.saturating_add(u64::from(times / 2)).checked_div(u64::from(times)).unwrap_or(0);
        Self { all: rounded(self.all), own: rounded(self.own) }
    }

    fn add(&mut self, cost: u64, primitive: bool) {
        self.all = self.all.saturating_add(cost);
        self.own = self.own.saturating_add(if primitive { 0 } else { cost });
    }
}

/// Adds up the output of one run.
pub(crate) fn read(text: &str) -> Result<Count, String> {
    let mut count = Count::default();
    let mut primitives: HashMap<&str, bool> = HashMap::new();
    let mut primitive = false;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some((key, value)) = line.split_once('=') {
            match key {
                // `fn=(7) name` the first time, `fn=(7)` from then on; `cfn=` may be the first time as well.
                "fn" | "cfn" => {
                    let (id, name) = value.split_once(' ').unwrap_or((value, ""));
                    let known = *primitives.entry(id).or_insert_with(|| PRIMITIVES.iter().any(|part| name.contains(part)));
                    if key == "fn" {
                        primitive = known;
                    }
                }
                // What was called is counted at the place where it stands itself.
                "calls" => drop(lines.next()),
                _ => {}
            }
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost = line.split(' ').nth(1).unwrap_or("0");
            count.add(cost.parse().map_err(|_| format!("not a cost line of callgrind: `{line}`"))?, primitive);
        }
    }
    Ok(count)
}

/// Parts of the names of functions that do cryptography and nothing else. The rest, with `memcpy` and the allocator, is ours.
const PRIMITIVES: &[&str] = &["sha2::", "hmac::", "chacha20::", "blake2::", "aws_lc_", "digest::"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primitives_are_told_apart_and_calls_counted_once() {
        let text = "\
events: Ir
fl=(1) lib.rs
fn=(1) gate::counted_operation
0 10
cfn=(2) sha2::compress
calls=3 0
0 900
0 5
fn=(2)
0 900
fn=(3) memcpy
+4 7
totals: 922
";
        assert_eq!(read(text), Ok(Count { all: 922, own: 22 }));
        assert_eq!(Count { all: 922, own: 22 }.per(4), Count { all: 231, own: 6 });
    }
}
