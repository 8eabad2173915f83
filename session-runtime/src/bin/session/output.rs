//! What reaches a terminal: colour where somebody sees it, and never a character that a terminal would act on.

use std::io::{self, ErrorKind, Write};

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use crate::failure::{Exit, Failure, Outcome};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
pub(crate) const NAME: Style = AnsiColor::Cyan.on_default();

/// A text in a style. Everything of ours is styled by this one function, so that nothing forgets to end what it began.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A text that somebody else wrote, with everything escaped that a terminal could act on or that shows in another order than it is read:
/// control characters, overrides of the direction, characters without a width. A quote and a backslash stay what they are.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if is_printable(char) { out.push(char) } else { out.extend(char.escape_unicode()) }
    }
    out
}

/// As the standard library's `escape_debug` knows it, where a mark that combines follows a letter: names in many scripts have them.
fn is_printable(char: char) -> bool {
    match char {
        '"' | '\'' | '\\' => true,
        ' '..='~' => true,
        _ if char.is_ascii() => false,
        _ => {
            let mut pair = [0_u8; 5];
            let text = char.encode_utf8(&mut pair);
            // The first character is escaped by stricter rules, so another stands before it.
            let shown = ["a", text].concat();
            shown.escape_debug().eq(shown.chars())
        }
    }
}

/// Prints text for people. A reader that has gone, as `head` goes, is no failure: what it wanted it has.
pub(crate) fn print(text: &str) -> Outcome<()> {
    print_more(text).map(drop)
}

/// As [`print()`]; whether somebody still reads.
pub(crate) fn print_more(text: &str) -> Outcome<bool> {
    // It takes out the colours for pipes and files, for `NO_COLOR` and dumb terminals, and leaves them for `CLICOLOR_FORCE`.
    let mut out = anstream::stdout();
    still_read(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Prints bytes as they are: what other programs read.
pub(crate) fn print_raw(bytes: &[u8]) -> Outcome<()> {
    let mut out = io::stdout();
    still_read(out.write_all(bytes).and_then(|()| out.flush())).map(drop)
}

fn still_read(written: io::Result<()>) -> Outcome<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::io("standard output", &error)),
    }
}

/// Prints one JSON value.
pub(crate) fn print_json(value: &Value) -> Outcome<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::new(Exit::Store, error))?;
    print_raw((escape_json(&text) + "\n").as_bytes())
}

/// An object with further members. What is no object stays as it is: there is nothing to add a member to.
pub(crate) fn with<const MEMBERS: usize>(mut object: Value, members: [(&str, Value); MEMBERS]) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    }
    object
}

/// JSON may hold characters of every kind in its texts; the ones that a terminal would act on are written as JSON escapes them. Outside of
/// texts JSON is plain ASCII, so this changes no value.
pub(crate) fn escape_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char == '\n' || is_printable(char) {
            out.push(char);
        } else {
            let mut units = [0_u16; 2];
            for unit in char.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// Says on standard error why a command came to nothing, and what to do about it.
pub(crate) fn complain(failure: &Failure) -> Exit {
    let mut text = format!("{} {}\n", styled(BAD, "error:"), plain(&failure.message));
    if let Some(help) = &failure.help {
        text.push_str(&format!("{} {}\n", styled(GOOD, " help:"), plain(help)));
    }
    say(&text);
    failure.exit
}

/// Text for the person at the terminal that is no result. Where even this fails there is nobody left to tell.
pub(crate) fn say(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Lines of columns, each as wide as its widest cell; the last column is not filled.
pub(crate) fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| visible(cell)).max().unwrap_or_default();
    let widths: Vec<usize> = (0..rows.iter().map(Vec::len).max().unwrap_or_default()).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(visible(cell)).saturating_add(2)));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// How many characters a cell shows.
fn visible(cell: &str) -> usize {
    anstream::adapter::strip_str(cell).map(|piece| piece.chars().count()).fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(plain("ada\u{1b}[2J"), "ada\\u{1b}[2J");
        assert_eq!(
            plain("\u{202e}nimda\u{2066}\u{200b}\u{9b}\u{7f}\n\u{2028}\u{e0041}"),
            "\\u{202e}nimda\\u{2066}\\u{200b}\\u{9b}\\u{7f}\\u{a}\\u{2028}\\u{e0041}"
        );
        assert_eq!(plain("Zoë, नमस्ते \"q\" \\"), "Zoë, नमस्ते \"q\" \\");
        assert_eq!(escape_json("{\"a\": \"\u{202e}\u{9b}\u{e0041}\u{7f}é\"}"), "{\"a\": \"\\u202e\\u009b\\udb40\\udc41\\u007fé\"}");
    }

    #[test]
    fn columns_do_not_count_colours() {
        let rows = [vec![styled(GOOD, "a"), "b".to_owned()], vec!["ccc".to_owned(), "d".to_owned()]];
        let text = anstream::adapter::strip_str(&columns(&rows)).to_string();
        assert_eq!(text, "a    b\nccc  d\n");
    }
}
