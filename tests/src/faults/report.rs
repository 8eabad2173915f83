//! What was tried and what came of it: a table for people, and JSON for programs.

use std::{fmt, fs, io, path::Path};

use serde::{Deserialize, Serialize};

/// What a run of one fault came to.
#[derive(Debug, Clone)]
pub struct Found {
    /// Of how many requests, rounds or schedules.
    pub tries: u64,
    /// Whether the goal was reached.
    pub holds: bool,
    /// What was measured, in words.
    pub figure: String,
}

/// One promise.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// What it is called.
    pub id: String,
    /// What shall hold.
    pub goal: String,
    /// What was measured.
    pub figure: String,
    /// Of how many requests, rounds or schedules.
    pub tries: u64,
    /// Whether it held.
    pub holds: bool,
    /// Whether the same test fails without the defence.
    pub sabotage_fails: bool,
    /// What was measured then.
    #[serde(default)]
    pub without: String,
}

impl Row {
    /// Whether the promise holds and the test would notice if it did not.
    pub fn is_good(&self) -> bool {
        self.holds && self.sabotage_fails
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |good: bool, yes, no| if good { yes } else { no };
        let (holds, twin) = (word(self.holds, "holds", "BROKEN"), word(self.sabotage_fails, "fails", "PASSES"));
        writeln!(f, "{:<22} {holds:<6}  {}", self.id, self.figure)?;
        write!(f, "{:<22}         goal: {}; {} tries; without the defence ({}): {twin}", "", self.goal, self.tries, self.without)
    }
}

/// The rows that were written before.
///
/// # Errors
/// When they cannot be read, or are none.
pub fn read(path: &Path) -> io::Result<Vec<Row>> {
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

/// What was written before, in which `rows` take the places of those of their names.
pub fn merge(mut before: Vec<Row>, rows: Vec<Row>) -> Vec<Row> {
    for row in rows {
        match before.iter_mut().find(|known| known.id == row.id) {
            Some(known) => *known = row,
            None => before.push(row),
        }
    }
    before
}

/// Writes the rows as `keys.json` and the like, in a folder that is made.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, rows: &[Row]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut text = serde_json::to_string_pretty(rows)?;
    text.push('\n');
    fs::write(path, text)
}

/// The rows as a table in Markdown, for the documents.
pub fn markdown(rows: &[Row]) -> String {
    let mut text = String::from("| what | goal | reached | tries | holds | fails without the defence |\n|---|---|---|---|---|---|\n");
    let word = |yes: bool| if yes { "yes" } else { "**no**" };
    for Row { id, goal, figure, tries, holds, sabotage_fails, .. } in rows {
        text += &format!("| `{id}` | {goal} | {figure} | {tries} | {} | {} |\n", word(*holds), word(*sabotage_fails));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let (id, goal, figure) = ("flood".to_owned(), "at most 2 reads".to_owned(), "2 reads".to_owned());
        Row { id, goal, figure, tries: 10_000, holds: true, sabotage_fails: false, without: "9 reads".to_owned() }
    }

    #[test]
    fn a_row_whose_sabotage_passes_is_not_good() {
        assert!(!row().is_good() && Row { sabotage_fails: true, ..row() }.is_good());
        assert!(!Row { holds: false, sabotage_fails: true, ..row() }.is_good());
    }

    #[test]
    fn a_row_that_is_tried_again_takes_its_place() {
        let other = Row { id: "loss".to_owned(), ..row() };
        let again = Row { figure: "1 read".to_owned(), ..row() };
        let merged = merge(vec![row(), other.clone()], vec![again.clone(), Row { id: "new".to_owned(), ..row() }]);
        assert_eq!(
            merged.iter().map(|row| format!("{} {}", row.id, row.figure)).collect::<Vec<_>>(),
            ["flood 1 read", "loss 2 reads", "new 2 reads"]
        );
    }

    #[test]
    fn programs_read_what_people_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/keys.json");
        write(&path, &[row()]).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        let want = serde_json::json!([{
            "id": "flood", "goal": "at most 2 reads", "figure": "2 reads", "tries": 10_000, "holds": true, "sabotage_fails": false, "without": "9 reads",
        }]);
        assert_eq!(read, want);
        assert_eq!(super::read(&path).unwrap()[0].id, "flood");
        assert!(row().to_string().ends_with("without the defence (9 reads): PASSES"));
        assert!(markdown(&[row()]).ends_with("| `flood` | at most 2 reads | 2 reads | 10000 | yes | **no** |\n"));
    }
}
