//! The scripts of the log in Redis: the keys that they touch and the arguments that they take.

use std::time::Duration;

use ::redis::{Script, ScriptInvocation};

use crate::{
    error::StoreError,
    limits,
    revocation::{Beginning, Cursor, Entry, Keep, NewEntry, Target},
    time::Timestamp,
};

use super::{NAME, answer::Note};

/// Entries in one answer of a read, or looked at in one step of pruning: so few that the server is kept from its other work for some
/// milliseconds only.
const PAGE: usize = 2_048;
/// How many of the newest entries are kept in their order. A node that misses more of them reads everything again.
const TAIL: usize = 65_536;
/// Seconds of a horizon without an end, as of a moment without one.
const FOREVER: i64 = i64::MAX;
/// The longest time for which nodes tell what they knew: above it a number is no longer exact in Lua.
const LONGEST_RECOVERY: u64 = 1 << 50;

/// The keys of one log and the channel of its hints. What stands in braces keeps them on one node of a cluster, and every script is
/// told each key that it touches.
#[derive(Clone)]
pub(super) struct Keys {
    log: String,
    tail: String,
    entries: String,
    pub(super) wake: String,
}

impl Keys {
    pub(super) fn of(name: &str) -> Self {
        let key = |part: &str| format!("{{session:revocations:{name}}}:{part}");
        Self { log: key("log"), tail: key("tail"), entries: key("entries"), wake: key("wake") }
    }

    fn call<'a>(&self, script: &'a Script) -> ScriptInvocation<'a> {
        let mut call = script.prepare_invoke();
        call.key(&self.log).key(&self.tail).key(&self.entries);
        call
    }
}

/// What the server is asked to run. It is sent once and then named by its digest.
pub(super) struct Scripts {
    read: Script,
    append: Script,
    restore: Script,
    raise: Script,
    prune: Script,
    begin: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        let script = |parts: &[&str]| Script::new(&parts.concat());
        let (who, begun, write) = (include_str!("who.lua"), include_str!("begun.lua"), include_str!("write.lua"));
        Self {
            read: script(&[who, begun, include_str!("read.lua")]),
            append: script(&[who, begun, write, include_str!("append.lua")]),
            restore: script(&[who, begun, write, include_str!("restore.lua")]),
            raise: script(&[who, begun, include_str!("raise.lua")]),
            prune: script(&[who, begun, include_str!("prune.lua")]),
            begin: script(&[who, include_str!("begin.lua")]),
        }
    }

    pub(super) fn read(&self, keys: &Keys, cursor: &Cursor) -> ScriptInvocation<'_> {
        let mut call = keys.call(&self.read);
        call.arg(cursor.position().as_u64()).arg(PAGE);
        if let Some(note) = cursor.page().and_then(Note::parse) {
            call.arg(note.epoch).arg(note.began.as_u64()).arg(note.scan);
        }
        call
    }

    pub(super) fn append(&self, keys: &Keys, entry: &NewEntry, now: Timestamp) -> Result<ScriptInvocation<'_>, StoreError> {
        // Only the script knows the horizon, and adds it to what is needed without one.
        let (until, kind) = match entry.keep {
            Keep::Horizon => (Keep::Horizon.not_after(now, Duration::ZERO), "horizon"),
            keep @ Keep::Until(_) => (keep.not_after(now, Duration::ZERO), "until"),
        };
        let mut call = keys.call(&self.append);
        call.arg(TAIL).arg(&keys.wake).arg(field(&entry.target)?).arg(until.as_unix()).arg(kind);
        Ok(call)
    }

    pub(super) fn restore(&self, keys: &Keys, entries: &[Entry]) -> Result<ScriptInvocation<'_>, StoreError> {
        let mut call = keys.call(&self.restore);
        call.arg(TAIL).arg(&keys.wake);
        for entry in entries {
            call.arg(field(&entry.target)?).arg(entry.not_after.as_unix()).arg(entry.covers_below.as_u64());
        }
        Ok(call)
    }

    pub(super) fn raise(&self, keys: &Keys, life: Duration) -> ScriptInvocation<'_> {
        let mut call = keys.call(&self.raise);
        call.arg(seconds(life));
        call
    }

    pub(super) fn prune(&self, keys: &Keys, now: Timestamp, scan: &str) -> ScriptInvocation<'_> {
        let mut call = keys.call(&self.prune);
        call.arg(now.as_unix()).arg(scan).arg(PAGE);
        call
    }

    pub(super) fn begin(&self, keys: &Keys, beginning: &Beginning) -> ScriptInvocation<'_> {
        let recovery = u64::try_from(beginning.recovery.as_millis()).unwrap_or(u64::MAX).min(LONGEST_RECOVERY);
        let digests = u128::from_be_bytes(beginning.digests.to_bytes());
        let mut call = keys.call(&self.begin);
        call.arg(beginning.above.as_u64())
            .arg(seconds(beginning.horizon.max(limits::MAX_TTL)))
            .arg(format!("{digests:032x}"))
            .arg(recovery)
            .arg(&*beginning.epoch)
            .arg(&keys.wake);
        call
    }
}

/// A target as the name of a field: an array of three texts in JSON, which no choice of texts can make equal to another, and which an
/// operator can read.
fn field(target: &Target) -> Result<String, StoreError> {
    serde_json::to_string(&(target.word(), target.issuer(), target.name()))
        .map_err(|_| StoreError::NotApplied { store: NAME, reason: "the target is no JSON".to_owned() })
}

/// Whole seconds. A fraction is rounded up, because the horizon is an upper bound.
fn seconds(life: Duration) -> i64 {
    let seconds = life.as_secs().saturating_add(u64::from(life.subsec_nanos() > 0));
    i64::try_from(seconds).unwrap_or(FOREVER)
}
