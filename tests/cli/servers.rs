//! The same commands over Redis and PostgreSQL.

use session_runtime::{Revocations, revocation::RedisRevocations};
use session_tests::{
    require,
    server::{Postgres, Redis},
};

use crate::support::Desk;

/// A ring's life in a store, from its first key to a compromise.
fn ring(desk: &Desk) {
    let store = ["--store", "@address", "--kek-file", "kek"];
    desk.ok(&[&["keys", "generate", "--format", "EdDSA"], &store[..]].concat());
    let list = || desk.json(0, &["keys", "list", "--store", "@address"]);
    let first = list()[0]["signing_key"].as_str().unwrap().to_owned();
    desk.ok(&[&["keys", "rotate", "--yes"], &store[..]].concat());
    desk.ok(&[&["keys", "compromise", &first, "--yes"], &store[..]].concat());
    assert_eq!(list()[0]["keys"][0]["state"], "compromised");
    assert_ne!(list()[0]["signing_key"], first.as_str());
    desk.fails(1, &[&["keys", "generate", "--format", "EdDSA"], &store[..]].concat(), "already");
}

#[tokio::test]
async fn redis() {
    let redis = require!(Redis::start_with(&["--appendonly", "yes"]));
    let desk = Desk::new();
    desk.write("address", redis.url());
    ring(&desk);
    let log = ["--store", "@address"];
    desk.fails(3, &[&["revoke", "--all", "--yes"], &log[..]].concat(), "never by this tool");
    drop(Revocations::open(RedisRevocations::connect(&redis.url()).await.unwrap()).await.unwrap());
    desk.ok(&[&["revoke", "--subject", "ada", "--no-issuer", "--yes"], &log[..]].concat());
    let listed = desk.json(0, &[&["revocations", "list"], &log[..]].concat());
    assert_eq!((&listed[0]["kind"], &listed[0]["name"]), (&"subject".into(), &"ada".into()));
    let lag = desk.json(0, &[&["revocations", "lag"], &log[..]].concat());
    assert_eq!((&lag["ready"], &lag["entries"]), (&true.into(), &1.into()));
    drop(redis);
    desk.fails(3, &[&["revocations", "list"], &log[..]].concat(), "cannot be read");
}

#[test]
fn postgres() {
    let postgres = require!(Postgres::start());
    let desk = Desk::new();
    desk.write("address", postgres.url());
    ring(&desk);
}
