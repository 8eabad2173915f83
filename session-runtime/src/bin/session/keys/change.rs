//! `session keys rotate`, `suspend`, `resume`, `compromise` and `prune`: the library's own steps, done to the store or to a copy of it.

use clap::Args;
use serde_json::{Value, json};
use session_runtime::{Clock, KeyId, SystemClock, keyring::Maintained};

use super::ring::{Ring, Target};
use crate::{
    confirm::Yes,
    failure::{Exit, Failure, Outcome},
    moment::{At, relative},
    output::{BOLD, WARN, plain, print, print_json, styled, with},
    revoke::{Writing, open, store},
    store::Mode,
};

/// A ring that is changed.
#[derive(Debug, Args)]
pub(crate) struct Changed {
    #[command(flatten)]
    target: Target,
    /// Does everything to a copy of the ring, which is forgotten, and says what came of it
    #[arg(long)]
    dry_run: bool,
}

impl Changed {
    async fn ring(&self) -> Outcome<Box<dyn Ring>> {
        self.target.one(if self.dry_run { Mode::DryRun } else { Mode::Change }).await
    }

    fn tell(&self, json: bool, ring: &dyn Ring, words: &str, value: Value) -> Outcome {
        if json {
            print_json(&with(value, [("ring", ring.name().into()), ("format", ring.format().into()), ("dry_run", self.dry_run.into())]))?;
        } else {
            let dry =
                if self.dry_run { format!("{} nothing was changed; with a real run:\n", styled(WARN, "dry run:")) } else { String::new() };
            print(&format!("{dry}{}  {}: {words}\n", styled(BOLD, &plain(ring.name())), ring.format()))?;
        }
        Ok(Exit::Done)
    }
}

/// Lets the next key sign in place of the one that signs now
///
/// There is never a moment without a key that signs, and tokens under the old one stay good until they expire. Services of several nodes
/// learn of it when they read the ring.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    changed: Changed,
    #[command(flatten)]
    yes: Yes,
}

impl Rotate {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        let ring = self.changed.ring().await?;
        let now = SystemClock.wall();
        let before: Vec<Option<KeyId>> = ring.keys().into_iter().map(|key| key.id).collect();
        let signer = ring.signing_key();
        let planned = ring.keys().into_iter().find(|key| key.id.is_some() && key.id == signer).and_then(|key| key.retire_at);
        if let (Some(at), false) = (planned.filter(|at| *at > now), self.changed.dry_run) {
            let when = relative(at, now);
            self.yes.confirm(&format!("the key that signs would have retired by itself {when}; rotating early cannot be taken back"))?;
        }
        let rotated = ring.rotate().await?;
        // The key that a dry run has made is not the one that a real run will make.
        let is_new = !before.contains(&Some(rotated.key_id.clone()));
        let id = if is_new && self.changed.dry_run { "a new key".to_owned() } else { format!("key {}", plain(rotated.key_id.as_str())) };
        let from = if rotated.active_from > now {
            format!("from {}, {}", rotated.active_from, relative(rotated.active_from, now))
        } else {
            "from now on".to_owned()
        };
        let key_id = (!(is_new && self.changed.dry_run)).then(|| rotated.key_id.as_str());
        let value = json!({ "key_id": key_id, "new_key": is_new, "active_from": rotated.active_from.to_string() });
        self.changed.tell(json, &*ring, &format!("{id} signs {from}"), value)
    }
}

/// Sets a key aside for as long as nobody knows whether it is in other hands
///
/// It neither signs nor verifies, and services answer that they cannot tell now, so that clients keep their tokens. `session keys resume`
/// takes it back.
#[derive(Debug, Args)]
pub(crate) struct Suspend {
    /// The id of the key
    #[arg(value_name = "KEY_ID", allow_hyphen_values = true)]
    key_id: String,
    #[command(flatten)]
    changed: Changed,
}

impl Suspend {
    pub(crate) async fn run(self, json: bool, suspended: bool) -> Outcome {
        let key_id = key_id(&self.key_id)?;
        let ring = self.changed.ring().await?;
        ring.suspend(&key_id, suspended).await?;
        let state = ring.keys().into_iter().find(|key| key.id.as_ref() == Some(&key_id)).map(|key| key.state.to_string());
        let words = format!("key {} is {}", plain(&self.key_id), state.as_deref().unwrap_or("gone"));
        self.changed.tell(json, &*ring, &words, json!({ "key_id": self.key_id, "state": state }))
    }
}

/// Takes a key that is in other hands out of use, for ever
///
/// Every token under it is refused, its private half is destroyed, and the next key signs. With `--revocations` services hear of it within
/// seconds; without, when they read the ring.
#[derive(Debug, Args)]
pub(crate) struct Compromise {
    /// The id of the key
    #[arg(value_name = "KEY_ID", allow_hyphen_values = true)]
    key_id: String,
    #[command(flatten)]
    changed: Changed,
    /// The revocation log of the services, which is told first: `sqlite:PATH`, `postgres://…` or `redis://…`, or `@FILE`
    #[arg(long, value_name = "STORE")]
    revocations: Option<String>,
    /// Takes out the successor too, as when the whole store was read
    #[arg(long)]
    with_successor: bool,
    #[command(flatten)]
    yes: Yes,
}

impl Compromise {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        let key_id = key_id(&self.key_id)?;
        let ring = self.changed.ring().await?;
        if !ring.keys().iter().any(|key| key.id.as_ref() == Some(&key_id)) {
            return Err(session_runtime::error::KeyError::NoSuchKey(key_id).into());
        }
        let is_real = !self.changed.dry_run;
        if is_real {
            let what = format!(
                "every token under the key {} is refused from now on and its private half is destroyed, for ever",
                plain(&self.key_id)
            );
            self.yes.confirm(&what)?;
        }
        let (distrusted, successor) = match self.revocations.as_deref().filter(|_| is_real) {
            Some(address) => {
                let log = store(address, self.changed.target.store.dangerous_without_tls).await?;
                let log = open(log, Writing::Entries, At { at: None }).await?;
                let removed = ring.remove(&log, &key_id, self.with_successor).await?;
                (removed.distrusted, removed.signing_key)
            }
            None => {
                let done = ring.compromise(&key_id, self.with_successor).await?;
                (done.distrusted, ring.signing_key())
            }
        };
        let texts: Vec<&str> = distrusted.iter().map(KeyId::as_str).collect();
        let shown = |id: &Option<KeyId>| match id {
            // The key that a dry run has made is not the one that a real run will make.
            Some(_) if !is_real => "another key".to_owned(),
            Some(id) => format!("key {}", plain(id.as_str())),
            None => "no key".to_owned(),
        };
        let mut words = format!("key {} is compromised; {} signs now", plain(&self.key_id), shown(&successor));
        if !texts.is_empty() {
            words.push_str(&format!("; taken out with it: {}", plain(&texts.join(", "))));
        }
        if self.revocations.is_none() {
            words.push_str("\n  services hear of it when they read the ring; give `--revocations STORE` if they have a log");
        }
        let log = self.revocations.is_some() && is_real;
        let signing_key = successor.as_ref().filter(|_| is_real).map(KeyId::as_str);
        let value = json!({ "key_id": self.key_id, "distrusted": texts, "signing_key": signing_key, "in_revocation_log": log });
        self.changed.tell(json, &*ring, &words, value)
    }
}

/// Does what is due: makes the next key, destroys private halves and removes records that are of no more use
///
/// A service that looks after its ring does it by itself.
#[derive(Debug, Args)]
pub(crate) struct Prune {
    #[command(flatten)]
    changed: Changed,
    #[command(flatten)]
    yes: Yes,
}

impl Prune {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        // What would be done is found out on a copy first, so that the question says it.
        let copy = self.changed.target.one(Mode::DryRun).await?;
        let due = copy.maintain().await?;
        let lost = due.destroyed.len().saturating_add(due.pruned.len());
        if self.changed.dry_run || (lost == 0 && due.created.is_empty()) {
            return self.changed.tell(json, &*copy, &words(&due, self.changed.dry_run), to_json(&due, self.changed.dry_run));
        }
        if lost > 0 {
            self.yes.confirm(&format!("this cannot be taken back: {}", words(&due, true)))?;
        }
        drop(copy);
        let ring = self.changed.ring().await?;
        let done = ring.maintain().await?;
        self.changed.tell(json, &*ring, &words(&done, false), to_json(&done, false))
    }
}

fn words(done: &Maintained, dry_run: bool) -> String {
    let names = |ids: &[KeyId]| plain(&ids.iter().map(KeyId::as_str).collect::<Vec<_>>().join(", "));
    let mut words = Vec::new();
    if !done.created.is_empty() {
        words.push(if dry_run { format!("{} made", count(done.created.len())) } else { format!("made: {}", names(&done.created)) });
    }
    if !done.destroyed.is_empty() {
        words.push(format!("private half destroyed: {}", names(&done.destroyed)));
    }
    if !done.pruned.is_empty() {
        words.push(format!("removed: {}", names(&done.pruned)));
    }
    if words.is_empty() {
        words.push("nothing is due".to_owned());
    }
    if let Some(at) = done.next_due {
        words.push(format!("next due at {at}"));
    }
    words.join("; ")
}

fn count(keys: usize) -> String {
    if keys == 1 { "one key".to_owned() } else { format!("{keys} keys") }
}

fn to_json(done: &Maintained, dry_run: bool) -> Value {
    let names = |ids: &[KeyId]| ids.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
    let created = if dry_run { Vec::new() } else { names(&done.created) };
    json!({ "created_keys": done.created.len(), "created": created, "destroyed": names(&done.destroyed), "pruned": names(&done.pruned),
        "next_due": done.next_due.map(|at| at.to_string()) })
}

/// The id of a key, as a list shows it.
pub(crate) fn key_id(text: &str) -> Outcome<KeyId> {
    KeyId::new(text).ok_or_else(|| Failure::usage("a key id has 1 to 256 bytes").help("`session keys list` shows the ids of the ring"))
}
