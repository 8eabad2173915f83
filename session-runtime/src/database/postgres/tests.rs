//! PostgreSQL without a server: which addresses are taken, and what is told. The rest is in `tests/servers`.

use super::*;

const NAME: &str = "a test's store";

/// Why nothing comes of an address.
async fn refusal(url: &str) -> String {
    match options(NAME, url) {
        Ok(options) => connect(&options).await.unwrap_err(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn off_the_machine_the_servers_name_is_checked() {
    async fn check(url: &str, want: &str) {
        // Nobody listens on port 1, so an address that is taken ends as refused.
        let error = refusal(url).await;
        assert!(error.ends_with(want), "{url}: {error}");
        assert!(!error.contains("hush"), "{error}");
    }
    let insecure = "is set up wrongly: off this machine it needs sslmode=verify-full";
    for mode in ["", "?sslmode=disable", "?sslmode=prefer", "?sslmode=require", "?sslmode=verify-ca", "?sslmode=require&host=10.0.0.1"] {
        check(&format!("postgres://orders:hush@db.example:1/orders{mode}"), insecure).await;
    }
    for host in ["localhost.example", "0.0.0.0", "128.0.0.1", "[::2]", "127.0.0.1.example", "127.1.example"] {
        check(&format!("postgres://orders:hush@{host}:1/orders"), insecure).await;
    }
    check("postgres://orders:hush@127.0.0.1:1/orders?host=db.example", insecure).await;
    check("postgres://orders:hush@127.0.0.1:1/orders?hostaddr=10.0.0.1", insecure).await;
    for host in ["localhost", "127.0.0.1", "127.9.9.9"] {
        check(&format!("postgres://orders:hush@{host}:1/orders"), "(os error 111)").await;
    }
    check("postgres://orders:hush@localhost/orders?host=/no/such/folder", "(os error 2)").await;
    let unknown = "a word behind the `?` of its address is not known";
    check("postgres://orders@127.0.0.1/orders?passwort=hush", unknown).await;
    check("postgres://orders@127.0.0.1/orders?sslmode=disable&p%61ssword=hush", unknown).await;
    let odd = "its address is not understood";
    for url in [
        "",
        "hush",
        "postgres://orders:hush@:::/",
        "mysql://orders:hush@db.example/orders",
        "postgres://x?sslmode=hush",
        "postgres://x?port=hush",
    ] {
        let error = refusal(url).await;
        assert!(error.ends_with(odd) || error.ends_with(insecure), "{url}: {error}");
        assert!(!error.contains("hush"), "{error}");
    }
}
