//! What issuing and verifying allocate, counted: a verifier only what the struct owns, a borrowing one and a refusal nothing.
//!
//! One test in a program of its own, since the counter sees every thread.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, reason = "test code, where a panic is how a test fails")]

use std::{
    alloc::System,
    pin::pin,
    task::{Context, Poll, Waker},
};

use axum::http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use session_runtime::{
    Buffer, Claims, Format, Issuer, KeyRing, Verifier,
    http::{Answer, Anyone, authenticate, bearer},
    jwt::{Hs256, Jwt},
    paseto::V4Local,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
struct Owned {
    #[claim(sub)]
    user: String,
    tenant: String,
    seats: u32,
}

#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
struct Borrowed<'a> {
    #[claim(sub)]
    user: &'a str,
    tenant: &'a str,
    seats: u32,
}

/// Allocations of one run, after others that may have made buffers that stay.
fn count(mut run: impl FnMut()) -> usize {
    for _ in 0..100 {
        run();
    }
    let region = Region::new(ALLOCATOR);
    for _ in 0..10 {
        run();
    }
    let change = region.change();
    (change.allocations + change.reallocations) / 10
}

fn check<F: Format>() {
    let ring = KeyRing::<F>::generate().unwrap();
    let issuer = Issuer::<Owned, F>::new(&ring).unwrap();
    let claims = Owned { user: "ada".to_owned(), tenant: "acme".to_owned(), seats: 3 };
    let token = issuer.issue(&claims).unwrap().token;
    assert_eq!(count(|| drop(issuer.issue(&claims).unwrap())), 1, "{}: the token", F::NAME);

    let owned = Verifier::<Owned>::new(&ring).unwrap();
    assert_eq!(count(|| drop(owned.verify_now(&token).unwrap())), 2, "{}: its two strings", F::NAME);
    let borrowed = Verifier::<Borrowed<'_>>::new(&ring).unwrap();
    let mut buffer = Buffer::default();
    assert_eq!(count(|| drop(borrowed.verify_now_in(&token, &mut buffer).unwrap())), 0, "{}: nothing", F::NAME);

    // A server may hand over 400 KiB of header.
    for garbage in ["a".repeat(400 << 10), ".".repeat(1_000_000), format!("{token}{}", "A".repeat(9_000)), token.replace('.', "")] {
        assert_eq!(count(|| drop(owned.verify_now(&garbage).unwrap_err())), 0, "{}: refusing {} bytes", F::NAME, garbage.len());
    }
}

/// What a header costs: nothing to read, and nothing to refuse but the answer itself.
fn check_headers() {
    let ring = KeyRing::<Jwt<Hs256>>::generate().unwrap();
    let verifier = Verifier::<Owned>::new(&ring).unwrap();
    let claims = Owned { user: "ada".to_owned(), tenant: "acme".to_owned(), seats: 3 };
    let token = Issuer::<Owned, _>::new(&ring).unwrap().issue(&claims).unwrap().token;
    let headers = |value: String| HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::try_from(value).unwrap())]);
    let good = headers(format!("Bearer {token}"));
    assert_eq!(count(|| assert!(bearer(&good, verifier.max_length()).unwrap().is_some())), 0, "reading");

    let mut twice = good.clone();
    twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
    let dots = ".".repeat(400_000);
    let refused =
        [twice, headers(dots.clone()), headers(format!("Bearer {dots}")), headers(format!("Bearer {token}x")), headers("Bearer".into())];
    let answer = count(|| drop(Answer::InvalidToken.response::<String>()));
    for headers in refused {
        let refuse = || {
            // Nothing is waited for, so the first poll is the last.
            let mut future = pin!(authenticate::<_, Anyone>(&verifier, &headers));
            let Poll::Ready(Err(refusal)) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { panic!("let in") };
            refusal
        };
        assert_eq!(count(|| drop(refuse())), 0, "refusing");
        assert_eq!(count(|| drop(refuse().answer().response::<String>())), answer, "the answer");
    }
}

#[test]
fn what_is_allocated() {
    check_headers();
    check::<Jwt<Hs256>>();
    check::<V4Local>();
}
