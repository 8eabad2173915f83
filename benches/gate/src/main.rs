//! `gate OPERATION TIMES`: does one operation so often, for callgrind to count. `cargo xtask gate` runs it.
//!
//! Keys, claims and the time are fixed. Token ids and nonces come from the system, as they always do; a system call counts for one
//! instruction, because callgrind does not see the kernel.
#![forbid(unsafe_code)]

use std::{error::Error, hint::black_box, process::ExitCode};

use session_runtime::{
    Claims, Format, Issuer, KeyId, KeyRing, Revocations, Timestamp, Verifier,
    jwt::{Hs256, Jwt},
    keyring::Key,
    paseto::V4Local,
    revocation::MemoryRevocations,
    testing::ManualClock,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;
type Operation = Box<dyn FnMut() -> Outcome>;

#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example.com/realms/production", audience = "https://orders.example.com", ttl = "15m", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    subject: String,
    #[claim(nbf)]
    not_before: Timestamp,
    roles: Vec<String>,
    tenant: String,
    email: String,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().ok_or("which operation?")?;
    let times: u32 = arguments.next().ok_or("how often?")?.parse()?;
    let mut operation = operation(&name)?;
    // Buffers that grow, lazily chosen code for this processor, the first batch of token ids.
    for _ in 0..WARM_UP {
        operation()?;
    }
    for _ in 0..times {
        counted_operation(&mut operation)?;
    }
    Ok(())
}

/// callgrind collects inside this function only, so it must keep its name and stay a function.
#[inline(never)]
fn counted_operation(operation: &mut Operation) -> Outcome {
    let outcome = operation();
    // Not a tail call: a jump would leave callgrind collecting in what comes after.
    black_box(outcome)
}

fn operation(name: &str) -> Outcome<Operation> {
    let hs256 = || Ok::<_, Box<dyn Error>>(Key::<Jwt<Hs256>>::from_secret(SECRET)?.with_id(KeyId::new(KEY_ID).ok_or("a key id")?));
    let v4_local = || Key::<V4Local>::from_paserk(PASERK);
    match name {
        "HS256 verify" => verify(hs256()?),
        "HS256 issue" => issue(hs256()?),
        "v4.local verify" => verify(v4_local()?),
        "v4.local issue" => issue(v4_local()?),
        "revocation check" => revocation(hs256()?),
        _ => Err("no such operation".into()),
    }
}

fn verify<F: Format>(key: Key<F>) -> Outcome<Operation> {
    let (issuer, verifier) = pair(key)?;
    let token = issuer.issue(&access())?.token;
    let payload = serde_json::to_vec(&json())?;
    Ok(Box::new(move || {
        if twice() {
            black_box(serde_json::from_slice::<serde_json::Value>(black_box(&payload))?);
        }
        black_box(verifier.verify_now(black_box(&token))?);
        Ok(())
    }))
}

fn issue<F: Format>(key: Key<F>) -> Outcome<Operation> {
    let (issuer, _) = pair(key)?;
    let (access, json) = (access(), json());
    Ok(Box::new(move || {
        if twice() {
            black_box(serde_json::to_vec(black_box(&json))?);
        }
        black_box(issuer.issue(black_box(&access))?);
        Ok(())
    }))
}

/// Verifies many tokens, each of which is looked up among the revoked ones. xtask counts what happens inside the check alone.
///
/// Many, because the keys of the set are random in every process, and one token alone may or may not meet a bit of its filter.
fn revocation(key: Key<Jwt<Hs256>>) -> Outcome<Operation> {
    let (issuer, verifier) = pair(key)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let (issuer, verifier, revocations) = runtime.block_on(async {
        // The system's boot clock cannot be read here: what rustix does to find it in the vDSO ends in a fault under valgrind 3.19.
        let clock = ManualClock::at(Timestamp::from_unix(NOW));
        let revocations = Revocations::open_with_clock(MemoryRevocations::new()?, clock).await?;
        for number in 0..REVOKED {
            revocations.revoke_token(Some(ISSUER), &format!("revoked-{number}"), None).await?;
        }
        let issuer = issuer.with_revocations(&revocations).await?;
        let verifier = verifier.with_revocations(&revocations).await?;
        Ok::<_, Box<dyn Error>>((issuer, verifier, revocations))
    })?;
    let tokens = (0..TOKENS).map(|_| Ok(issuer.issue(&access())?.token)).collect::<Outcome<Vec<String>>>()?;
    let mut next = tokens.into_iter().cycle();
    Ok(Box::new(move || {
        let token = next.next().ok_or("a token")?;
        black_box(verifier.verify_now(black_box(&token))?);
        if twice() {
            black_box(verifier.verify_now(black_box(&token))?);
        }
        black_box(&revocations);
        Ok(())
    }))
}

fn pair<F: Format>(key: Key<F>) -> Outcome<(Issuer<Access, F>, Verifier<Access>)> {
    let clock = ManualClock::at(Timestamp::from_unix(NOW));
    let ring = KeyRing::<F>::builder().import(key)?;
    let issuer = Issuer::builder().clock(clock.clone()).build(&ring)?;
    let verifier = Verifier::builder().clock(clock).accept(&ring).build()?;
    Ok((issuer, verifier))
}

fn access() -> Access {
    Access {
        subject: "5f2b7c1e-8a64-4d09-b3f7-2c9e1a0d6b48".to_owned(),
        not_before: Timestamp::from_unix(NOW),
        roles: ["orders:read", "orders:write", "reports:read"].map(str::to_owned).to_vec(),
        tenant: "acme-europe".to_owned(),
        email: "ada.lovelace@example.com".to_owned(),
    }
}

/// Whether the work on JSON is done twice, so that somebody can see the gate fail. It is asked in every run, so the answer costs the
/// same in both.
fn twice() -> bool {
    *TWICE
}

/// As much JSON as the claims are.
fn json() -> serde_json::Value {
    serde_json::json!({
        "sub": "5f2b7c1e-8a64-4d09-b3f7-2c9e1a0d6b48", "nbf": NOW, "roles": ["orders:read", "orders:write", "reports:read"],
        "tenant": "acme-europe", "email": "ada.lovelace@example.com", "iss": ISSUER, "aud": "https://orders.example.com",
        "iat": NOW, "exp": NOW + 900, "jti": "q6Zx0r3dQ1m8yJ2uW5vTbA",
    })
}

static TWICE: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| std::env::var_os("SESSION_GATE_TWICE").is_some());

const NOW: i64 = 1_893_456_000; // 2030-01-01
const ISSUER: &str = "https://id.example.com/realms/production";
/// As long as those that a ring makes.
const KEY_ID: &str = "Gq2YwJx0R8m5nVt1bK7c_A";
const SECRET: [u8; 32] =
    *b"\x8e\x1f\x42\xc3\x9a\x07\x5d\xb6\x2b\x70\xe4\x11\xfd\x38\x6c\x95\xa2\x03\xd8\x4f\x77\xbe\x19\x60\xcb\x54\x0d\x86\x3a\xf1\xe9\x27";
const PASERK: &str = "k4.local.jh9Cw5oHXbYrcOQR_ThslaID2E93vhlgy1QNhjrx6Sc";
/// More than the 32 token ids that are drawn at once.
const WARM_UP: u32 = 40;
/// Enough that the set has its large table.
const REVOKED: u32 = 4_000;
const TOKENS: u32 = 256;
