//! One service that issues and three that verify, each a process of its own, over one revocation log: Redis where there is one, otherwise a
//! file of SQLite. A person logs people in and out, and watches how long it takes until all three refuse.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that shows things")]
#![allow(clippy::arithmetic_side_effects, reason = "small counts")]

mod desk;
mod service;
mod watchers;

use std::{
    env,
    error::Error,
    io::{IsTerminal, Write},
};

use clap::{Parser, Subcommand};
use desk::Desk;
use session_runtime::{
    Claims, Issuer, KeyRing, Revocations,
    jwt::{EdDsa, Jwt},
    revocation::{RedisRevocations, SqliteRevocations},
};
use tokio::io::{AsyncBufReadExt, BufReader};
use watchers::Watchers;

/// What every service agrees on.
#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "shop", ttl = "15m", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
    /// One login on one device; "log out here" ends it.
    #[claim(sid)]
    session: String,
}

#[derive(Debug, Parser)]
#[command(name = "revocation")]
struct Arguments {
    /// The address of a Redis; `REDIS_URL` unless it is said. Without either, a file of SQLite in a temporary folder.
    #[arg(long)]
    redis: Option<String>,
    /// Only the demonstration, and no prompt after it.
    #[arg(long)]
    demo: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// One of the three that verify; started by the first one.
    #[command(hide = true)]
    Verify { log: String, keys: String },
}

const PROMPT: &str = "login USER DEVICE | revoke N | end N | logout USER | all | list | quit";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if let Some(Part::Verify { log, keys }) = &arguments.part {
        return service::run(log, keys).await;
    }
    let folder = tempfile::tempdir()?;
    let redis = arguments.redis.or_else(|| env::var("REDIS_URL").ok());
    let log = redis.unwrap_or_else(|| folder.path().join("revocations.db").display().to_string());

    let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
    let revocations = open(&log).await?;
    let issuer = Issuer::<Access, _>::new(&ring)?.with_revocations(&revocations).await?;
    let watchers = Watchers::start(&log, &ring.jwks().to_string()).await?;
    let what = if log.starts_with("redis") { "Redis" } else { "a file of SQLite" };
    println!("One service issues and three verify, over a revocation log in {what}.\n");
    let mut desk = Desk::new(issuer, revocations, watchers);
    for line in [
        "login ada phone",
        "login ada laptop",
        "login grace desk",
        "revoke 1",
        "end 2",
        "login ada tablet",
        "logout ada",
        "login ada phone",
    ] {
        println!("> {line}");
        desk.run(line).await?;
    }
    if arguments.demo || !std::io::stdin().is_terminal() {
        return Ok(());
    }
    println!("\nYour turn: {PROMPT}");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        print!("> ");
        std::io::stdout().flush()?;
        let Some(line) = lines.next_line().await?.filter(|line| line.trim() != "quit") else { break };
        if let Err(mistake) = desk.run(&line).await {
            println!("  {mistake}; {PROMPT}");
        }
    }
    Ok(())
}

/// The log, looked after from now on.
async fn open(log: &str) -> Result<Revocations, Box<dyn Error>> {
    Ok(if log.starts_with("redis") {
        Revocations::open(RedisRevocations::connect(log).await?).await?
    } else {
        Revocations::open(SqliteRevocations::open_shared(log).await?).await?
    })
}
