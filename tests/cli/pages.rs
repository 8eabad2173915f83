//! Completions and manual pages, which come from the definitions of the commands.

use crate::support::Desk;

#[test]
fn completions_for_every_shell() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(desk.ok(&["completions", shell]).contains("session"), "{shell}");
    }
    desk.fails(2, &["completions", "csh"], "invalid value");
}

#[test]
fn a_manual_page_for_every_command() {
    let desk = Desk::new();
    let page = desk.ok(&["man"]);
    assert!(page.starts_with(".ie") && page.contains("Exit codes"), "{page}");
    desk.ok(&["man", "--dir", "man1"]);
    for name in [
        "session",
        "session-inspect",
        "session-verify",
        "session-keys",
        "session-keys-compromise",
        "session-revoke",
        "session-revocations-lag",
    ] {
        assert!(desk.path("man1").join(format!("{name}.1")).is_file(), "{name}");
    }
}

#[test]
fn exit_codes_are_in_the_help() {
    let help = Desk::new().ok(&["--help"]);
    for line in ["0  done", "1  refused", "2  the command itself", "3  a file, a store or the network", "4  it is not known"] {
        assert!(help.contains(line), "{line}: {help}");
    }
}
