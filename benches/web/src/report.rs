//! What was measured, for people and for programs.

use std::{fmt::Write as _, fs, path::Path};

use common::{contest::Outcome, measure::median, report::Machine};
use serde::Serialize;

use crate::{
    CONNECTIONS,
    load::Slice,
    site::{OPEN, OURS, REVOKED, Site},
};

/// How much of the throughput of no authentication HS256 may cost.
const GOAL: f64 = 0.04;

/// One contestant. What does not apply is absent.
#[derive(Debug, Serialize)]
struct Row {
    format: String,
    name: String,
    /// Requests a second, the median of all rounds.
    requests_per_second: f64,
    /// Milliseconds, medians of what every round found.
    p50_ms: f64,
    p99_ms: f64,
    /// By how much the throughput is less than without authentication: the median over rounds of the ratio within a round.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f64>,
    /// How many microseconds a request takes the service more than without authentication, by the medians.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_us: Option<f64>,
    /// The throughput of ours over that of this one, in the same way.
    #[serde(skip_serializing_if = "Option::is_none")]
    ours_over_this: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Results<'r> {
    machine: &'r Machine,
    connections: usize,
    revoked: usize,
    rounds: usize,
    rows: &'r [Row],
}

pub fn tell(site: &Site, results: &[Vec<Slice>], json: bool, quick: bool) -> Outcome {
    let rows = rows(site, results);
    let machine = Machine::this();
    let rounds = results.first().map_or(0, Vec::len);
    let text =
        serde_json::to_string_pretty(&Results { machine: &machine, connections: CONNECTIONS, revoked: REVOKED, rounds, rows: &rows })?;
    if json {
        println!("{text}");
    } else {
        println!("{}\n\n{}\n{}", machine.line(), table(&rows), verdict(&rows));
    }
    if !quick {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench/web.json");
        fs::create_dir_all(file.parent().ok_or("no folder")?)?;
        fs::write(file, text)?;
    }
    Ok(())
}

fn rows(site: &Site, results: &[Vec<Slice>]) -> Vec<Row> {
    let measured: Vec<_> = site.routes.iter().zip(results).collect();
    let rates = |slices: &[Slice]| slices.iter().map(|slice| slice.rate).collect::<Vec<_>>();
    let over = |this: &[Slice], other: &[Slice]| median(rates(this).iter().zip(rates(other)).map(|(this, other)| this / other));
    let find = |wanted: &dyn Fn(&str, &str) -> bool| {
        measured.iter().find(|(route, _)| wanted(&route.format, &route.name)).map(|(_, slices)| slices.as_slice())
    };
    let open = find(&|_, name| name == OPEN);
    let row = |(route, slices): &(&crate::site::Route, &Vec<Slice>)| {
        let ours = find(&|format, name| format == route.format && name == OURS);
        let is_open = route.name == OPEN;
        Row {
            format: if is_open { String::new() } else { route.format.clone() },
            name: route.name.clone(),
            requests_per_second: median(rates(slices)),
            p50_ms: median(slices.iter().map(|slice| slice.latency(500))) / 1e6,
            p99_ms: median(slices.iter().map(|slice| slice.latency(990))) / 1e6,
            more_us: open.filter(|_| !is_open).map(|open| 1e6 / median(rates(slices)) - 1e6 / median(rates(open))),
            cost: open.filter(|_| !is_open).map(|open| 1.0 - over(slices, open)),
            ours_over_this: ours.filter(|_| !is_open && route.name != OURS).map(|ours| over(ours, slices)),
        }
    };
    measured.iter().map(row).collect()
}

fn table(rows: &[Row]) -> String {
    let mut out = String::from(
        "| format | | requests/s | p50 ms | p99 ms | costs of the throughput | µs a request more | ours is faster by |\n|---|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for row in rows {
        let cost = row.cost.map(|cost| format!("{:.1} %", cost * 100.0)).unwrap_or_default();
        let more = row.more_us.map(|more| format!("{more:.1}")).unwrap_or_default();
        let faster = row.ours_over_this.map(|faster| format!("{faster:.2}")).unwrap_or_default();
        let Row { format, name, requests_per_second, p50_ms, p99_ms, .. } = row;
        let _ = writeln!(out, "| {format} | {name} | {requests_per_second:.0} | {p50_ms:.2} | {p99_ms:.2} | {cost} | {more} | {faster} |");
    }
    out
}

fn verdict(rows: &[Row]) -> String {
    let cost = rows.iter().find(|row| row.format == "HS256" && row.name == OURS).and_then(|row| row.cost).unwrap_or(f64::NAN);
    let slower: Vec<&str> =
        rows.iter().filter(|row| row.ours_over_this.is_some_and(|ratio| ratio <= 1.0)).map(|row| row.format.as_str()).collect();
    let met = |met: bool| if met { "met" } else { "missed" };
    format!(
        "HS256 costs at most {:.0} % of the throughput: {} ({:.1} %)\nfaster than middleware by hand in every format: {}{}",
        GOAL * 100.0,
        met(cost <= GOAL),
        cost * 100.0,
        met(slower.is_empty()),
        if slower.is_empty() { String::new() } else { format!(" (not in {})", slower.join(", ")) },
    )
}
