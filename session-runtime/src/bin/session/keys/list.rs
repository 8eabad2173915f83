//! `session keys list` and `plan`: what a ring has, and what will happen to it.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use session_runtime::{
    Timestamp,
    keyring::{KeyInfo, KeyState, Timing},
};

use super::ring::{Ring, Target};
use crate::{
    failure::{Exit, Outcome},
    moment::{At, length, relative, span},
    output::{BAD, BOLD, DIM, GOOD, WARN, columns, plain, print, print_json, say, styled},
};

/// Lists the keys of a ring and what they may do
///
/// It needs no key-encryption key.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    at: At,
}

/// Shows what will happen to a ring if it is looked after and nobody interferes
#[derive(Debug, Args)]
pub(crate) struct PlanOf {
    #[command(flatten)]
    target: Target,
    /// How far to look ahead
    #[arg(long = "for", value_name = "TIME", value_parser = span, default_value = "90d")]
    ahead: Duration,
    #[command(flatten)]
    at: At,
}

impl List {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        let rings = self.target.look(self.at).await?;
        let now = self.at.now();
        if json {
            print_json(&rings.iter().map(|ring| to_json(&**ring)).collect())?;
        } else {
            let pages: Vec<String> = rings.iter().map(|ring| page(&**ring, now)).collect();
            print(&pages.join("\n"))?;
        }
        Ok(Exit::Done)
    }
}

impl PlanOf {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        let rings = self.target.look(self.at).await?;
        let until = self.at.now().saturating_add(self.ahead);
        if !self.target.wrap.is_given() {
            say("without `--kek-file` or `--plaintext-keys` it is not seen when private halves are destroyed\n");
        }
        let plans = rings.iter().map(|ring| (&**ring, ring.plan(until)));
        if json {
            let event = |event: &session_runtime::keyring::Event| json!({ "at": event.at.to_string(), "key": event.epoch, "key_id": event.key_id, "what": event.step.to_string() });
            let of = |(ring, plan): (&dyn Ring, session_runtime::keyring::Plan)| {
                json!({ "ring": ring.name(), "format": ring.format(), "until": until.to_string(),
                    "margin_seconds": plan.margin.map(|margin| margin.as_secs()), "events": plan.events.iter().map(event).collect::<Vec<_>>() })
            };
            print_json(&plans.map(of).collect())?;
        } else {
            let of = |(ring, plan): (&dyn Ring, session_runtime::keyring::Plan)| format!("{}\n{}\n", heading(ring), lines(&plan));
            print(&plans.map(of).collect::<Vec<_>>().join("\n"))?;
        }
        Ok(Exit::Done)
    }
}

/// A plan line by line; its key ids are words of whoever wrote the store.
fn lines(plan: &session_runtime::keyring::Plan) -> String {
    plan.to_string().lines().map(plain).collect::<Vec<_>>().join("\n")
}

pub(crate) fn heading(ring: &dyn Ring) -> String {
    let Timing { propagation, signing_life, .. } = ring.timing();
    let writers = if propagation.is_zero() {
        "one writer, whose keys sign at once".to_owned()
    } else {
        format!("several writers, keys are published {} before they sign", length(propagation))
    };
    let life = signing_life.map_or_else(|| "until somebody rotates".to_owned(), |life| format!("for {}", length(life)));
    format!(
        "{}  {}: tokens live at most {}; {writers}; a key signs {life}",
        styled(BOLD, &plain(ring.name())),
        ring.format(),
        length(ring.max_ttl())
    )
}

fn page(ring: &dyn Ring, now: Timestamp) -> String {
    let signer = ring.signing_key();
    let mut rows = vec![["  key", "id", "state", "signs from", "signs until", "verifies until"].map(|title| styled(DIM, title)).to_vec()];
    for key in ring.keys() {
        let time = |at: Option<Timestamp>| at.map_or_else(|| "open".to_owned(), |at| format!("{at}, {}", relative(at, now)));
        let id = key.id.as_ref().map_or_else(|| "(unnamed)".to_owned(), |id| plain(id.as_str()));
        let signs = key.id.is_some() && key.id == signer;
        let state = state(&key, signs);
        rows.push(vec![format!("  {}", key.epoch), id, state, time(Some(key.activate_at)), time(key.retire_at), time(key.expire_at)]);
    }
    format!("{}\n{}", heading(ring), columns(&rows))
}

fn state(key: &KeyInfo, signs: bool) -> String {
    let word = key.state.to_string();
    match key.state {
        _ if signs => styled(GOOD, &format!("{word}, signs")),
        KeyState::Compromised => styled(BAD, &word),
        KeyState::Suspended => styled(WARN, &word),
        KeyState::Retired => styled(DIM, &word),
        _ => word,
    }
}

fn to_json(ring: &dyn Ring) -> Value {
    let signer = ring.signing_key();
    let halves = ring.halves();
    let key = |key: KeyInfo| {
        let id = key.id.as_ref().map(|id| id.as_str().to_owned());
        let half = halves.iter().find(|half| half.key_id == id);
        json!({
            "key": key.epoch,
            "key_id": id,
            "state": key.state.to_string(),
            "signs_now": key.id.is_some() && key.id == signer,
            "created_at": key.created_at.to_string(),
            "signs_from": key.activate_at.to_string(),
            "signs_until": key.retire_at.map(|at| at.to_string()),
            "verifies_until": key.expire_at.map(|at| at.to_string()),
            "thumbprint": half.and_then(|half| half.thumbprint.clone()),
            "paserk_id": half.and_then(|half| half.paserk_id.clone()),
        })
    };
    json!({
        "ring": ring.name(),
        "format": ring.format(),
        "max_ttl_seconds": ring.max_ttl().as_secs(),
        "timing": ring.timing(),
        "signing_key": signer.as_ref().map(|id| id.as_str().to_owned()),
        "keys": ring.keys().into_iter().map(key).collect::<Vec<_>>(),
    })
}
