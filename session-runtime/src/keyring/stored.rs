//! Between a stored ring and prepared keys: wrapping, unwrapping, and the checks of every key that is loaded.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{
    record::{KeyRecord, StoredRing},
    source::{Material, RingKey, Snapshot},
    state::{KeyTimes, Rules},
    wrap::KeyWrap,
};
use crate::{
    crypto::{OpeningHalf, SealingHalf},
    error::{KeyError, KeyRule, StoreError},
    format::{Format, encode},
    ids::KeyId,
    time::Timestamp,
};

/// What a private half is bound to in the store, so that it cannot be moved to another record.
fn context(ring: &str, format: &str, epoch: u64, key_id: Option<&str>) -> Vec<u8> {
    serde_json::json!(["session-runtime key", ring, format, epoch, key_id]).to_string().into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    encode(bytes, &mut text);
    text
}

/// The ring as it is stored, private halves wrapped.
pub(super) async fn form<F: Format>(snapshot: &Snapshot<F>, ring: &str, wrap: &dyn KeyWrap) -> Result<StoredRing, KeyError> {
    let mut keys = Vec::with_capacity(snapshot.keys.len());
    for key in &snapshot.keys {
        let mut record = KeyRecord::new(key.epoch, key.id.as_ref(), &key.times, key.generated);
        if let (false, Some(opening)) = (F::SYMMETRIC, &key.material.opening) {
            record.public = Some(base64(&opening.to_stored()));
        }
        if let Some(sealing) = &key.material.sealing {
            let context = context(ring, F::NAME, key.epoch, record.key_id.as_deref());
            record.private = Some(base64(&wrap.wrap(&context, &sealing.to_stored()).await?));
        }
        keys.push(record);
    }
    let Rules { timing, max_ttl } = snapshot.rules;
    Ok(StoredRing { version: snapshot.version, max_ttl: max_ttl.as_secs(), timing, keys })
}

/// Counts the private halves of a stored ring, all of which the present key-encryption key opens, and opens to what is known of them.
pub(super) async fn check<F: Format>(stored: &StoredRing, known: &Snapshot<F>, ring: &str, wrap: &dyn KeyWrap) -> Result<usize, KeyError> {
    let mut counted = 0_usize;
    for record in &stored.keys {
        let Some(private) = &record.private else { continue };
        let id = record.id()?;
        let wrapped = unbase64(private).ok_or(KeyError::Refused { key_id: id.clone(), rule: KeyRule::Unreadable("base64url") })?;
        let context = context(ring, F::NAME, record.epoch, record.key_id.as_deref());
        let plain = wrap.unwrap_with_present(&context, &wrapped).await?;
        let key = known.keys.iter().find(|key| key.epoch == record.epoch && key.id == id);
        let known = key.and_then(|key| key.material.sealing.as_ref()).map(SealingHalf::to_stored);
        // One that somebody else made meanwhile is known to nobody here.
        if plain.is_none_or(|plain| known.is_some_and(|known| *known != *plain)) {
            return Err(KeyError::CannotUnwrap(id.unwrap_or_else(unnamed)));
        }
        counted = counted.saturating_add(1);
    }
    Ok(counted)
}

/// Prepares every key of a stored ring, taking over those that are prepared already.
pub(super) async fn prepare<F: Format>(
    stored: &StoredRing,
    ring: &str,
    wrap: &dyn KeyWrap,
    before: Option<&Snapshot<F>>,
    same_version: bool,
) -> Result<Snapshot<F>, KeyError> {
    // A ring always has the key that signs; and one without keys would refuse every token as unknown.
    if stored.keys.is_empty() {
        return Err(StoreError::Unreadable { store: "the key store", reason: "the ring has no key".to_owned() }.into());
    }
    let mut keys: Vec<RingKey<F>> = Vec::with_capacity(stored.keys.len());
    for record in &stored.keys {
        let id = record.id()?;
        if id.is_some() && keys.iter().any(|key| key.id == id) {
            return Err(id.map_or(KeyError::NoRandomness, KeyError::DuplicateKeyId));
        }
        let known = before.and_then(|before| before.keys.iter().find(|key| key.epoch == record.epoch && key.id == id));
        // Of two copies the one that knows of a compromise wins, whatever their versions.
        if !same_version && known.is_some_and(|known| known.times.compromised_at.is_some()) && record.compromised_at.is_none() {
            return Err(went_back());
        }
        let material = match (&record.private, known) {
            (Some(_), Some(known)) if known.material.sealing.is_some() => Arc::clone(&known.material),
            (Some(private), _) => {
                let refused = |rule| KeyError::Refused { key_id: id.clone(), rule };
                let wrapped = unbase64(private).ok_or_else(|| refused(KeyRule::Unreadable("base64url")))?;
                let context = context(ring, F::NAME, record.epoch, record.key_id.as_deref());
                let plain = wrap.unwrap(&context, &wrapped).await?;
                let plain = plain.ok_or_else(|| KeyError::CannotUnwrap(id.clone().unwrap_or_else(unnamed)))?;
                let sealing = F::Sealing::from_stored(&plain).map_err(refused)?;
                let opening = sealing.opening();
                Arc::new(Material { sealing: Some(sealing), opening: Some(opening) })
            }
            // A symmetric key whose secret was destroyed opens nothing, and its record stays to say so.
            (None, _) => Arc::new(Material { sealing: None, opening: public_half::<F>(record)? }),
        };
        let times = match known {
            Some(known) if same_version => merge(&known.times, &record.times()),
            _ => record.times(),
        };
        keys.push(RingKey { id, epoch: record.epoch, times, generated: record.generated, material });
    }
    Ok(Snapshot { keys, rules: stored.rules(), version: stored.version })
}

/// Whether a stored ring says nothing that is not known.
pub(super) fn is_known<F: Format>(stored: &StoredRing, known: &Snapshot<F>) -> bool {
    let same = |(record, key): (&KeyRecord, &RingKey<F>)| {
        (record.epoch, record.key_id.as_deref(), record.times()) == (key.epoch, key.id.as_ref().map(KeyId::as_str), key.times)
    };
    stored.rules() == known.rules && stored.keys.len() == known.keys.len() && stored.keys.iter().zip(&known.keys).all(same)
}

/// Two copies of one key in rings of one version, which a store that lost a write can leave behind: the one that lets it do less wins, so
/// that nothing that was taken back comes to life again.
fn merge(one: &KeyTimes, other: &KeyTimes) -> KeyTimes {
    let earlier = |one: Option<Timestamp>, other: Option<Timestamp>| one.into_iter().chain(other).min();
    KeyTimes {
        created_at: one.created_at.min(other.created_at),
        activate_at: one.activate_at.max(other.activate_at),
        retire_at: earlier(one.retire_at, other.retire_at),
        expire_at: earlier(one.expire_at, other.expire_at),
        compromised_at: earlier(one.compromised_at, other.compromised_at),
        suspended: one.suspended || other.suspended,
    }
}

/// The public half of a record; `None` when it has none.
pub(super) fn public_half<F: Format>(record: &KeyRecord) -> Result<Option<F::Opening>, KeyError> {
    let Some(public) = &record.public else { return Ok(None) };
    let refused = |rule| KeyError::Refused { key_id: record.key_id.as_deref().and_then(KeyId::new), rule };
    let bytes = unbase64(public).ok_or_else(|| refused(KeyRule::Unreadable("base64url")))?;
    F::Opening::from_stored(&bytes).map(Some).map_err(refused)
}

fn unbase64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Vec::new();
    crate::format::decode(text, &mut bytes).ok()?;
    Some(Zeroizing::new(bytes))
}

/// Stands for the name of an unnamed key in errors.
fn unnamed() -> KeyId {
    KeyId::literal("(unnamed)")
}

/// A ring that was there and is not: somebody swapped or emptied the store. It is no empty ring, which would get a new key.
pub(super) fn vanished() -> KeyError {
    StoreError::Unreadable { store: "the key store", reason: "a ring that was there is gone".to_owned() }.into()
}

pub(super) fn went_back() -> KeyError {
    StoreError::Unreadable { store: "the key store", reason: "it was put back to an older state".to_owned() }.into()
}
