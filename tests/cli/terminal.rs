//! What a terminal gets: colour where somebody sees it, no text that it would act on, and no complaint when the reader has gone.

use std::process::{Command, Stdio};

use crate::support::{Desk, forged, program};

const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}evil\u{2066}\u{200b}\u{9b}31m\u{7f}";

fn escapes(text: &str) -> bool {
    text.contains('\u{1b}')
}

#[test]
fn no_colour_in_a_pipe_unless_it_is_forced() {
    let desk = Desk::new();
    desk.token();
    let run = |name: Option<&str>| {
        let mut command = desk.command(&["inspect", "@token"]);
        if let Some(name) = name {
            command.env(name, "1");
        }
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(!escapes(&run(None)));
    assert!(!escapes(&run(Some("NO_COLOR"))));
    assert!(escapes(&run(Some("CLICOLOR_FORCE"))));
    let mut both = desk.command(&["inspect", "@token"]);
    let both = both.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap();
    assert!(!escapes(&String::from_utf8(both.stdout).unwrap()), "NO_COLOR wins");
}

/// Whoever can make somebody look at a token must not be able to write to the terminal with it.
#[test]
fn a_token_cannot_write_to_the_terminal() {
    let text = serde_json::Value::from(HOSTILE).to_string();
    let header = format!(r#"{{"alg":"EdDSA","kid":{text},{text}:{text}}}"#);
    let payload = format!(r#"{{"iss":{text},"jti":{text},"exp":4102444800,{text}:[{text},{{{text}:1,{text}:2}}]}}"#);
    let token = forged(&header, &payload);
    let desk = Desk::new();
    desk.token();
    let footer = base64_simd::URL_SAFE_NO_PAD.encode_to_string(HOSTILE);
    let paseto = format!("v4.local.AAAA.{footer}");
    let odd = format!("v4.{HOSTILE}.AAAA");
    for arguments in [
        &["inspect", &token][..],
        &["inspect", &token, "--json"],
        &["inspect", &paseto],
        &["inspect", &odd],
        &["inspect", &odd, "--json"],
        &["inspect", HOSTILE],
        &["verify", &token, "--key", "key.pem"],
        &["verify", &token, "--key", "key.pem", "--json"],
        &["revoke", &token, "--store", "sqlite:nowhere.db", "--dry-run"],
        &["revoke", &token, "--store", "sqlite:nowhere.db", "--dry-run", "--json"],
        &["revoke", &token, "--store", "sqlite:nowhere.db"],
    ] {
        let ran = desk.run(arguments);
        let shown = ran.out + &ran.err;
        let bad = |char: char| HOSTILE.contains(char) && !char.is_ascii_graphic() && char != '\n';
        assert!(!shown.contains(bad), "{arguments:?}: {shown:?}");
    }
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let desk = Desk::new();
    desk.token();
    for arguments in [&["inspect", "@token"][..], &["completions", "bash"], &["man"], &["inspect", "@token", "--json"]] {
        let mut child = Command::new(program());
        let mut child =
            child.args(arguments).current_dir(desk.folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_mistake_in_the_command_says_what_is_meant() {
    let desk = Desk::new();
    desk.fails(2, &["inspekt"], "'inspect'");
    desk.fails(2, &[], "Usage: session");
    desk.fails(2, &["verify", "x", "--key", "k", "--at", "yesterday"], "2030-01-01T00:00:00Z");
    desk.fails(2, &["keys", "list", "--store", "postgres://user:secret@db.example/x"], "@FILE");
}
