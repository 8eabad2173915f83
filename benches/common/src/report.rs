//! What was measured, for people (a table) and for programs (rows of JSON).

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::{
    allocations::Count,
    contest::{BORROWED, OURS, RAW},
    measure::{Measured, median, ratio},
};

/// One contestant of one group. What does not apply is absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    pub group: String,
    pub name: String,
    /// The program that it was measured in, if it was not the first. Ratios are within one program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// Nanoseconds an operation, the median of all rounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ns: Option<f64>,
    /// Times the bare cryptography.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_raw: Option<f64>,
    /// How many times faster we are than this peer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slower_than_ours: Option<f64>,
    /// How many times as much two threads do as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<f64>,
    /// Allocations and reallocations an operation, of Rust code; what C code takes from `malloc` is not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocs: Option<f64>,
    /// Bytes of memory an entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<f64>,
}

impl Row {
    pub fn new(group: impl Into<String>, name: impl Into<String>) -> Self {
        Self { group: group.into(), name: name.into(), ..Self::default() }
    }

    pub fn is_peer(&self) -> bool {
        ![OURS, BORROWED, RAW].contains(&self.name.as_str()) && self.ns.is_some()
    }
}

/// One row for every contestant of one program.
pub fn rows(measured: &[Measured], counts: &[Count], program: Option<&str>) -> Vec<Row> {
    let row = |this: &Measured| {
        let of = |name| measured.iter().find(|other| other.group == this.group && other.name == name).map(|other| &other.times);
        let mut row = Row::new(&this.group, &this.name);
        row.program = program.map(str::to_owned);
        row.ns = Some(round(median(this.times.iter().copied()), 1));
        row.over_raw = of(RAW).map(|raw| round(ratio(&this.times, raw), 3));
        row.slower_than_ours = of(OURS).filter(|_| row.is_peer()).map(|ours| round(ratio(&this.times, ours), 2));
        row.allocs = counts.iter().find(|count| count.group == this.group && count.name == this.name).map(|count| count.allocs);
        row
    };
    measured.iter().map(row).collect()
}

/// Puts the second program's peers behind those of the first, group by group. Its rows of ourselves and of raw only served its ratios.
pub fn merged(mut first: Vec<Row>, second: Vec<Row>) -> Vec<Row> {
    for row in second.into_iter().filter(Row::is_peer) {
        let place = first.iter().rposition(|other| other.group == row.group).map_or(first.len(), |last| last + 1);
        first.insert(place, row);
    }
    first
}

/// The table.
pub fn table(rows: &[Row]) -> String {
    let mut out = String::from("| group | | ns | × raw | ours is faster by | allocations | |\n|---|---|---:|---:|---:|---:|---|\n");
    let text = |value: Option<f64>, digits: usize| value.map(|value| format!("{value:.digits$}")).unwrap_or_default();
    for row in rows {
        let name = row.program.as_ref().map_or(row.name.clone(), |program| format!("{} ({program})", row.name));
        let allocs = row.allocs.map(|allocs| allocs.to_string()).unwrap_or_default();
        let (ns, over_raw, faster) = (text(row.ns, 0), text(row.over_raw, 2), text(row.slower_than_ours, 2));
        let times = row.times.map(|times| format!("{times:.2} times as much"));
        let more = times.or(row.bytes.map(|bytes| format!("{bytes:.1} bytes an entry"))).unwrap_or_default();
        let _ = writeln!(out, "| {} | {name} | {ns} | {over_raw} | {faster} | {allocs} | {more} |", row.group);
    }
    out
}

/// Of what machine the rows are; the first element of the file of results, in place of a row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Machine {
    /// Always `machine`, so that whoever selects rows by group does not meet it.
    pub group: String,
    pub cpu: String,
    pub cores: usize,
    /// The day in UTC.
    pub date: String,
    pub rustc: String,
}

impl Machine {
    /// This one, with the compiler that built the program.
    pub fn this() -> Self {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name.trim()));
        let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self {
            group: "machine".to_owned(),
            cpu: model.unwrap_or(std::env::consts::ARCH).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            date: crate::claims::rfc3339(seconds).chars().take(10).collect(),
            rustc: env!("RUSTC_VERSION").to_owned(),
        }
    }

    pub fn line(&self) -> String {
        format!("{}, {} cores, {}, {}", self.cpu, self.cores, self.date, self.rustc)
    }
}

/// What the file of results holds: an array of the machine and the rows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    Machine(Machine),
    Row(Row),
}

pub fn json(machine: &Machine, rows: &[Row]) -> serde_json::Result<String> {
    let lines: Vec<Line> = [Line::Machine(machine.clone())].into_iter().chain(rows.iter().cloned().map(Line::Row)).collect();
    serde_json::to_string_pretty(&lines)
}

pub fn read(json: &str) -> Result<(Machine, Vec<Row>), Box<dyn std::error::Error>> {
    let mut machine = None;
    let mut rows = Vec::new();
    for line in serde_json::from_str::<Vec<Line>>(json)? {
        match line {
            Line::Machine(this) => machine = Some(this),
            Line::Row(row) => rows.push(row),
        }
    }
    Ok((machine.ok_or("no machine")?, rows))
}

fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
