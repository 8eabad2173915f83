//! Redis without a server: which addresses are taken, and what is told. The rest is in `tests/servers`.

use super::*;

const NAME: &str = "a test's store";

#[tokio::test]
async fn off_the_machine_the_server_is_checked() {
    async fn check(url: &str, want: &str) {
        // Nobody listens on port 1, so an address that is taken ends as refused.
        let error = match client(NAME, url) {
            Ok(client) => connect(&client).await.unwrap_err(),
            Err(error) => error.to_string(),
        };
        assert!(error.ends_with(want), "{url}: {error}");
        assert!(!error.contains("hush"), "{error}");
    }
    let insecure = "is set up wrongly: off this machine it needs rediss:// and a checked certificate";
    for host in ["redis.example", "localhost.example", "128.0.0.1", "[::2]", "127.0.0.1.example"] {
        check(&format!("redis://:hush@{host}:1"), insecure).await;
        check(&format!("rediss://:hush@{host}:1/#insecure"), insecure).await;
    }
    for host in ["localhost", "127.0.0.1", "127.9.9.9"] {
        check(&format!("redis://:hush@{host}:1"), "the connection was refused").await;
        check(&format!("rediss://:hush@{host}:1"), "the connection was refused").await;
    }
    check("unix:///no/such/socket?pass=hush", "the connection was refused").await;
    for url in ["", "hush", "http://:hush@redis.example", "redis://:hush@redis.example/hush", "rediss://:hush@redis.example/0#hush"] {
        check(url, "its address is not understood").await;
    }
}

#[test]
fn settings_that_lose_data_are_told() {
    #[track_caller]
    fn check(settings: &[(&str, &str)], want: &[&str]) {
        let settings: Vec<_> = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let warnings = Warnings { restart: "appendonly", crash: "appendfsync", eviction: "maxmemory-policy" };
        assert_eq!(problems(&settings, &warnings), want);
    }
    let durable = ("appendonly", "yes");
    check(&[durable, ("appendfsync", "always"), ("maxmemory", "0"), ("maxmemory-policy", "noeviction")], &[]);
    check(&[durable, ("appendfsync", "everysec")], &["appendfsync"]);
    check(&[("appendonly", "no"), ("appendfsync", "always")], &["appendonly"]);
    check(&[], &["appendonly"]);
    let always = ("appendfsync", "always");
    check(&[durable, always, ("maxmemory", "1"), ("maxmemory-policy", "allkeys-lru")], &["maxmemory-policy"]);
    check(&[durable, always, ("maxmemory", "0"), ("maxmemory-policy", "allkeys-lru")], &[]);
    // A key of ours has no time to live, and these policies throw away what has one.
    check(&[durable, always, ("maxmemory", "1"), ("maxmemory-policy", "volatile-lru")], &[]);
}

#[test]
fn numbers_are_spelled_in_one_way() {
    let read = |text: &str| number(text.as_bytes().to_vec());
    assert_eq!(read("0"), Some(0));
    assert_eq!(read(&u64::MAX.to_string()), Some(u64::MAX));
    for odd in ["", "+1", "01", " 1", "1.0", "-1", "18446744073709551616", "\u{661}"] {
        assert_eq!(read(odd), None, "{odd}");
    }
}

/// What a server says may quote what it was sent; of that nothing is told.
#[test]
fn a_servers_words_are_not_repeated() {
    for (text, want) in [
        ("-ERR unknown command 'hush'\r\n", "Redis refused (ERR)"),
        ("-WRONGTYPE hush\r\n", "Redis refused (WRONGTYPE)"),
        ("-NOAUTH hush\r\n", "Redis refused (NOAUTH)"),
        ("-READONLY hush\r\n", "it is a replica and takes no writes (READONLY)"),
        ("-LOADING hush\r\n", "it is loading its data (LOADING)"),
        ("-MOVED 3999 127.0.0.1:6381\r\n", "what is stored there lies on another node of the cluster (MOVED)"),
        ("-hush hush\r\n", "Redis refused"),
    ] {
        let value = redis::parse_redis_value(text.as_bytes()).unwrap();
        let error = value.extract_error().unwrap_err();
        assert_eq!(reason(&error), want);
    }
}
