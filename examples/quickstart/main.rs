//! The quickstart: one struct, from login to "log out everywhere", as JWT and as PASETO, on files and SQLite.
//!
//! Read this file from top to bottom; `people.rs` reads the data file, `state.rs` keeps keys and revocations in a folder,
//! `forge.rs` plays the attacker, and `show.rs` prints, through `screen.rs`.
#![forbid(unsafe_code)]

mod failure;
mod forge;
mod people;
mod screen;
mod show;
mod state;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use serde::{Deserialize, Serialize};
use session_runtime::{Claims, Clock, Issuer, SystemClock, Verifier, testing::ManualClock};

use failure::Failure;
use people::Person;
use show::Show;
use state::{Kept, State};

/// What a token says about a person. Everything that this program does with tokens is derived from these lines.
#[derive(Claims, Debug, Clone, PartialEq)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: UserId,
    #[claim(rename = "org")]
    tenant: String,
    roles: Vec<Role>,
    #[claim(check = "Plan::is_live")]
    plan: Plan,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct UserId(String);

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Admin,
    Editor,
    Viewer,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Plan {
    Free,
    Team,
    Cancelled,
}

impl Plan {
    fn is_live(&self) -> Result<(), &'static str> {
        if *self == Self::Cancelled { Err("the plan was cancelled") } else { Ok(()) }
    }
}

/// Shows typed session claims at work: one struct as JWT and as PASETO, with key rotation and revocation.
#[derive(Debug, Parser)]
#[command(name = "quickstart", bin_name = "cargo run --example quickstart --", max_term_width = 100)]
#[command(after_help = "The first start goes through every step. Keys, revocations and three tokens stay in the folder,\n\
                        and the next start finds them again.\n\n\
                        Errors go to standard error, with what to do about them; the exit code is then 1.")]
struct Options {
    /// The people who log in [default: examples/quickstart/people.toml]
    #[arg(long, value_name = "FILE", default_value = PEOPLE, hide_default_value = true)]
    data: PathBuf,
    /// The folder that keeps keys and revocations
    #[arg(long, value_name = "DIR", default_value = state::DEFAULT)]
    state: PathBuf,
    /// Remove what was kept and start over
    #[arg(long)]
    reset: bool,
    /// Print one line of JSON per step, for a program to read
    #[arg(long)]
    json: bool,
}

/// Found from any folder.
const PEOPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/quickstart/people.toml");

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

async fn run(options: &Options) -> Result<(), Failure> {
    // All input is read and checked before anything is written or removed.
    let people = people::read(&options.data)?;
    if options.reset {
        state::remove(&options.state)?;
    }
    let state = State::open(&options.state).await?;
    let mut show = Show::new(options.json);

    // The way out and the way in. The verifier takes both formats, so that nobody is logged out when a service moves from one to
    // the other.
    let issuer = Issuer::<Access, _>::new(&state.jwt)?.with_revocations(&state.revocations).await?;
    let verifier = Verifier::<Access>::builder().accept(&state.jwt).accept(&state.local).build()?;
    let verifier = verifier.with_revocations(&state.revocations).await?;

    if !state.kept.is_empty() {
        let kept = state.kept.iter().map(|kept| (kept.about.as_str(), verifier.verify_now(&kept.token)));
        show.found_again(&state, kept.collect())?;
    }

    // Everybody logs in.
    let issued = people.iter().map(|person| issuer.issue(&person.access)).collect::<Result<Vec<_>, _>>()?;
    show.logins(&people, &issued)?;
    if !state.kept.is_empty() {
        return show.the_end(&state, false);
    }

    // Two people whose plan is live, and somebody whose plan is not.
    let mut live = people.iter().zip(&issued).filter(|(person, _)| person.access.plan.is_live().is_ok());
    let (Some((first, first_issued)), Some((second, second_issued))) = (live.next(), live.next()) else {
        return Err(people::too_few(&options.data));
    };
    let cancelled = people.iter().zip(&issued).find(|(person, _)| person.access.plan.is_live().is_err());

    show.token(first, first_issued)?;
    let cancelled = cancelled.map(|(person, issued)| (person, verifier.verify_now(&issued.token)));
    show.verified(&verifier.verify(&first_issued.token).await?, cancelled)?;

    let forged = forge::all(&first_issued.token);
    show.tampered(forged.iter().map(|forged| (forged.how, verifier.verify_now(&forged.token))).collect())?;

    // The same keys, seen with a clock that is moved by hand.
    let clock = ManualClock::at(SystemClock.wall());
    let moved = Verifier::<Access>::builder().accept(&state.jwt).clock(clock.clone()).build()?;
    let now = (clock.wall(), moved.verify(&first_issued.token).await);
    clock.advance(Duration::from_secs(60 * 60));
    show.expired([now, (clock.wall(), moved.verify(&first_issued.token).await)])?;

    // The same struct in another format: another ring, and nothing else changes.
    let encrypting = Issuer::<Access, _>::new(&state.local)?.with_revocations(&state.revocations).await?;
    let encrypted = encrypting.issue(&first.access)?;
    show.paseto(&encrypted, &verifier.verify(&encrypted.token).await?)?;

    // Another key signs from now on, and the one before it still verifies.
    let rotated = state.jwt.rotate().await?;
    let fresh = issuer.issue(&first.access)?;
    show.rotation(&rotated, &state.jwt, [verifier.verify(&first_issued.token).await, verifier.verify(&fresh.token).await])?;

    // One token is revoked; the same person's other one stays good.
    state.revocations.revoke(&verifier.verify(&fresh.token).await?).await?;
    show.revoked_one(first, [verifier.verify(&fresh.token).await, verifier.verify(&first_issued.token).await])?;

    // Everything of one person is revoked, in both formats; the next login is good again.
    let elsewhere = encrypting.issue(&second.access)?;
    state.revocations.revoke_subject(&verifier.verify(&second_issued.token).await?).await?;
    let again = issuer.issue(&second.access)?;
    let tokens = [&second_issued.token, &elsewhere.token, &again.token];
    show.logged_out(second, tokens.map(|token| verifier.verify_now(token)))?;

    state.keep(&[
        Kept::new(format!("{}'s, under the rotated-out key", first.name()), &first_issued.token),
        Kept::new(format!("{}'s, revoked", first.name()), &fresh.token),
        Kept::new(format!("{}'s, logged out everywhere", second.name()), &second_issued.token),
    ])?;
    show.the_end(&state, true)
}
