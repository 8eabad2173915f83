//! The transcripts of README.md and docs/cli.md, run as they stand.

use std::fs;

use session_tests::needs::root;

use crate::support::Desk;

/// A line of the transcript that begins with `$ ` is run; what follows up to the next one is what it prints, on both streams. `[..]` stands
/// for what differs from run to run. In the
/// folder lie `key.pem` and a `token` under it.
#[test]
fn the_manual_is_what_happens() {
    follow("docs/cli.md");
}

#[test]
fn the_readme_is_what_happens() {
    follow("README.md");
}

#[track_caller]
fn follow(file: &str) {
    let manual = fs::read_to_string(root().join(file)).unwrap();
    let desk = Desk::new();
    desk.token();
    let (mut blocks, mut commands) = (0, 0);
    let mut faults = String::new();
    for block in manual.split("```console\n").skip(1) {
        blocks += 1;
        let block = block.split("```").next().unwrap();
        for step in block.split("$ ").skip(1) {
            commands += 1;
            let (command, want) = step.split_once('\n').unwrap_or((step, ""));
            let words = shell(command);
            assert_eq!(words[0], "session", "{command}");
            let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
            let ran = desk.run(&arguments);
            let got = ran.err + &ran.out;
            if !fits(want.trim_end(), got.trim_end()) {
                faults.push_str(&format!("$ {command}\n{got}\n"));
            }
        }
    }
    assert!(blocks > 0 && commands > 1, "{blocks} blocks of {commands} commands");
    assert!(faults.is_empty(), "the manual says something else than:\n\n{faults}");
}

/// Words between spaces; a pair of quotes holds several.
fn shell(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('\'').enumerate() {
        if index % 2 == 1 { words.push(part.to_owned()) } else { words.extend(part.split_whitespace().map(str::to_owned)) }
    }
    words
}

fn fits(want: &str, got: &str) -> bool {
    let (want, got): (Vec<&str>, Vec<&str>) = (want.lines().collect(), got.lines().collect());
    want.len() == got.len() && want.iter().zip(&got).all(|(want, got)| line_fits(want.trim_end(), got.trim_end()))
}

fn line_fits(want: &str, got: &str) -> bool {
    let mut rest = got;
    let mut pieces = want.split("[..]");
    let first = pieces.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, between)) = pieces.split_last() else { return rest.is_empty() };
    for piece in between {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn a_pattern_fits_what_it_says() {
    assert!(line_fits("a [..] c", "a b c") && line_fits("a", "a") && line_fits("[..]", "") && line_fits("x[..]y[..]z", "x1y2z"));
    assert!(!line_fits("a", "ab") && !line_fits("a [..] c", "a b d") && !line_fits("x[..]y[..]z", "x1z"));
}
