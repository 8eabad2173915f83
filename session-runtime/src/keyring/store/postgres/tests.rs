//! The store in PostgreSQL without a server: which addresses it takes. The rest is in `tests/servers`.

use super::*;

#[tokio::test]
async fn off_the_machine_the_servers_name_is_checked() {
    for mode in ["", "?sslmode=require"] {
        let error = PostgresKeys::connect(&format!("postgres://orders:hush@db.example:1/orders{mode}")).await.unwrap_err();
        assert_eq!(error.to_string(), "the key store in PostgreSQL is set up wrongly: off this machine it needs sslmode=verify-full");
    }
    // Nobody listens on port 1.
    let error = PostgresKeys::connect("postgres://orders:hush@127.0.0.1:1/orders").await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn giving_up_tls_is_said_by_name() {
    let error = PostgresKeys::dangerous_connect_without_tls("postgres://orders:hush@db.invalid/orders").await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable { .. }), "{error}");
}
