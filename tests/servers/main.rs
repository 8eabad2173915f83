//! The harness keeps its word: a server answers, is alone on its port, and is gone afterwards with its process and its folder.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "test code, where a panic is how a test fails"
)]

mod key_stores;
mod revocation_postgres;
mod revocation_redis;
mod revocation_sqlite;

use std::fmt::Debug;

use rustix::process::{Pid, test_kill_process};
use session_tests::{
    needs::{Missing, Unmet, Verdict, decide},
    require,
    server::{Postgres, Redis},
};

#[test]
fn redis_answers_and_is_gone_after_drop() {
    let redis = require!(Redis::start());
    let (pid, folder) = (redis.pid(), redis.folder().to_owned());
    assert_eq!(redis.ask("PING").unwrap(), "+PONG\r\n");
    assert!(runs(pid) && folder.is_dir());
    drop(redis);
    assert!(!runs(pid) && !folder.exists());
}

#[test]
fn postgres_answers_and_is_gone_after_drop() {
    let postgres = require!(Postgres::start());
    let (pid, folder) = (postgres.pid(), postgres.folder().to_owned());
    assert_eq!(postgres.query("select 1").unwrap(), "1");
    assert!(runs(pid) && folder.is_dir());
    drop(postgres);
    assert!(!runs(pid) && !folder.exists());
}

#[test]
fn two_redis_at_once_share_nothing() {
    let (redis, second) = (require!(Redis::start()), require!(Redis::start()));
    assert_ne!(redis.address(), second.address());
    redis.ask("SET owner first").unwrap();
    assert_eq!(second.ask("GET owner").unwrap(), "$-1\r\n");
}

#[test]
fn two_postgres_at_once_share_nothing() {
    let (postgres, second) = (require!(Postgres::start()), require!(Postgres::start()));
    assert_ne!(postgres.port(), second.port());
    postgres.query("create table owner (name text)").unwrap();
    assert!(second.query("select * from owner").unwrap_err().contains("does not exist"));
}

#[test]
fn postgres_lets_nobody_in_without_the_password() {
    let postgres = require!(Postgres::start());
    let output = std::process::Command::new("psql")
        .args(["-X", "-w", "-c", "select 1", &format!("postgres://postgres@127.0.0.1:{}/postgres", postgres.port())])
        .env_remove("PGPASSWORD")
        .output();
    if let Ok(output) = output {
        assert!(!output.status.success());
    }
}

#[test]
fn a_failed_start_of_redis_shows_the_end_of_its_log() {
    check_failed(Redis::start_with(&["--no-such-setting", "1"]), "no-such-setting");
}

#[test]
fn a_failed_start_of_postgres_shows_the_end_of_its_log() {
    check_failed(Postgres::start_with(&["-c", "no_such_setting=1"]), "no_such_setting");
}

#[test]
fn a_missing_program_skips_a_test_but_fails_a_full_run() {
    let missing = Unmet::from(Missing::program("redis-server"));
    assert_eq!(decide(&missing, false), Verdict::Skip("skipped: redis-server not found; `cargo xtask test` installs it".to_owned()));
    assert!(matches!(decide(&missing, true), Verdict::Fail(message) if message.contains("redis-server not found")));
    assert_eq!(decide(&Unmet::Broken("no".to_owned()), false), Verdict::Fail("no".to_owned()));
}

#[track_caller]
fn check_failed(started: Result<impl Debug, Unmet>, told: &str) {
    match started {
        Err(Unmet::Broken(message)) => assert!(message.contains("the end of its log") && message.contains(told), "{message}"),
        missing => assert!(session_tests::needs::or_skip(missing).is_none(), "it runs"),
    }
}

/// Whether the process exists, a zombie included.
fn runs(pid: Pid) -> bool {
    test_kill_process(pid).is_ok()
}
