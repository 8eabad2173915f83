//! `session revocations`: what stands in the revocation log, and how well it can be read from here.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use session_runtime::{
    Clock, SystemClock,
    revocation::{Cursor, Entry, RevocationHealth, Target},
};

use super::{LogArgs, Writing, open, store};
use crate::{
    failure::{Exit, Outcome},
    moment::{At, relative},
    output::{BAD, BOLD, GOOD, WARN, columns, plain, print, print_json, print_more, styled},
};

/// Looks into the revocation log
#[derive(Debug, Args)]
pub(crate) struct Log {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists what is revoked
    ///
    /// Of an entry that its store had lost and a node has told again, only a digest is known; it is shown as such.
    List(LogArgs),
    /// Says how well this machine knows the log: how long a reading takes, how far the clocks differ
    Lag(LogArgs),
}

impl Log {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        match self.command {
            Command::List(log) => list(&log, json).await,
            Command::Lag(log) => lag(&log, json).await,
        }
    }
}

async fn list(log: &LogArgs, json: bool) -> Outcome {
    let store = store(&log.store, log.dangerous_without_tls).await?;
    let now = SystemClock.wall();
    let (mut cursor, mut all, mut count) = (Cursor::START, Vec::new(), 0_usize);
    loop {
        let batch = store.read(&cursor).await?;
        count = count.saturating_add(batch.entries.len());
        if json {
            all.extend(batch.entries.iter().map(entry_json));
        } else {
            // Page by page, since a log may hold a million entries and somebody may read only the first.
            let rows: Vec<Vec<String>> = batch.entries.iter().map(|entry| row(entry, now)).collect();
            if !print_more(&columns(&rows))? {
                return Ok(Exit::Done);
            }
        }
        match batch.more {
            Some(more) => cursor = more,
            None => break,
        }
    }
    if json {
        print_json(&Value::Array(all))?;
    } else if count == 0 {
        print("nothing is revoked\n")?;
    }
    Ok(Exit::Done)
}

fn row(entry: &Entry, now: session_runtime::Timestamp) -> Vec<String> {
    let target = &entry.target;
    let until = if entry.not_after == Entry::FOREVER {
        "kept for ever".to_owned()
    } else {
        format!("kept until {}, {}", entry.not_after, relative(entry.not_after, now))
    };
    vec![styled(BOLD, target.kind().as_str()), name(target), owner(target), until, format!("at {}", entry.position.as_u64())]
}

fn name(target: &Target) -> String {
    match (target.is_digest(), target.name()) {
        (true, digest) => format!("digest {}", plain(digest)),
        (false, "") => "-".to_owned(),
        (false, name) => format!("`{}`", plain(name)),
    }
}

/// Whose it is. With a digest stands the key of the digests, which says nothing to anybody.
fn owner(target: &Target) -> String {
    match (target.is_digest(), target.issuer()) {
        (true, _) => "of an issuer that is not known any more".to_owned(),
        (false, "") => "-".to_owned(),
        (false, issuer) => format!("of `{}`", plain(issuer)),
    }
}

fn entry_json(entry: &Entry) -> Value {
    let target = &entry.target;
    let text = |text: &str| (!target.is_digest() && !text.is_empty()).then(|| text.to_owned());
    json!({
        "kind": target.kind().as_str(),
        "issuer": text(target.issuer()),
        "name": text(target.name()),
        "digest": target.is_digest().then(|| target.name()),
        "kept_until": (entry.not_after != Entry::FOREVER).then(|| entry.not_after.to_string()),
        "position": entry.position.as_u64(),
        "covers_below": entry.covers_below.as_u64(),
    })
}

async fn lag(args: &LogArgs, json: bool) -> Outcome {
    let asked_at = SystemClock.boot();
    let log = open(store(&args.store, args.dangerous_without_tls).await?, Writing::Never, At { at: None }).await?;
    let opened_in = SystemClock.boot().saturating_sub(asked_at);
    let asked_at = SystemClock.boot();
    log.refresh().await?;
    let read_in = SystemClock.boot().saturating_sub(asked_at);
    let health = log.health();
    if json {
        print_json(&json!({
            "ready": health.is_ready(),
            "degraded": health.is_degraded(),
            "entries": health.entries,
            "generation": log.generation(),
            "lag_ms": u64::try_from(health.age.as_millis()).unwrap_or(u64::MAX),
            "max_staleness_ms": u64::try_from(health.max_staleness.as_millis()).unwrap_or(u64::MAX),
            "read_whole_in_ms": u64::try_from(opened_in.as_millis()).unwrap_or(u64::MAX),
            "read_news_in_ms": u64::try_from(read_in.as_millis()).unwrap_or(u64::MAX),
            "clock_ahead_seconds": health.skew,
            "recovering_seconds": health.recovering.as_secs(),
        }))?;
    } else {
        let rows = [
            ("log", verdict(&health)),
            ("entries", health.entries.to_string()),
            ("position", log.generation().to_string()),
            ("read whole in", format!("{} ms", opened_in.as_millis())),
            (
                "news read in",
                format!("{} ms; a node accepts nothing by knowledge older than {} s", read_in.as_millis(), health.max_staleness.as_secs()),
            ),
            (
                "clock",
                health.skew.map_or_else(|| "the store has none of its own".to_owned(), |skew| format!("{skew} s ahead of the store's")),
            ),
            (
                "recovering",
                if health.recovering.is_zero() { "no".to_owned() } else { format!("for another {} s", health.recovering.as_secs()) },
            ),
        ];
        let rows: Vec<Vec<String>> = rows.into_iter().map(|(name, value)| vec![styled(BOLD, name), value]).collect();
        print(&columns(&rows))?;
    }
    Ok(if health.is_ready() { Exit::Done } else { Exit::Store })
}

fn verdict(health: &RevocationHealth) -> String {
    match (health.is_ready(), health.is_degraded()) {
        (true, false) => styled(GOOD, "well known"),
        (true, true) => styled(WARN, "known, and somebody should look"),
        _ => styled(BAD, "not known well enough to verify with"),
    }
}
