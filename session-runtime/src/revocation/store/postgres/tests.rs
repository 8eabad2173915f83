//! The log in PostgreSQL without a server: which addresses it takes, and what is written back. The rest is in `tests/servers`.

use super::*;

#[tokio::test]
async fn off_the_machine_the_servers_name_is_checked() {
    for mode in ["", "?sslmode=require"] {
        let error = PostgresRevocations::connect(&format!("postgres://orders:hush@db.example:1/orders{mode}")).await.unwrap_err();
        assert_eq!(error.to_string(), "the revocation log in PostgreSQL is set up wrongly: off this machine it needs sslmode=verify-full");
    }
    // Nobody listens on port 1.
    let error = PostgresRevocations::connect("postgres://orders:hush@127.0.0.1:1/orders").await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn giving_up_tls_is_said_by_name() {
    let error = PostgresRevocations::dangerous_connect_without_tls("postgres://orders:hush@db.invalid/orders").await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable { .. }), "{error}");
}

#[test]
fn of_a_target_that_is_told_twice_the_most_is_kept() {
    let position = |number| Position::new(number).unwrap();
    let entry = |name, end, covers| {
        Entry::new(Target::subject(None, name), Timestamp::from_unix(end), position(1)).covering_below(position(covers))
    };
    let mut merged = merged(&[entry("ada", 1, 9), entry("bob", 5, 5), entry("ada", 2, 8)]);
    merged.sort_by_key(|entry| entry.not_after);
    assert_eq!(merged, [entry("ada", 2, 9), entry("bob", 5, 5)]);
}
