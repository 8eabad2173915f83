//! Key rings on real servers: the promises of a store, many processes at once, and servers that go away.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use rustix::process::{Signal, kill_process};
use session_runtime::{
    KeyRing,
    error::{KeyError, StoreError},
    keyring::{KeyStore, LocalKek, PostgresKeys, RedisKeys, SqliteKeys},
    paseto::V4Local,
    testing::key_stores::sample,
};
use session_tests::{
    needs::{Missing, Unmet},
    programs, require,
    server::{Postgres, Redis},
};

mod in_redis {
    use super::*;

    session_runtime::key_store_conformance! {
        fresh: {
            let redis = require!(Redis::start());
            (RedisKeys::connect(&redis.url()).await.unwrap(), redis)
        },
        breaks: async |redis: &Redis, ring: &str, format: &str| {
            redis.ask(&format!("HSET {{session:keys:{ring}}}:{format} body broken")).unwrap();
        },
    }
}

mod in_postgres {
    use super::*;

    session_runtime::key_store_conformance! {
        fresh: {
            let schema = require!(Schema::new());
            (PostgresKeys::connect(&schema.url()).await.unwrap(), schema)
        },
        breaks: async |schema: &Schema, ring: &str, format: &str| {
            let name = &schema.name;
            let sql = format!("update {name}.session_keys set body = 'broken' where ring = '{ring}' and format = '{format}'");
            schema.server.query(&sql).unwrap();
        },
    }
}

/// An empty schema of a server that the promises share, since one takes seconds to make.
struct Schema {
    server: Arc<Postgres>,
    name: String,
}

impl Schema {
    fn new() -> Result<Self, Unmet> {
        static SERVER: Mutex<(Weak<Postgres>, u32)> = Mutex::new((Weak::new(), 0));
        let mut shared = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
        // It is gone with the last test that uses it.
        let server = match shared.0.upgrade() {
            Some(server) => server,
            None => Arc::new(Postgres::start()?),
        };
        *shared = (Arc::downgrade(&server), shared.1 + 1);
        let name = format!("promise_{}", shared.1);
        server.query(&format!("create schema {name}")).map_err(Unmet::Broken)?;
        Ok(Self { server, name })
    }

    fn url(&self) -> String {
        format!("{}?options=-csearch_path%3D{}", self.server.url(), self.name)
    }
}

const RING: &str = "main";
const FORMAT: &str = "v4.local";

fn kek() -> LocalKek {
    LocalKek::from_bytes(&[7; 32]).unwrap()
}

async fn open(store: impl KeyStore) -> Result<KeyRing<V4Local>, KeyError> {
    KeyRing::builder().open(store, kek()).await
}

/// What a row holds that is not as it was written is unreadable, each in its own words.
#[tokio::test]
async fn what_redis_holds_and_is_not_understood_is_unreadable() {
    let redis = require!(Redis::start());
    let store = RedisKeys::connect(&redis.url()).await.unwrap();
    let key = "{session:keys:main}:v4.local";
    for (commands, want) in [
        (&["HSET {key} body hush"][..], "the stored ring is not understood at line 1, column 1"),
        (&["HSET {key} version 2"], "the stored ring has another version than its row"),
        (&["HSET {key} version 01"], "a stored ring lacks a field or has a wrong one"),
        (&["HSET {key} layout 0"], "its layout is none that ever was"),
        (&["HSET {key} layout 2"], "has version 2, this library reads up to 1: upgrade it"),
        (&["HDEL {key} body"], "a stored ring lacks a field or has a wrong one"),
        (&["HDEL {key} body layout version", "HSET {key} other 1"], "a stored ring lacks a field or has a wrong one"),
        (&["DEL {key}", "HSET {key} other 1"], "a stored ring lacks a field or has a wrong one"),
        (&["DEL {key}", "SET {key} hush"], "Redis refused (WRONGTYPE)"),
    ] {
        redis.ask("FLUSHALL").unwrap();
        store.replace(RING, FORMAT, None, sample(1, "first")).await.unwrap();
        for command in commands {
            let answer = redis.ask(&command.replace("{key}", key)).unwrap();
            assert!(answer.starts_with([':', '+']), "{command}: {answer}");
        }
        let error = store.load(RING, FORMAT).await.unwrap_err().to_string();
        assert!(error.ends_with(want) && !error.contains("hush"), "{commands:?}: {error}");
        assert!(open(store.clone()).await.is_err());
        let refused = store.replace(RING, FORMAT, None, sample(1, "second")).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{commands:?}: {refused:?}");
    }
}

#[tokio::test]
async fn what_postgres_holds_and_is_not_understood_is_unreadable() {
    let postgres = require!(Postgres::start());
    for (sql, want) in [
        ("update session_keys set body = 'hush'", "the stored ring is not understood at line 1, column 1"),
        ("update session_keys set version = 2", "the stored ring has another version than its row"),
        ("update session_keys set layout = 0", "its layout is none that ever was"),
        ("update session_keys set layout = -1", "a stored number is negative"),
        ("update session_keys set layout = 2", "has version 2, this library reads up to 1: upgrade it"),
        ("alter table session_keys alter body type bytea using 'hush'::bytea", "a stored value has the wrong type"),
        ("alter table session_keys drop column body", "a table is missing or is not ours (42703)"),
        ("drop table session_keys", "a table is missing or is not ours (42P01)"),
    ] {
        postgres.query("drop table if exists session_keys, session_keys_schema").unwrap();
        let store = PostgresKeys::connect(&postgres.url()).await.unwrap();
        store.replace(RING, FORMAT, None, sample(1, "first")).await.unwrap();
        postgres.query(sql).unwrap();
        let error = store.load(RING, FORMAT).await.unwrap_err().to_string();
        assert!(error.ends_with(want) && !error.contains("hush"), "{sql}: {error}");
        assert!(open(store.clone()).await.is_err());
        assert!(store.replace(RING, FORMAT, None, sample(1, "second")).await.is_err());
    }
}

#[tokio::test]
async fn newer_tables_are_left_alone_and_a_role_needs_no_right_to_make_them() {
    let postgres = require!(Postgres::start());
    drop(PostgresKeys::connect(&postgres.url()).await.unwrap());
    postgres.query("create role app login password 'app'").unwrap();
    let url = format!("postgres://app:app@127.0.0.1:{}/postgres", postgres.port());
    let refused = PostgresKeys::connect(&url).await.unwrap_err().to_string();
    assert!(refused.ends_with("the role lacks a right (42501)"), "{refused}");
    postgres.query("grant select on session_keys_schema to app; grant select, insert, update on session_keys to app").unwrap();
    let store = PostgresKeys::connect(&url).await.unwrap();
    open(store.clone()).await.unwrap().rotate().await.unwrap();
    // A service that only verifies reads, and says that it may not write.
    postgres.query("revoke insert, update on session_keys from app").unwrap();
    let ring = open(store).await.unwrap();
    let refused = ring.rotate().await.unwrap_err().to_string();
    assert_eq!(refused, "the key store in PostgreSQL was not changed: the role lacks a right (42501)");

    postgres.query("update session_keys_schema set version = 2").unwrap();
    let newer = StoreError::NewerVersion { store: "the key store in PostgreSQL", found: 2, known: 1 };
    assert_eq!(PostgresKeys::connect(&postgres.url()).await.unwrap_err(), newer);
    let wrong = PostgresKeys::connect(&postgres.url().replace("postgres:", "postgres:x")).await;
    assert!(matches!(wrong, Err(StoreError::Misconfigured { .. } | StoreError::Unreadable { .. })));
    let wrong = PostgresKeys::connect(&url.replace("app:app", "app:hush")).await.unwrap_err().to_string();
    assert!(wrong.ends_with("it does not let us in (28P01)") && !wrong.contains("hush"), "{wrong}");
}

/// Where somebody made a stricter isolation the default, the loser of a race is told of a conflict all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stricter_isolation_loses_no_conflict() {
    let postgres = require!(Postgres::start_with(&["-c", "default_transaction_isolation=serializable"]));
    let url = postgres.url();
    PostgresKeys::connect(&url).await.unwrap().replace(RING, FORMAT, None, sample(1, "first")).await.unwrap();
    for version in 1..=5 {
        let writers: Vec<_> = (0..16)
            .map(|number| {
                let url = url.clone();
                tokio::spawn(async move {
                    let store = PostgresKeys::connect(&url).await.unwrap();
                    store.replace(RING, FORMAT, Some(version), sample(version + 1, &number.to_string())).await
                })
            })
            .collect();
        let mut won = 0;
        for writer in writers {
            match writer.await.unwrap() {
                Ok(()) => won += 1,
                Err(error) => assert_eq!(error, StoreError::Conflict { store: "the key store in PostgreSQL" }),
            }
        }
        assert_eq!(won, 1);
    }
}

#[tokio::test]
async fn a_redis_with_a_password_lets_nobody_else_in() {
    let redis = require!(Redis::start());
    redis.ask("CONFIG SET requirepass opensesame").unwrap();
    for url in [redis.url(), redis.url().replace("redis://", "redis://:hush@")] {
        let refused = RedisKeys::connect(&url).await.unwrap_err().to_string();
        assert!(refused.starts_with("the key store in Redis cannot be read: ") && !refused.contains("hush"), "{refused}");
    }
    let store = RedisKeys::connect(&redis.url().replace("redis://", "redis://:opensesame@")).await.unwrap();
    assert!(!format!("{store:?}").contains("opensesame"));
    open(store).await.unwrap();
}

/// A user of Redis with the documented commands and no other.
#[tokio::test]
async fn the_commands_that_are_named_are_enough() {
    let redis = require!(Redis::start());
    let commands = "+hgetall +hmget +exists +hset +persist +evalsha +script|load +role +ping";
    assert_eq!(redis.ask(&format!("ACL SETUSER app on >app ~* -@all {commands}")).unwrap(), "+OK\r\n");
    let store = RedisKeys::connect(&redis.url().replace("redis://", "redis://app:app@")).await.unwrap();
    open(store.clone()).await.unwrap().rotate().await.unwrap();
    redis.ask("ACL SETUSER app -role -evalsha").unwrap();
    assert_eq!(store.load("other", FORMAT).await, Ok(None));
    let refused = store.replace("other", FORMAT, None, sample(1, "first")).await.unwrap_err().to_string();
    assert_eq!(refused, "the key store in Redis was not changed: the user lacks a right (NOPERM)");
}

/// A replica neither takes a change nor says that there is no ring.
#[tokio::test]
async fn a_replica_of_redis_makes_no_ring() {
    let (redis, replica) = (require!(Redis::start()), require!(Redis::start()));
    replica.ask(&format!("REPLICAOF 127.0.0.1 {}", redis.address().port())).unwrap();
    let store = RedisKeys::connect(&replica.url()).await.unwrap();
    let absent = store.load(RING, FORMAT).await.unwrap_err().to_string();
    // While it copies for the first time it answers nothing at all.
    assert!(absent.starts_with("the key store in Redis cannot be read: "), "{absent}");
    let refused = store.replace(RING, FORMAT, None, sample(1, "first")).await;
    assert!(matches!(refused, Err(StoreError::NotApplied { .. })), "{refused:?}");
    assert!(open(store).await.is_err());
    assert_eq!(redis.ask("DBSIZE").unwrap(), ":0\r\n");
}

/// A server is stopped while it is in use, and started again with its data.
async fn check_restart<S>(store: impl KeyStore + Clone, mut server: S, stop: impl Fn(&mut S), start: impl Fn(&mut S)) {
    let ring = open(store.clone()).await.unwrap();
    let before = ring.keys();
    stop(&mut server);
    for _ in 0..2 {
        assert!(matches!(store.load(RING, FORMAT).await, Err(StoreError::Unreadable { .. })));
        assert!(matches!(ring.reload().await, Err(KeyError::Store(StoreError::Unreadable { .. }))));
        // Nothing was sent, so it is known that nothing was changed.
        let refused = ring.rotate().await;
        assert!(matches!(refused, Err(KeyError::Store(StoreError::NotApplied { .. }))), "{refused:?}");
        assert!(open(store.clone()).await.is_err(), "no ring is made meanwhile");
        assert_eq!(ring.keys(), before);
    }
    start(&mut server);
    ring.reload().await.unwrap();
    assert_eq!(open(store.clone()).await.unwrap().keys(), before);
    ring.rotate().await.unwrap();
    // Restarted between two calls, it is not noticed at all.
    stop(&mut server);
    start(&mut server);
    ring.rotate().await.unwrap();
    // Both rotations told the same successor to begin, and each was a change.
    assert_eq!(store.load(RING, FORMAT).await.unwrap().map(|ring| ring.version), Some(3));
    assert_eq!(open(store).await.unwrap().keys().len(), before.len() + 1);
}

#[tokio::test]
async fn a_redis_that_stops_is_unreadable_until_it_is_back() {
    let redis = require!(Redis::start_with(&["--appendonly", "yes", "--appendfsync", "always"]));
    let store = RedisKeys::connect(&redis.url()).await.unwrap();
    check_restart(store, redis, Redis::stop, |redis| redis.start_again().unwrap()).await;
}

#[tokio::test]
async fn a_postgres_that_stops_is_unreadable_until_it_is_back() {
    let postgres = require!(Postgres::start());
    let store = PostgresKeys::connect(&postgres.url()).await.unwrap();
    check_restart(store, postgres, Postgres::stop, |postgres| postgres.start_again().unwrap()).await;
}

/// An emptied store is empty, and a ring that knows better makes no new key.
#[tokio::test]
async fn a_redis_that_comes_back_empty_gets_no_new_key_from_a_ring_that_was_there() {
    let mut redis = require!(Redis::start());
    let store = RedisKeys::connect(&redis.url()).await.unwrap();
    let ring = open(store.clone()).await.unwrap();
    let before = ring.keys();
    redis.stop();
    redis.start_again().unwrap();
    assert_eq!(store.load(RING, FORMAT).await, Ok(None));
    let gone = ring.reload().await.unwrap_err();
    assert_eq!(gone.to_string(), "the key store cannot be read: a ring that was there is gone");
    assert!(matches!(ring.rotate().await, Err(KeyError::Store(StoreError::Conflict { .. }))));
    assert_eq!(ring.keys(), before);
    assert_eq!(redis.ask("DBSIZE").unwrap(), ":0\r\n");
}

/// A server that neither answers nor goes away: every call ends at its deadline, and of a write nobody knows.
async fn check_hanging(store: impl KeyStore + Clone, hasty: impl KeyStore + Clone, pid: rustix::process::Pid) {
    store.replace(RING, FORMAT, None, sample(1, "first")).await.unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    let read = hasty.load(RING, FORMAT).await;
    let written = hasty.replace(RING, FORMAT, Some(1), sample(2, "second")).await;
    kill_process(pid, Signal::CONT).unwrap();
    assert!(matches!(&read, Err(StoreError::Unreadable { reason, .. }) if reason == "no answer within 300ms"), "{read:?}");
    // The connection could not be made, so nothing was sent.
    assert!(matches!(&written, Err(StoreError::NotApplied { reason, .. }) if reason == "no answer within 300ms"), "{written:?}");
    assert_eq!(hasty.load(RING, FORMAT).await, Ok(Some(sample(1, "first"))));
}

#[tokio::test]
async fn a_redis_that_hangs_is_not_waited_for() {
    let redis = require!(Redis::start());
    let store = RedisKeys::connect(&redis.url()).await.unwrap();
    check_hanging(store.clone(), store.with_deadline(Duration::from_millis(300)), redis.pid()).await;
}

#[tokio::test]
async fn a_write_to_postgres_that_takes_too_long_is_unknown() {
    let postgres = require!(Postgres::start());
    let store = PostgresKeys::connect(&postgres.url()).await.unwrap();
    store.replace(RING, FORMAT, None, sample(1, "first")).await.unwrap();
    // Somebody locks the row for a while: the statement is sent and waits, and is done when nobody listens any more.
    let postgres = Arc::new(postgres);
    let locks = Arc::clone(&postgres);
    let lock = "begin; select from session_keys for update; select pg_sleep(3); commit";
    let locked = tokio::task::spawn_blocking(move || locks.query(lock).unwrap());
    while postgres.query("select count(*) from pg_stat_activity where wait_event = 'PgSleep'").unwrap() != "1" {}
    let hasty = store.clone().with_deadline(Duration::from_secs(1));
    let slow = hasty.replace(RING, FORMAT, Some(1), sample(2, "second")).await.unwrap_err();
    assert_eq!(slow.to_string(), "whether the key store in PostgreSQL was changed is not known: no answer within 1s");
    locked.await.unwrap();
    // It was done after all, and the next change at the old version waits for it and is told; or, on a machine that was busy then, it was
    // not yet sent. Nobody could have known.
    let late = store.replace(RING, FORMAT, Some(1), sample(2, "late")).await;
    let winner = if late.is_ok() { "late" } else { "second" };
    assert!(matches!(late, Ok(()) | Err(StoreError::Conflict { .. })), "{late:?}");
    assert_eq!(store.load(RING, FORMAT).await, Ok(Some(sample(2, winner))));
}

/// What a Redis says of the write that it was killed in.
#[tokio::test]
async fn a_write_to_redis_that_it_is_killed_in_is_unknown() {
    let redis = require!(Redis::start());
    let store = RedisKeys::connect(&redis.url()).await.unwrap().with_deadline(Duration::from_secs(2));
    store.replace(RING, FORMAT, None, sample(1, "first")).await.unwrap();
    store.load(RING, FORMAT).await.unwrap();
    // A paused server answers the question whether it is alive, and keeps writes waiting.
    redis.ask("CLIENT PAUSE 60000 WRITE").unwrap();
    let pid = redis.pid();
    let write = tokio::spawn(async move { store.replace(RING, FORMAT, Some(1), sample(2, "second")).await });
    while !redis.ask("CLIENT LIST").unwrap().contains("cmd=evalsha") {
        tokio::task::yield_now().await;
    }
    kill_process(pid, Signal::KILL).unwrap();
    let answer = write.await.unwrap();
    assert!(matches!(answer, Err(StoreError::Unknown { .. })), "{answer:?}");
}

// TLS. That an address off the machine needs it is tested without a server, in the runtime.

/// A certificate for `localhost` that is its own root, and its key, readable by the owner of `folder` only.
fn certificate(folder: &Path) -> Result<[PathBuf; 2], Unmet> {
    let openssl = programs::find("openssl").ok_or_else(|| Missing::program("openssl"))?;
    let files = ["tls.crt", "tls.key"].map(|name| folder.join(name));
    let mut command = Command::new(openssl);
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]);
    command.args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]);
    command.arg("-out").arg(&files[0]).arg("-keyout").arg(&files[1]).stdin(Stdio::null());
    let output = command.output().map_err(|error| Unmet::Broken(error.to_string()))?;
    if !output.status.success() {
        return Err(Unmet::Broken(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let owner = fs::metadata(folder).unwrap();
    for file in &files {
        chown(file, Some(owner.uid()), Some(owner.gid())).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    Ok(files)
}

#[tokio::test]
async fn postgres_is_believed_by_its_certificate_and_name_only() {
    let postgres = require!(Postgres::start());
    let [certificate, key] = require!(certificate(postgres.folder()));
    for (setting, value) in [("ssl_cert_file", certificate.to_str()), ("ssl_key_file", key.to_str()), ("ssl", Some("on"))] {
        postgres.query(&format!("alter system set {setting} = '{}'", value.unwrap())).unwrap();
    }
    postgres.query("select pg_reload_conf()").unwrap();
    let url = |host: &str, mode: &str| format!("{}?{mode}", postgres.url().replace("127.0.0.1", host));
    let roots = format!("sslmode=verify-full&sslrootcert={}", certificate.display());
    // The settings take effect a moment later.
    let store = loop {
        match PostgresKeys::connect(&url("localhost", &roots)).await {
            Ok(store) => break store,
            Err(error) => assert!(error.to_string().contains("TLS"), "{error}"),
        }
    };
    open(store).await.unwrap();
    let refused = "the key store in PostgreSQL cannot be read: TLS failed: the server has none, or its certificate is not accepted";
    // Another name, and a certificate that nobody vouches for.
    for url in [url("127.0.0.1", &roots), url("localhost", "sslmode=verify-full")] {
        assert_eq!(PostgresKeys::connect(&url).await.unwrap_err().to_string(), refused);
    }
}

#[tokio::test]
async fn redis_is_believed_by_its_certificate_and_name_only() {
    let redis = require!(Redis::start());
    let [certificate, key] = require!(certificate(redis.folder()));
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let (crt, key) = (certificate.display(), key.display());
    let set = format!("CONFIG SET tls-cert-file {crt} tls-key-file {key} tls-ca-cert-file {crt} tls-auth-clients no tls-port {port}");
    assert_eq!(redis.ask(&set).unwrap(), "+OK\r\n");
    // The system's roots do not vouch for it. That it is refused and nothing panics needs a provider of cryptography.
    let refused = RedisKeys::connect(&format!("rediss://localhost:{port}")).await.unwrap_err().to_string();
    assert_eq!(refused, "the key store in Redis cannot be read: the connection failed");
    // Roots are read from a variable, so processes of their own are told of them.
    let url = format!("rediss://localhost:{port}");
    let answers = tokio::task::spawn_blocking(move || three_processes(&url, &certificate)).await.unwrap();
    assert_eq!(answers.into_iter().collect::<BTreeSet<String>>().len(), 1);
    assert_eq!(redis.ask("DBSIZE").unwrap(), ":1\r\n");
}

// Three processes of 64 tasks.

const STORE: &str = "SESSION_TEST_KEY_STORE";
const TASKS: usize = 64;
/// So that tasks of one process meet in the store and not at its connection.
const CONNECTIONS: usize = 8;

/// What such a process does; nothing unless it was started as one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_processes() {
    let Ok(url) = env::var(STORE) else { return };
    if url.starts_with("redis") {
        open_at_once(async || RedisKeys::connect(&url).await.unwrap()).await;
    } else if url.starts_with("postgres") {
        open_at_once(async || PostgresKeys::connect(&url).await.unwrap()).await;
    } else {
        open_at_once(async || SqliteKeys::open(&url).await.unwrap()).await;
    }
}

/// Says that it is ready, waits for a line, and opens the ring 64 times at once.
async fn open_at_once<S: KeyStore + Clone>(connect: impl AsyncFn() -> S) {
    let mut stores = Vec::new();
    for _ in 0..CONNECTIONS {
        stores.push(connect().await);
    }
    // Not `eprintln!`, which the test runner may keep to itself.
    let say = |line: &str| std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
    say("ready");
    let _ = std::io::stdin().read(&mut [0]).unwrap();
    let start = Arc::new(tokio::sync::Barrier::new(TASKS));
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| {
            let (store, start) = (stores[number % CONNECTIONS].clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                let ring = open(store).await.unwrap();
                let ids: Vec<String> = ring.keys().iter().map(|key| key.id.as_ref().unwrap().to_string()).collect();
                ids.join(" ")
            })
        })
        .collect();
    for task in tasks {
        say(&format!("keys {}", task.await.unwrap()));
    }
}

/// Starts three processes, lets them go at once, and returns every answer of theirs.
fn three_processes(url: &str, roots: &Path) -> Vec<String> {
    let start = |_| -> Child {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["key_stores::one_of_many_processes", "--exact", "--nocapture"]).env(STORE, url).env("SSL_CERT_FILE", roots);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut processes: Vec<Child> = (0..3).map(start).collect();
    for process in &mut processes {
        let stderr = process.stderr.as_mut().unwrap();
        let mut ready = [0; 6];
        stderr.read_exact(&mut ready).unwrap();
        if &ready != b"ready\n" {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            panic!("{text}");
        }
    }
    for process in &mut processes {
        process.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
    let mut answers = Vec::new();
    for process in processes {
        let output = process.wait_with_output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{text}");
        answers.extend(text.lines().filter_map(|line| line.strip_prefix("keys ")).map(str::to_owned));
    }
    answers
}

/// Exactly one key, in every task of every process, and one epoch in the store.
async fn check_one_key(url: &str, store: impl KeyStore) {
    let answers = three_processes(url, Path::new("/no/such/file"));
    assert_eq!(answers.len(), 3 * TASKS);
    let different: BTreeSet<&String> = answers.iter().collect();
    assert_eq!(different.len(), 1, "{different:?}");
    let stored = store.load(RING, FORMAT).await.unwrap().unwrap();
    assert_eq!((stored.version, stored.keys.len(), stored.keys[0].epoch), (1, 1, 1));
    assert_eq!(stored.keys[0].key_id.as_ref(), different.first().copied());
}

#[tokio::test]
async fn three_processes_make_one_key_in_redis() {
    let redis = require!(Redis::start());
    let store = RedisKeys::connect(&redis.url()).await.unwrap();
    check_one_key(&redis.url(), store).await;
}

#[tokio::test]
async fn three_processes_make_one_key_in_postgres() {
    let postgres = require!(Postgres::start());
    // The processes make the tables as well.
    let url = postgres.url();
    let answers = tokio::task::spawn_blocking({
        let url = url.clone();
        move || three_processes(&url, Path::new("/no/such/file"))
    });
    let different: BTreeSet<String> = answers.await.unwrap().into_iter().collect();
    assert_eq!(different.len(), 1, "{different:?}");
    let stored = PostgresKeys::connect(&url).await.unwrap().load(RING, FORMAT).await.unwrap().unwrap();
    assert_eq!((stored.version, stored.keys.len(), stored.keys[0].epoch), (1, 1, 1));
}

/// No server, but the same question and the same way to ask it.
#[tokio::test]
async fn three_processes_make_one_key_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    check_one_key(path.to_str().unwrap(), SqliteKeys::open(&path).await.unwrap()).await;
}
