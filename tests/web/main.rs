//! The examples about the web keep what they show: the lines of a README against the real process, and what the others print.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code, where a panic is how a test fails")]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use session_tests::{built::example, needs::Missing, programs, require};
use tempfile::TempDir;

/// The service of the example, in a folder of its own.
struct Api {
    process: Child,
    port: String,
    _state: TempDir,
}

impl Api {
    fn start() -> Self {
        let state = tempfile::tempdir().unwrap();
        let mut command = Command::new(example("api"));
        let mut process = command.args(["--port", "0", "--state"]).arg(state.path()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("listening on http://127.0.0.1:").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { process, port, _state: state }
    }

    /// A line of the README, for the port where this one listens.
    fn here(&self, line: &str) -> String {
        line.replace("127.0.0.1:3000", &format!("127.0.0.1:{}", self.port))
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The commands of the README, each with what it says is printed.
fn lines() -> Vec<(String, String)> {
    let readme = include_str!("../../examples/api/README.md");
    let mut lines: Vec<(String, String)> = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            match line.strip_prefix("$ ") {
                Some(command) => lines.push((command.to_owned(), String::new())),
                None => lines.last_mut().unwrap().1.push_str(line),
            }
        }
    }
    assert!(lines.len() > 20 && lines.iter().all(|(command, _)| command.contains("curl -s ")), "{lines:?}");
    lines
}

/// By a shell and curl, as a reader does it.
#[test]
fn the_lines_of_the_readme() {
    require!(programs::find("curl").ok_or_else(|| Missing::program("curl")));
    let api = Api::start();
    let lines = lines();
    // One shell for all of them, since they keep tokens in variables.
    let script: String = lines.iter().map(|(command, _)| format!("{}\nprintf '\\n=====\\n'\n", api.here(command))).collect();
    let output = Command::new("sh").args(["-eu", "-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = String::from_utf8(output.stdout).unwrap();
    let printed: Vec<&str> = output.split("\n=====\n").map(str::trim_end).collect();
    for ((command, want), printed) in lines.iter().zip(printed) {
        assert_eq!(printed, want, "{command}");
    }
}

/// What an example prints.
fn printed(name: &str) -> String {
    let output = Command::new(example(name)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn two_issuers() {
    assert_eq!(
        printed("two_issuers"),
        r#"our token                        200 ada of https://shop.example
the partner's                    200 ada of https://partner.example
the partner's, in our name       401 {"error":"invalid_token"}
a stranger's, in our name        401 {"error":"invalid_token"}
the partner's, after a rotation  200 ada of https://partner.example
"#
    );
}

#[test]
fn migrate() {
    assert_eq!(
        printed("migrate"),
        r#"                                                 before  after
a token of the old code                          200     200
a token of the derive                            200     200
no token                                         401     401
another secret                                   401     401
another audience                                 401     401
expired two minutes ago                          401     401
expired 45 seconds ago                           200     401
not valid for another hour                       200     401
issued in the future                             200     401
lives for a year                                 200     401
without audience                                 200     401
without issuer                                   200     401
the scheme in small letters (RFC 9110 §11.1)     401     200
two headers                                      200     400

What a stranger is told of an expired token:
  before  ExpiredSignature
  after   {"error":"invalid_token"}
"#
    );
}

#[test]
fn grpc() {
    assert_eq!(
        printed("grpc"),
        "one of the staff  SERVING
nobody            Unauthenticated (16) no_credentials
a changed token   Unauthenticated (16) invalid_token
a guest           PermissionDenied (7) insufficient_scope
"
    );
}
