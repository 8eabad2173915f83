//! One step on the screen: a heading and a few lines for people, or one line of JSON for a program.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
};

use serde_json::{Map, Value};

/// Columns of everything that is wrapped; with indent and label a line stays below 100.
const WIDTH: usize = 80;
/// Columns of a line.
const LINE: usize = 100;
const BOLD: &str = "1";
const GREEN: &str = "32";
const RED: &str = "31";

/// Where steps are printed, and how.
#[derive(Debug)]
pub(crate) struct Printer {
    json: bool,
    colour: bool,
    steps: u32,
}

/// A step that is being put together.
#[derive(Debug)]
pub(crate) struct Step {
    name: &'static str,
    title: String,
    lines: Vec<Line>,
    facts: Map<String, Value>,
}

#[derive(Debug)]
enum Line {
    Text(String),
    Verdict { about: String, accepted: bool, says: String },
}

impl Step {
    /// `name` is the step's name in JSON.
    pub(crate) fn new(name: &'static str, title: impl Display) -> Self {
        Self { name, title: title.to_string(), lines: Vec::new(), facts: Map::new() }
    }

    /// A line for people only.
    pub(crate) fn text(&mut self, text: impl Display) -> &mut Self {
        self.lines.push(Line::Text(text.to_string()));
        self
    }

    /// A fact for programs only.
    pub(crate) fn data(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// A named value, for both.
    pub(crate) fn fact(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        let value = value.into();
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.named(name, &text).data(name, value)
    }

    /// A named value for people only.
    pub(crate) fn named(&mut self, name: &str, text: &str) -> &mut Self {
        let label = name.replace('_', " ");
        for (index, piece) in wrapped(text).iter().enumerate() {
            let label = if index == 0 { label.as_str() } else { "" };
            self.text(format_args!("  {label:<10} {piece}"));
        }
        self
    }

    /// Rows in columns as wide as they have to be, for people only.
    pub(crate) fn table<const N: usize>(&mut self, rows: &[[String; N]]) -> &mut Self {
        let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
        for row in rows {
            let cells = row.iter().enumerate().map(|(column, cell)| format!("  {cell:<0$}", width(column)));
            self.text(cells.collect::<String>());
        }
        self
    }

    /// A token and what the verifier said about it.
    pub(crate) fn verdict<E: Display>(&mut self, about: &str, verdict: Result<String, &E>) -> &mut Self {
        let (accepted, says) = verdict.map_or_else(|error| (false, error.to_string()), |says| (true, says));
        let verdicts = self.facts.entry("verdicts").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(verdicts) = verdicts {
            let error = if accepted { Value::Null } else { says.as_str().into() };
            verdicts.push(serde_json::json!({ "of": about, "accepted": accepted, "error": error }));
        }
        self.lines.push(Line::Verdict { about: about.to_owned(), accepted, says });
        self
    }
}

impl Printer {
    pub(crate) fn new(json: bool) -> Self {
        let colour = !json && io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
        Self { json, colour, steps: 0 }
    }

    /// Prints a step, numbered.
    pub(crate) fn step(&mut self, mut step: Step) -> io::Result<()> {
        self.steps = self.steps.saturating_add(1);
        let text = if self.json {
            let (name, title) = (step.name, std::mem::take(&mut step.title));
            step.data("step", name).data("number", self.steps).data("title", title);
            Value::Object(step.facts).to_string()
        } else {
            self.screen(&step)
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }

    fn screen(&self, step: &Step) -> String {
        let heading = format!("{:>2}  {}", self.steps, step.title);
        let mut text = format!("{}\n\n", self.paint(BOLD, &heading));
        let abouts =
            step.lines.iter().filter_map(|line| if let Line::Verdict { about, .. } = line { Some(about.chars().count()) } else { None });
        let width = abouts.max().unwrap_or(0);
        for line in &step.lines {
            let line = match line {
                Line::Text(line) => format!("    {line}"),
                Line::Verdict { about, accepted, says } => {
                    let verdict = if *accepted { self.paint(GREEN, "accepted") } else { self.paint(RED, "refused ") };
                    // What does not fit beside the verdict goes below it.
                    let fits = width.saturating_add(says.chars().count()).saturating_add("      accepted    ".len()) <= LINE;
                    let between = if fits { "  ".to_owned() } else { format!("\n{:10}", "") };
                    format!("      {about:<width$}  {verdict}{between}{says}")
                }
            };
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Breaks a token or JSON into lines, behind a comma where there is one.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(',') {
        let fits = |line: &String| line.chars().count().saturating_add(word.chars().count()) <= WIDTH;
        if !lines.last().is_some_and(|line| line.is_empty() || fits(line)) {
            lines.push(String::new());
        }
        let word = if lines.last().is_some_and(String::is_empty) { word.trim_start() } else { word };
        for char in word.chars() {
            if lines.last().is_some_and(|line| line.chars().count() >= WIDTH) {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push(char);
            }
        }
    }
    lines
}
