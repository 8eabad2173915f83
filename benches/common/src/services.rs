//! What is measured beside formats: the revocation check, two threads, and refusing garbage.

use std::{
    alloc::System,
    future::Future,
    hint::black_box,
    pin::Pin,
    sync::Barrier,
    time::{Duration, Instant},
};

use session_runtime::{
    Format, Revocations, Timestamp, Verifier,
    error::StoreError,
    jwt::{Hs256, Jwt},
    keyring::Key,
    paseto::V4Local,
    revocation::{Batch, Cursor, Entry, NewEntry, Position, RevocationStore, Target},
};
use stats_alloc::{Region, StatsAlloc};

use crate::{
    allocations::{self, Count},
    claims::{Access, ISSUER, TOKEN_TYPE},
    contest::{Contestant, Group, OURS, Outcome, RAW, checked},
    formats::{KEY_ID, Ours, now},
    keys::{SECRET, paserk_local},
    measure::{Plan, median},
    raw,
    report::Row,
};

/// Texts that are no tokens, and that cost whoever sends them nothing.
pub fn garbage(wanted: impl Fn(&str) -> bool) -> Outcome<Vec<Group>> {
    let ours = Ours::new(Key::<Jwt<Hs256>>::from_secret(SECRET)?, KEY_ID, now()?)?;
    // With a header and a signature of ours, so that only the payload is wrong.
    let (header, rest) = ours.token.split_once('.').ok_or("a JWS")?;
    let (_, signature) = rest.split_once('.').ok_or("a JWS")?;
    let payload = "Zm9v_2Jh-cmJh".repeat(400 * 1024 / 13);
    let texts = [(GARBAGE, format!("{header}.{payload}.{signature}")), (DOTS, ".".repeat(1_000_000))];
    let group = |(name, text): (&str, String)| {
        let verifier = ours.verifier.clone();
        let run = checked(OURS, move || match verifier.verify_now(black_box(&text)) {
            Err(_) => Ok(()),
            Ok(_) => Err("accepted"),
        });
        Group { name: name.to_owned(), contestants: vec![Contestant { name: OURS, run }] }
    };
    Ok(texts.into_iter().filter(|(name, _)| wanted(name)).map(group).collect())
}

/// The revocation check on one thread and on two, and what two threads come to for issuing and verifying.
pub fn measure(plan: Plan, wanted: impl Fn(&str) -> bool, mut progress: impl FnMut(&str)) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    if [CHECK_1, CHECK_2].into_iter().any(&wanted) {
        progress("revocation check");
        rows.extend(revocation_check(plan)?);
    }
    let v4_local = || Ours::new(Key::<V4Local>::from_paserk(&paserk_local("k4"))?, KEY_ID, now()?);
    let raw_v4 = raw::V4LocalToken::new(&v4_local()?.token, TOKEN_TYPE, &SECRET)?;
    let hs256 = Ours::new(Key::<Jwt<Hs256>>::from_secret(SECRET)?, KEY_ID, now()?)?;
    let raw_hs256 = (raw::HmacKey::new(&SECRET)?, raw::jws(&hs256.token)?.0);
    let shared = |(key, message): (raw::HmacKey, Vec<u8>)| often(move || assert_ne!(black_box(key.sign(black_box(&message))), [0; 32]));
    let opened = {
        let sealed = raw_v4.clone();
        // Each thread has a buffer of its own, as our own threads have.
        Box::new(move || {
            let mut sealed = sealed.clone();
            (0..OPERATIONS).for_each(|_| assert!(black_box(sealed.open()), "refused"));
        }) as Shared
    };
    for (format, works, raw) in [("HS256", scaling(hs256), shared(raw_hs256)), ("v4.local", scaling(v4_local()?), opened)] {
        for (direction, work) in ["verify", "issue"].into_iter().zip(works) {
            let group = format!("{format} {direction}, 2 threads over 1");
            if wanted(&group) {
                progress(&group);
                // What the machine can do at all: two of its cores may be two halves of one.
                for (name, work) in [(OURS, &work), (RAW, &raw)] {
                    rows.push(Row { times: Some(threads(plan, &**work)), ..Row::new(&group, name) });
                }
            }
        }
    }
    rows.retain(|row| wanted(&row.group));
    Ok(rows)
}

/// What a million entries take, and what a check allocates.
pub fn count(allocator: &StatsAlloc<System>) -> Outcome<Vec<Count>> {
    let region = Region::new(allocator);
    let revocations = million()?;
    let change = region.change();
    let bytes = (change.bytes_allocated as f64 - change.bytes_deallocated as f64) / ENTRIES as f64;
    let Checks { with, without, tokens } = checks(&revocations)?;
    let of = |verifier: &Verifier<Access>| {
        let mut next = tokens.iter().cycle();
        allocations::of(allocator, || {
            let verified = next.next().map(|token| verifier.verify_now(black_box(token)));
            assert!(black_box(verified).is_some_and(|verified| verified.is_ok()), "refused");
        })
    };
    let allocs = of(&with) - of(&without);
    Ok(vec![Count { group: CHECK_1.to_owned(), name: OURS.to_owned(), allocs, bytes: Some(bytes) }])
}

/// The same tokens, checked against a million entries and not checked at all.
struct Checks {
    with: Verifier<Access>,
    without: Verifier<Access>,
    tokens: Vec<String>,
}

fn checks(revocations: &Revocations) -> Outcome<Checks> {
    let ours = Ours::new(Key::<Jwt<Hs256>>::from_secret(SECRET)?, KEY_ID, now()?)?;
    let issuer = block_on(ours.issuer.with_revocations(revocations))??;
    let with = block_on(ours.verifier.clone().with_revocations(revocations))??;
    let tokens = (0..TOKENS).map(|_| Ok(issuer.issue(&ours.claims)?.token)).collect::<Outcome<_>>()?;
    Ok(Checks { with, without: ours.verifier, tokens })
}

/// The difference between verifying with and without the check, since nothing public does the check alone. Over many tokens, so that
/// what it reads is as cold as it is for the tokens of many people.
fn revocation_check(plan: Plan) -> Outcome<Vec<Row>> {
    let checks = checks(&million()?)?;
    let verify = |verifier: &Verifier<Access>| {
        for token in &checks.tokens {
            assert!(black_box(verifier.verify_now(black_box(token))).is_ok(), "refused");
        }
    };
    let mut rows = Vec::new();
    for (count, name) in [(1, CHECK_1), (2, CHECK_2)] {
        let difference = |_| {
            let with = together(count, &|| verify(&checks.with));
            let without = together(count, &|| verify(&checks.without));
            (with.as_secs_f64() - without.as_secs_f64()) * 1e9 / f64::from(TOKENS)
        };
        rows.push(Row { ns: Some(median((0..plan.rounds).map(difference))), ..Row::new(name, OURS) });
    }
    Ok(rows)
}

type Shared = Box<dyn Fn() + Send + Sync>;

/// Verifying and issuing on shared objects.
fn scaling<F: Format>(ours: Ours<F>) -> [Shared; 2] {
    let Ours { issuer, verifier, claims, token, .. } = ours;
    let verify = move || assert!(black_box(verifier.verify_now(black_box(&token))).is_ok(), "refused");
    let issue = move || assert!(black_box(issuer.issue(black_box(&claims))).is_ok(), "not issued");
    [often(verify), often(issue)]
}

/// A few milliseconds of it.
fn often(work: impl Fn() + Send + Sync + 'static) -> Shared {
    Box::new(move || (0..OPERATIONS).for_each(|_| work()))
}

/// How much more two threads do than one in the same time: the median over rounds.
fn threads(plan: Plan, work: &(dyn Fn() + Sync)) -> f64 {
    together(2, work);
    median((0..plan.rounds).map(|_| 2.0 * together(1, work).as_secs_f64() / together(2, work).as_secs_f64()))
}

/// Does the work once on each of so many threads at the same time, and says how long they took on average.
fn together(count: u32, work: &(dyn Fn() + Sync)) -> Duration {
    let barrier = Barrier::new(count as usize);
    let timed = || {
        barrier.wait();
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let total: Duration = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(timed)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_default()).sum()
    });
    total / count
}

fn million() -> Outcome<Revocations> {
    Ok(block_on(Revocations::open(Million))??)
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> Outcome<T> {
    Ok(tokio::runtime::Builder::new_current_thread().build()?.block_on(future))
}

/// A log that already holds a million token ids; read once, because a million revocations one by one would take minutes.
#[derive(Debug)]
struct Million;

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

impl RevocationStore for Million {
    fn name(&self) -> &'static str {
        "a log of a million entries"
    }

    fn is_authoritative(&self) -> bool {
        true
    }

    fn read<'a>(&'a self, _: &'a Cursor) -> Answer<'a, Batch> {
        let entry = |number: u64| {
            let position = Position::new(number + 1)?;
            Some(Entry::new(Target::token(Some(ISSUER), &format!("{number:022}")), Entry::FOREVER, position))
        };
        let entries = (0..ENTRIES).filter_map(entry).collect();
        let complete_to = Position::new(ENTRIES).unwrap_or(Position::ZERO);
        Box::pin(async move { Ok(Batch::new("million", entries, complete_to, Duration::MAX)) })
    }

    fn append<'a>(&'a self, _: &'a NewEntry, _: Timestamp) -> Answer<'a, Entry> {
        Box::pin(async { Err(StoreError::NotApplied { store: "a log of a million entries", reason: "it is only read".to_owned() }) })
    }

    fn raise_horizon(&self, _: Duration) -> Answer<'_, Duration> {
        Box::pin(async { Ok(Duration::MAX) })
    }

    fn prune(&self, _: Timestamp) -> Answer<'_, u64> {
        Box::pin(async { Ok(0) })
    }
}

pub const CHECK_1: &str = "revocation check, 1 thread";
pub const CHECK_2: &str = "revocation check, 2 threads";
pub const GARBAGE: &str = "400 KB of garbage";
pub const DOTS: &str = "a million dots";
const ENTRIES: u64 = 1_000_000;
const TOKENS: u32 = 1_024;
/// About two milliseconds.
const OPERATIONS: u32 = 1_500;
