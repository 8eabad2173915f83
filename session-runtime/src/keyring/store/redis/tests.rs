//! The store in Redis without a server: which addresses it takes, and where a ring lies. The rest is in `tests/servers`.

use super::*;

#[tokio::test]
async fn off_the_machine_the_server_is_checked() {
    for url in ["redis://:hush@redis.example:1", "rediss://:hush@redis.example:1/#insecure"] {
        let error = RedisKeys::connect(url).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the key store in Redis is set up wrongly: off this machine it needs rediss:// and a checked certificate"
        );
    }
    // Nobody listens on port 1.
    let error = RedisKeys::connect("redis://:hush@127.0.0.1:1").await.unwrap_err();
    assert_eq!(error.to_string(), "the key store in Redis cannot be read: the connection was refused");
}

#[tokio::test]
async fn giving_up_tls_is_said_by_name() {
    let error = RedisKeys::dangerous_connect_without_tls("redis://:hush@redis.invalid").await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable { .. }), "{error}");
}

#[test]
fn a_ring_of_several_formats_lies_on_one_node_of_a_cluster() {
    assert_eq!(key("main", "v4.local"), "{session:keys:main}:v4.local");
}
