//! What a program's recorder is told about rings and key sets: the names, the labels, and that no token has a say in them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use metrics::{Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use session_runtime::{
    Issuer, KeyRing, Revocations, Verifier,
    jwt::{EdDsa, Hs256, Jwt},
    keyring::{Key as RingKey, LocalKek, PublicKeys, RemoteJwks},
    paseto::V4Local,
    revocation::{Freshness, MemoryRevocations},
    telemetry,
    testing::{FaultyRevocations, SharedRevocations, WriteFault},
};

use crate::support::{
    Access, ISSUER, ada,
    flaky::{FOR_NOW, Flaky},
    noon,
    stub::{Conduct, Stub},
    token,
};

/// Keeps every number by its name and labels.
#[derive(Debug, Default, Clone)]
struct Numbers {
    numbers: Arc<Mutex<BTreeMap<String, Arc<Number>>>>,
    described: Arc<Mutex<BTreeMap<String, String>>>,
}

#[derive(Debug, Default)]
struct Number(AtomicU64);

impl CounterFn for Number {
    fn increment(&self, value: u64) {
        self.0.fetch_add(value, Ordering::SeqCst);
    }
    fn absolute(&self, value: u64) {
        self.0.store(value, Ordering::SeqCst);
    }
}

/// As bits, so that one kind of place holds both.
impl GaugeFn for Number {
    fn increment(&self, _: f64) {
        panic!("gauges are set");
    }
    fn decrement(&self, _: f64) {
        panic!("gauges are set");
    }
    fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::SeqCst);
    }
}

impl Numbers {
    fn place(&self, key: &Key) -> Arc<Number> {
        let labels: Vec<String> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::clone(self.numbers.lock().unwrap().entry(format!("{}{{{}}}", key.name(), labels.join(","))).or_default())
    }

    fn bits(&self, series: &str) -> Option<u64> {
        self.numbers.lock().unwrap().get(series).map(|number| number.0.load(Ordering::SeqCst))
    }

    fn series(&self) -> Vec<String> {
        self.numbers.lock().unwrap().keys().cloned().collect()
    }

    fn counted(&self, series: &str) -> u64 {
        self.bits(series).unwrap_or(0)
    }

    fn measured(&self, series: &str) -> Option<f64> {
        self.bits(series).map(f64::from_bits)
    }

    fn describe(&self, key: &KeyName, unit: Option<Unit>, meaning: &str) {
        self.described.lock().unwrap().insert(key.as_str().to_owned(), format!("{}: {meaning}", unit.unwrap().as_str()));
    }
}

impl Recorder for Numbers {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, meaning: SharedString) {
        self.describe(&key, unit, &meaning);
    }
    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, meaning: SharedString) {
        self.describe(&key, unit, &meaning);
    }
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.place(key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.place(key))
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn kek() -> LocalKek {
    LocalKek::from_bytes(&[7; 32]).unwrap()
}

const OF: &str = "ring=main,format=EdDSA";

#[tokio::test]
async fn a_ring_of_a_fleet() {
    let numbers = Numbers::default();
    let _guard = metrics::set_default_local_recorder(&numbers);
    let (store, clock) = (Flaky::new(Arc::default()), noon());
    let ring = KeyRing::<Jwt<EdDsa>>::builder().clock(clock.clone()).open(store.clone(), kek()).await.unwrap();
    ring.maintain().await.unwrap();
    let counted = |name: &str, more: &str| numbers.counted(&format!("{name}{{{OF}{more}}}"));
    let measured = |name: &str| numbers.measured(&format!("{name}{{{OF}}}")).unwrap();
    let reads = || [counted("session_ring_reads_total", ",outcome=ok"), counted("session_ring_reads_total", ",outcome=failed")];
    assert_eq!((reads(), counted("session_ring_keys_created_total", "")), ([2, 0], 2));
    assert_eq!(
        (measured("session_ring_keys"), measured("session_ring_age_seconds"), measured("session_ring_out_of_date")),
        (2.0, 0.0, 0.0)
    );
    assert_eq!(measured("session_ring_read_timestamp_seconds"), 1_893_499_200.0);

    // The store is out of reach: the age grows with every reading that fails, and the moment of the last good one stands still.
    store.fail(FOR_NOW);
    clock.advance(Duration::from_secs(1_800));
    ring.reload().await.unwrap_err();
    assert_eq!((measured("session_ring_age_seconds"), measured("session_ring_out_of_date")), (1_800.0, 0.0));
    clock.advance(Duration::from_secs(1_801));
    ring.reload().await.unwrap_err();
    assert_eq!((measured("session_ring_age_seconds"), measured("session_ring_out_of_date")), (3_601.0, 1.0));
    assert_eq!((measured("session_ring_read_timestamp_seconds"), reads()), (1_893_499_200.0, [2, 2]));
    // What was not stored did not happen.
    ring.rotate().await.unwrap_err();
    assert_eq!((counted("session_ring_rotations_total", ""), counted("session_ring_keys_created_total", "")), (0, 2));
    store.fail(0);
    ring.reload().await.unwrap();
    assert_eq!((measured("session_ring_age_seconds"), measured("session_ring_out_of_date"), reads()), (0.0, 0.0, [3, 2]));

    ring.rotate().await.unwrap();
    ring.maintain().await.unwrap();
    let stolen = ring.signing_key().unwrap();
    for _ in 0..2 {
        ring.compromise_with_successor(&stolen).await.unwrap();
    }
    let done =
        ["session_ring_rotations_total", "session_ring_keys_created_total", "session_ring_compromises_total"].map(|name| counted(name, ""));
    assert_eq!(done, [1, 4, 2], "the stolen key and its successor, and a fresh one");
    assert_eq!(measured("session_ring_keys"), 4.0);

    // A node that only verifies counts for itself, under the same name.
    PublicKeys::<Jwt<EdDsa>>::open_with(&store, "main", clock).await.unwrap().reload(&store).await.unwrap();
    assert_eq!(reads(), [6, 2]);
}

/// Nothing is recorded on the way of a token, and nothing that a token says becomes a label, however many key ids it invents.
#[tokio::test(start_paused = true)]
async fn tokens_have_no_say_in_it() {
    let numbers = Numbers::default();
    let _guard = metrics::set_default_local_recorder(&numbers);
    let (store, clock) = (Flaky::new(Arc::default()), noon());
    let ring = KeyRing::<Jwt<EdDsa>>::builder().name("sessions").clock(clock.clone()).open(store.clone(), kek()).await.unwrap();
    let keeper = ring.keep();
    let settle = async || {
        for _ in 0..3 {
            tokio::time::advance(Duration::from_millis(100)).await;
            tokio::task::yield_now().await;
        }
    };
    settle().await;
    let before = numbers.series();
    let (issuer, verifier) = (Issuer::<Access, _>::new(&ring).unwrap(), Verifier::<Access>::new(&ring).unwrap());
    let forced = || numbers.counted("session_ring_forced_reads_total{ring=sessions,format=EdDSA}");
    for _ in 0..10 {
        verifier.verify_now(&issuer.issue(&ada()).unwrap().token).unwrap();
    }
    assert_eq!((numbers.series(), forced()), (before, 0));
    for _ in 0..50 {
        let stranger = KeyRing::<Jwt<EdDsa>>::builder().name("stranger").clock(clock.clone()).generate().unwrap();
        verifier.verify_now(&token(&stranger)).unwrap_err();
        settle().await;
    }
    assert_eq!(forced(), 2);
    let series = numbers.series();
    let known = |series: &String| series.contains("{ring=sessions,format=EdDSA") || series.contains("{ring=stranger,format=EdDSA");
    assert!(series.iter().all(known), "{series:?}");
    drop(keeper);
}

/// A ring of one writer is never out of date, and has no gauge that could say so.
#[tokio::test]
async fn a_ring_of_one_writer() {
    let numbers = Numbers::default();
    let _guard = metrics::set_default_local_recorder(&numbers);
    let ring = KeyRing::<V4Local>::builder().name("one").clock(noon()).generate().unwrap();
    ring.rotate().await.unwrap();
    let of = "{ring=one,format=v4.local}";
    assert_eq!(numbers.counted(&format!("session_ring_keys_created_total{of}")), 2);
    assert_eq!(numbers.counted(&format!("session_ring_rotations_total{of}")), 1);
    assert_eq!(numbers.measured(&format!("session_ring_keys{of}")), Some(2.0));
    assert_eq!(numbers.measured(&format!("session_ring_age_seconds{of}")), None);
    KeyRing::<Jwt<Hs256>>::builder()
        .name("shared secret")
        .import(RingKey::from_secret([7, 1, 2, 3, 4, 5, 6, 8].repeat(4)).unwrap())
        .unwrap();
    assert_eq!(numbers.counted("session_ring_keys_created_total{ring=shared secret,format=HS256}"), 0, "it was made elsewhere");
}

/// The keys of another issuer: what came of every fetch, and how old they are.
#[tokio::test]
async fn keys_of_another_issuer() {
    let numbers = Numbers::default();
    let _guard = metrics::set_default_local_recorder(&numbers);
    let clock = noon();
    let theirs = KeyRing::<Jwt<EdDsa>>::builder().name("theirs").clock(clock.clone()).generate().unwrap();
    let stub = Stub::start(Conduct::set("", theirs.jwks())).await;
    let remote = RemoteJwks::<Jwt<EdDsa>>::builder(stub.url()).clock(clock.clone()).manual().load().await.unwrap();
    let of = "ring=127.0.0.1,format=EdDSA";
    let fetches = |outcome: &str| numbers.counted(&format!("session_jwks_fetches_total{{{of},outcome={outcome}}}"));
    let measured = |name: &str| numbers.measured(&format!("session_jwks_{name}{{{of}}}")).unwrap();
    assert_eq!((fetches("changed"), measured("keys"), measured("age_seconds"), measured("out_of_date")), (1, 1.0, 0.0, 0.0));
    let again = async |seconds: u64, conduct: Conduct| {
        clock.advance(Duration::from_secs(seconds));
        stub.behave(conduct);
        let _ = remote.refresh().await;
    };
    again(60, Conduct::set("", theirs.jwks())).await;
    again(60, Conduct::status("503 Service Unavailable", "", "")).await;
    again(60, Conduct::status("301 Moved Permanently", "location: /elsewhere\r\n", "")).await;
    again(60, Conduct::Reset).await;
    again(60, Conduct::set("", "{}")).await;
    again(60, Conduct::set("", r#"{"keys":[]}"#)).await;
    let outcomes = ["unchanged", "status", "redirect", "broken_off", "not_a_set", "no_keys"].map(fetches);
    assert_eq!(outcomes, [1; 6]);
    assert_eq!((measured("age_seconds"), measured("read_timestamp_seconds"), measured("keys")), (300.0, 1_893_499_260.0, 1.0));
    again(3_400, Conduct::Reset).await;
    assert_eq!((measured("age_seconds"), measured("out_of_date")), (3_700.0, 1.0));

    // A token that names a key which is not there.
    let forced = || numbers.counted(&format!("session_jwks_forced_fetches_total{{{of}}}"));
    again(60, Conduct::set("", theirs.jwks())).await;
    assert_eq!((forced(), measured("out_of_date")), (0, 0.0));
    theirs.rotate().await.unwrap();
    let verifier = Verifier::<Access>::builder().accept_from(ISSUER, &remote).build().unwrap();
    verifier.verify_now(&token(&theirs)).unwrap_err();
    again(60, Conduct::set("", theirs.jwks())).await;
    assert_eq!((forced(), fetches("changed"), measured("keys")), (1, 2, 2.0));
    verifier.verify_now(&token(&theirs)).unwrap();
    // Of a set that is read over the network there is no series of a ring, and of an address no more than its host.
    let series = numbers.series();
    let remote_ones = series.iter().filter(|series| series.contains("127.0.0.1")).collect::<Vec<_>>();
    assert!(remote_ones.iter().all(|series| series.starts_with("session_jwks_") && series.contains(of)), "{remote_ones:?}");
}

/// The table that people read is what is described to recorders, and what is recorded stands in it.
#[tokio::test]
async fn every_name_is_described() {
    let numbers = Numbers::default();
    let _guard = metrics::set_default_local_recorder(&numbers);
    telemetry::describe();
    let described = numbers.described.lock().unwrap().clone();
    assert_eq!(described.len(), 24, "{described:?}");
    assert_eq!(described["session_ring_keys"], "count: keys that the ring has, of every state");
    assert!(described["session_jwks_age_seconds"].starts_with("seconds: "));
    let store = Flaky::new(Arc::default());
    let ring = KeyRing::<V4Local>::builder().clock(noon()).open(store, kek()).await.unwrap();
    ring.rotate().await.unwrap();
    let series = numbers.series();
    assert!(series.len() >= 7 && series.iter().all(|series| described.contains_key(series.split('{').next().unwrap())), "{series:?}");
}

/// A revocation log is measured by the task that looks after it, and counts what it was asked for.
#[tokio::test(start_paused = true)]
async fn a_revocation_log_is_measured() {
    let numbers = Numbers::default();
    let _guard = metrics::set_default_local_recorder(&numbers);
    telemetry::describe();
    let described = numbers.described.lock().unwrap().clone();
    let clock = noon();
    let store = FaultyRevocations::shared(SharedRevocations::new(clock.clone()));
    let revocations = Revocations::builder().clock(clock.clone()).open(store.clone()).await.unwrap();
    let of = "{store=the faulty revocation log";
    let measured = |name: &str| numbers.measured(&format!("session_revocation_{name}{of}}}"));
    let counted = |name: &str, labels: &str| numbers.counted(&format!("session_revocation{name}{of}{labels}}}"));

    revocations.revoke_all().await.unwrap();
    store.fail_writes(WriteFault::NotApplied);
    revocations.revoke_token(None, "t1", None).await.unwrap_err();
    assert_eq!(counted("s_total", ",kind=everything,outcome=ok"), 1);
    assert_eq!(counted("s_total", ",kind=token,outcome=failed"), 1);
    a_second().await;
    assert_eq!((measured("entries"), measured("pending"), measured("age_seconds")), (Some(2.0), Some(1.0), Some(0.0)));
    assert_eq!((measured("clock_skew_seconds"), measured("store_losses")), (Some(0.0), Some(0.0)));
    store.fail_reads(true);
    clock.advance(Duration::from_secs(7));
    a_second().await;
    assert_eq!((measured("age_seconds"), measured("read_timestamp_seconds")), (Some(7.0), Some(1_893_499_200.0)));
    assert!(counted("_reads_total", ",outcome=ok") >= 1 && counted("_reads_total", ",outcome=failed") >= 1);

    // Whoever accepts without knowing is counted.
    let ring = KeyRing::<V4Local>::builder().clock(clock.clone()).generate().unwrap();
    let issuer = Issuer::<Access, _>::new(&ring).unwrap();
    store.fail_writes(WriteFault::None);
    let log = Revocations::open_with_clock(FaultyRevocations::shared(MemoryRevocations::new().unwrap()), clock.clone()).await.unwrap();
    let token = issuer.with_revocations(&log).await.unwrap().issue(&ada()).unwrap().token;
    let verifier = Verifier::<Access>::new(&ring).unwrap().with_revocations(&log).await.unwrap();
    let lax = verifier.with_freshness(Freshness::dangerous_allow_unchecked()).unwrap();
    lax.verify_now(&token).unwrap();
    clock.advance(Duration::from_secs(60));
    lax.verify_now(&token).unwrap();
    assert_eq!(counted("_unchecked_total", ""), 1);
    let series = numbers.series();
    assert!(series.iter().all(|series| described.contains_key(series.split('{').next().unwrap())), "{series:?}");
}

/// Lets a second of a paused runtime pass.
async fn a_second() {
    let _ = tokio::time::timeout(Duration::from_secs(1), std::future::pending::<()>()).await;
}
