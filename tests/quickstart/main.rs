//! The quickstart keeps what its README promises, run as a reader runs it: a program, in an empty folder.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "test code, where a panic is how a test fails"
)]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
    sync::OnceLock,
    time::Duration,
};

use serde_json::Value;
use session_runtime::{
    Claims, Clock, Issuer, KeyRing, Revocations,
    jwt::{EdDsa, Jwt},
    keyring::{FileKeys, LocalKek},
    paseto::V4Local,
    revocation::SqliteRevocations,
    testing::ManualClock,
    time::SystemClock,
};
use tempfile::TempDir;

/// Built with the features of the tests, so that it is already there when the whole workspace is tested.
fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let arguments = ["build", "--quiet", "--workspace", "--all-features", "--example", "quickstart", "--message-format=json"];
        let build = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
        let messages = String::from_utf8(build.stdout).unwrap();
        let executable = |line| serde_json::from_str::<Value>(line).unwrap()["executable"].as_str().map(PathBuf::from);
        messages.lines().filter_map(executable).next_back().unwrap()
    })
}

/// The program in a folder of its own.
struct Quickstart(TempDir);

impl Quickstart {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn start(&self, options: &[&str]) -> Output {
        Command::new(program()).args(options).current_dir(self.0.path()).output().unwrap()
    }

    /// What a good run prints.
    #[track_caller]
    fn prints(&self, options: &[&str]) -> String {
        let output = self.start(options);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a refused run says; it prints nothing else.
    #[track_caller]
    fn refuses(&self, options: &[&str]) -> String {
        let output = self.start(options);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        String::from_utf8(output.stderr).unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn kept(&self, name: &str) -> PathBuf {
        self.file(".quickstart").join(name)
    }
}

#[track_caller]
fn in_order(text: &str, wanted: &[&str]) {
    let mut rest = text;
    for wanted in wanted {
        let (_, after) = rest.split_once(wanted).unwrap_or_else(|| panic!("{wanted:?} is missing, or in another place, in:\n{text}"));
        rest = after;
    }
}

#[test]
fn the_first_start_shows_every_promised_thing() {
    let text = Quickstart::new().prints(&[]);
    let wanted = [
        " 1  Log in: 5 people get a token",
        "margaret",
        " 2  The token of ada and its parts",
        "eyJ",
        "Reading them verifies nothing",
        r#"{"alg":"EdDSA","#,
        r#"{"sub":"ada","org":"acme","#,
        " 3  The same token, verified",
        "tenant: \"acme\"",
        "refused   claim `plan`: the plan was cancelled",
        " 4  A changed token is refused",
        "refused   the token's seal does not fit",
        " 5  An expired token is refused",
        "accepted",
        "refused   claim `exp`: expired at ",
        " 6  The same struct as v4.local",
        "v4.local.",
        r#"Access { user: UserId("ada")"#,
        " 7  A rotation",
        "active    signs and verifies",
        "retiring  verifies until ",
        "accepted  signed by ",
        "accepted  signed by ",
        " 8  One token is revoked",
        "refused   revoked",
        "accepted",
        " 9  Log out everywhere: grace",
        "refused   revoked",
        "refused   revoked",
        "accepted",
        "10  Start me again",
    ];
    in_order(&text, &wanted);
}

#[test]
fn a_second_start_finds_keys_and_revocations_again() {
    let quickstart = Quickstart::new();
    let first = quickstart.prints(&[]);
    let second = quickstart.prints(&[]);
    let key = first.split("signed by ").nth(2).unwrap().lines().next().unwrap();
    let wanted = [
        "Found again in .quickstart",
        "2 keys for EdDSA tokens",
        key,
        "2 revocations in the log",
        "rotated-out key  accepted",
        "ada's, revoked                    refused   revoked",
        "logged out everywhere    refused   revoked",
    ];
    in_order(&second, &wanted);
    assert!(!second.contains("A rotation"));
    // It changed nothing, so a third one says the same.
    assert_eq!(quickstart.prints(&[]).lines().take(15).collect::<Vec<_>>(), second.lines().take(15).collect::<Vec<_>>());
}

#[test]
fn reset_starts_over() {
    let quickstart = Quickstart::new();
    quickstart.prints(&[]);
    let keys = fs::read(quickstart.kept("keys.json")).unwrap();
    in_order(&quickstart.prints(&["--reset"]), &[" 1  Log in", "10  Start me again"]);
    assert_ne!(fs::read(quickstart.kept("keys.json")).unwrap(), keys);
}

#[test]
fn every_screen_is_a_screen() {
    let quickstart = Quickstart::new();
    for text in [quickstart.prints(&[]), quickstart.prints(&[])] {
        let mut lines = 0;
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line:?}");
            assert!(!line.contains('\x1b'), "colour where there is no terminal: {line:?}");
            let heading = line.get(..4).is_some_and(|start| start.trim().parse::<u8>().is_ok());
            lines = if heading { 1 } else { lines + 1 };
            assert!(lines <= 24, "the screen goes on with {line:?}");
        }
    }
}

#[test]
fn json_is_one_object_per_step() {
    let text = Quickstart::new().prints(&["--json"]);
    let steps: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    let wanted =
        ["log_in", "token", "verified", "tampered", "expired", "paseto", "rotation", "revocation", "log_out_everywhere", "the_end"];
    assert_eq!(names, wanted);
    assert_eq!(steps[2]["access"]["user"], "ada");
    assert_eq!(steps[7]["verdicts"][0]["error"], "revoked");
    assert_eq!(steps[7]["verdicts"][1]["accepted"], true);
}

/// A data file with one mistake on the given line.
#[track_caller]
fn mistake(text: &[u8], wanted: &[&str]) {
    let quickstart = Quickstart::new();
    fs::write(quickstart.file("mine.toml"), text).unwrap();
    let said = quickstart.refuses(&["--data", "mine.toml"]);
    in_order(&said, wanted);
    in_order(&said, &["\nhelp: "]);
    assert!(!quickstart.file(".quickstart").exists(), "the folder was made for a bad file");
    // Nor does it cost what was there before.
    quickstart.prints(&[]);
    let keys = fs::read(quickstart.kept("keys.json")).unwrap();
    quickstart.refuses(&["--data", "mine.toml", "--reset"]);
    assert_eq!(fs::read(quickstart.kept("keys.json")).unwrap(), keys);
}

#[test]
fn a_bad_data_file_is_told_by_line_and_leaves_nothing_behind() {
    let ada = "[[person]]\nuser = \"ada\"\ntenant = \"acme\"\nroles = [\"admin\"]\nplan = \"team\"\n";
    let wrong = |from: &str, to: &str| ada.replace(from, to).into_bytes();
    mistake(format!("{ada}\n{ada}").as_bytes(), &["error: mine.toml, line 8: user `ada` is there twice, first on line 2"]);
    mistake(&wrong("admin", "owner"), &["mine.toml, line 4: unknown role `owner`, expected one of `admin`, `editor`, `viewer`"]);
    mistake(&wrong("team", "gold"), &["mine.toml, line 5: unknown plan `gold`"]);
    mistake(&wrong("acme", ""), &["mine.toml, line 3: empty tenant"]);
    mistake(&wrong("acme", "\\u001b[2J"), &["mine.toml, line 3: tenant \"\\u{1b}[2J\""]);
    mistake(&wrong("user", "usr"), &["mine.toml, line 2: unknown field `usr`"]);
    mistake(&wrong("\"acme\"", "\"acme"), &["mine.toml, line 3: "]);
    mistake(&wrong("tenant = \"acme\"\n", ""), &["mine.toml, line 1: missing field `tenant`"]);
    mistake(b"# one\n# \xff\n", &["mine.toml, line 2: not UTF-8"]);
    mistake(ada.as_bytes(), &["mine.toml, line 5: the steps need two people whose plan is live"]);
    let all_at_once = ada.replace("ada", "").replace("team", "gold");
    mistake(all_at_once.as_bytes(), &["line 2: empty user", "\nerror: mine.toml, line 5: unknown plan"]);
    let said = Quickstart::new().refuses(&["--data", "nowhere.toml"]);
    in_order(&said, &["error: nowhere.toml cannot be read", "help: "]);
}

/// A second start after somebody changed one kept file.
#[track_caller]
fn changed(file: &str, text: Option<&str>, wanted: &str) {
    let quickstart = Quickstart::new();
    quickstart.prints(&[]);
    match text {
        Some(text) => fs::write(quickstart.kept(file), text).unwrap(),
        None => fs::remove_file(quickstart.kept(file)).unwrap(),
    }
    let said = quickstart.refuses(&[]);
    in_order(&said, &["error: .quickstart/", wanted, "help: ", "-- --reset`"]);
    quickstart.prints(&["--reset"]);
}

#[test]
fn a_changed_folder_is_told_by_file() {
    changed(
        "kek",
        Some(&"0".repeat(64)),
        "wrong key-encryption key, or the record was changed (the key-encryption key is .quickstart/kek)",
    );
    changed("kek", Some("no key"), "kek: key refused: not readable as 64 hexadecimal digits");
    changed("keys.json", Some("{"), "keys.json: the key file cannot be read");
    changed("tokens.json", Some("[{"), "tokens.json: not understood at line 1");
    for file in ["kek", "keys.json", "revocations.db", "tokens.json"] {
        changed(file, None, &format!("{file} is missing"));
    }
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let quickstart = Quickstart::new();
    for file in ["kek", "thesis.txt"] {
        fs::write(quickstart.file(file), "mine").unwrap();
    }
    in_order(&quickstart.refuses(&["--state", ".", "--reset"]), &["thesis.txt is not from a quickstart", "help: "]);
    assert_eq!(fs::read(quickstart.file("kek")).unwrap(), b"mine");
}

#[test]
fn no_private_key_is_printed() {
    let quickstart = Quickstart::new();
    let mut text = quickstart.prints(&[]) + &quickstart.prints(&["--json"]);
    text.retain(|char| !char.is_whitespace());
    let kek = fs::read_to_string(quickstart.kept("kek")).unwrap();
    let keys: Value = serde_json::from_slice(&fs::read(quickstart.kept("keys.json")).unwrap()).unwrap();
    let privates: Vec<&Value> = ["EdDSA", "v4.local"]
        .iter()
        .flat_map(|format| keys["rings"]["main"][format]["keys"].as_array().unwrap())
        .map(|key| &key["private"])
        .collect();
    assert_eq!(privates.len(), 3);
    for secret in privates.iter().map(|secret| secret.as_str().unwrap()).chain([kek.trim()]) {
        assert!(!text.contains(secret));
    }
}

/// Somebody stopped the first start before it was through: what is there is used, and all steps are shown.
#[test]
fn a_start_that_was_cut_short_is_made_up_for() {
    let quickstart = Quickstart::new();
    quickstart.prints(&[]);
    fs::write(quickstart.kept("tokens.json"), "[]").unwrap();
    in_order(&quickstart.prints(&[]), &[" 1  Log in", " 7  A rotation", "10  Start me again"]);
    in_order(&quickstart.prints(&[]), &["3 keys for EdDSA tokens", "accepted", "refused   revoked"]);
}

#[tokio::test]
async fn a_folder_that_another_one_uses_is_waited_for_and_told() {
    let quickstart = Quickstart::new();
    quickstart.prints(&[]);
    let _held = SqliteRevocations::open(quickstart.kept("revocations.db")).await.unwrap();
    let said = quickstart.refuses(&[]);
    in_order(&said, &[".quickstart/revocations.db: the revocation log in SQLite is held by another process", "help: wait until"]);
}

#[derive(Claims)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
    org: String,
    roles: Vec<String>,
    plan: String,
}

/// The folder of a first start an hour ago, made by hand since the program has no clock to move from outside.
#[tokio::test]
async fn tokens_that_expired_between_two_starts_are_said_to_have() {
    let quickstart = Quickstart::new();
    fs::create_dir(quickstart.file(".quickstart")).unwrap();
    let clock = ManualClock::at(SystemClock.wall().saturating_sub(Duration::from_secs(3_600)));
    let (kek, keys) = (LocalKek::from_file_or_generate(quickstart.kept("kek")).unwrap(), FileKeys::at(quickstart.kept("keys.json")));
    let ring = KeyRing::<Jwt<EdDsa>>::builder().clock(clock.clone()).open(keys.clone(), kek.clone()).await.unwrap();
    KeyRing::<V4Local>::builder().clock(clock).open(keys, kek).await.unwrap();
    let log = Revocations::open(SqliteRevocations::open(quickstart.kept("revocations.db")).await.unwrap()).await.unwrap();
    let issuer = Issuer::<Access, _>::new(&ring).unwrap().with_revocations(&log).await.unwrap();
    let ada = Access { user: "ada".into(), org: "acme".into(), roles: vec!["admin".into()], plan: "team".into() };
    let kept = serde_json::json!([{ "about": "ada's", "token": issuer.issue(&ada).unwrap().token }]);
    fs::write(quickstart.kept("tokens.json"), kept.to_string()).unwrap();
    drop((issuer, log));
    let wanted = ["Found again", "ada's  refused   claim `exp`: expired at ", "their own age refuses them", "Log in: 5 people get a token"];
    in_order(&quickstart.prints(&[]), &wanted);
}
