//! One ring bound to one claims type: its keys with the headers that they write for this type, and how a token finds its key.

use std::{fmt, mem, sync::Arc};

#[cfg(feature = "testing")]
use crate::keyring::{Material, signer};
use crate::{
    claims::{Role, TimeEncoding, policy::Window},
    error::{ClaimErrors, IssueError, KeyError, Malformed, Problem, Unavailable, VerifyError},
    format::{Binding, Envelope, Examined, Format, Head, OpenError, Parts, Scratch},
    ids::KeyId,
    keyring::{Absent, KeyState, RingKey, Snapshot, Source, elect},
    revocation::Presented,
    swap::{Guard, Prepared, Ready},
    time::Timestamp,
    token::Footer,
};

/// A ring, the issuers that it speaks for, and everything about a token that ring and type fix.
pub(super) struct Bound<F: Format> {
    source: Arc<Source<F>>,
    ring: Ring,
    binding: Binding,
    /// One envelope for every key of the snapshot.
    prepared: Prepared<Snapshot<F>, Vec<Envelope>>,
}

/// What is the same of every token that a ring opens.
pub(super) struct Ring {
    /// Its name.
    pub(super) name: Box<str>,
    /// In whose names its keys speak.
    pub(super) issuers: Arc<[Arc<str>]>,
}

impl<F: Format> Bound<F> {
    pub(super) fn new(source: Arc<Source<F>>, issuers: Arc<[Arc<str>]>, binding: Binding) -> Self {
        let prepared = Prepared::new(source.published(), |snapshot| envelopes(snapshot, &binding));
        let ring = Ring { name: source.name.as_str().into(), issuers };
        Self { source, ring, binding, prepared }
    }

    pub(super) fn with_assertion(&self, assertion: &[u8]) -> Self {
        let binding = Binding { assertion: assertion.into(), ..self.binding.clone() };
        Self::new(Arc::clone(&self.source), Arc::clone(&self.ring.issuers), binding)
    }

    /// The same ring, whose tokens have these members in their footer beside the key id.
    pub(super) fn with_footer(&self, members: Box<str>) -> Self {
        let binding = Binding { footer: Some(members), ..self.binding.clone() };
        Self::new(Arc::clone(&self.source), Arc::clone(&self.ring.issuers), binding)
    }

    /// The keys now, and what they write into a token.
    #[inline]
    fn keys(&self) -> Guard<Arc<Ready<Snapshot<F>, Vec<Envelope>>>> {
        self.prepared.load(self.source.published(), |snapshot| envelopes(snapshot, &self.binding))
    }

    /// Seals the payload in `scratch`, which says that it was issued at `issued_at`, with the key that is elected at `now`.
    pub(super) fn seal(&self, now: Timestamp, issued_at: Timestamp, scratch: &mut Scratch) -> Result<(String, Option<KeyId>), IssueError> {
        // Others may have retired the key that this node would sign with, so long ago that they take no more of its tokens.
        if let Some(Unavailable::StaleKeys { age, allowed }) = self.source.stale() {
            return Err(KeyError::OutOfDate { ring: self.source.name.clone(), age, allowed }.into());
        }
        let prepared = self.keys();
        let none = || KeyError::NoSigningKey { ring: self.source.name.clone() };
        let keys = prepared.from.keys.iter().zip(&prepared.made);
        let rules = &prepared.from.rules;
        let elected = elect(keys.map(|(key, envelope)| ((key, envelope), &key.times, key.epoch)), rules, now);
        let (key, envelope) = elected.ok_or_else(none)?;
        let sealing = key.material.sealing.as_ref().ok_or_else(none)?;
        // An `iat` of the caller's own, from before the key was made, would be refused by every verifier.
        if key.window(rules).is_some_and(|window| !window.covers(issued_at)) {
            let mut errors = ClaimErrors::default();
            errors.push(Role::IssuedAt.name(), Problem::OutsideKeyWindow);
            return Err(IssueError::Claims(errors));
        }
        Ok((F::seal(sealing, envelope, scratch)?, key.id.clone()))
    }

    /// The length of the longest token around a payload of this length, with any key that can seal; `None` when none can.
    pub(super) fn longest(&self, payload: usize) -> Option<usize> {
        let prepared = self.keys();
        let keys = prepared.from.keys.iter().zip(&prepared.made);
        keys.filter_map(|(key, envelope)| Some(F::sealed_length(key.material.sealing.as_ref()?, envelope, payload))).max()
    }

    /// The key that is elected at `now`, and whether all keys have names.
    #[cfg(feature = "testing")]
    pub(super) fn elected(&self, now: Timestamp) -> Option<(Option<KeyId>, Arc<Material<F>>, bool)> {
        let snapshot = &self.keys().from;
        let key = signer(&snapshot.keys, &snapshot.rules, now)?;
        Some((key.id.clone(), Arc::clone(&key.material), snapshot.keys.iter().all(|key| key.id.is_some())))
    }

    #[cfg(feature = "testing")]
    pub(super) fn binding(&self) -> &Binding {
        &self.binding
    }

    /// Why this ring decides nothing about a token that is verified now.
    #[inline]
    fn stale(&self, live: bool) -> Option<VerifyError> {
        if live { self.source.stale().map(VerifyError::Unavailable) } else { None }
    }

    fn open<'s>(
        &'s self,
        key: &RingKey<F>,
        envelope: &Envelope,
        snapshot: &Snapshot<F>,
        token: Token<'_, '_>,
        type_matches: bool,
    ) -> Result<Opened<'s>, VerifyError> {
        // Whoever has not heard of the ring for too long may have missed that a key is in other hands: not knowing is no permission.
        if let Some(stale) = self.stale(token.live) {
            return Err(stale);
        }
        // What a key may do is decided before the seal is checked, so that a retired key costs nothing.
        match key.state(token.now) {
            KeyState::Pending | KeyState::Active | KeyState::Retiring => {}
            KeyState::Suspended => return Err(VerifyError::Unavailable(Unavailable::SuspendedKey)),
            KeyState::Compromised => return Err(VerifyError::Revoked),
            KeyState::Retired => return Err(VerifyError::UnknownKey),
        }
        let opening = key.material.opening.as_ref().ok_or(VerifyError::UnknownKey)?;
        F::open(opening, token.parts, envelope, token.head, token.scratch).map_err(|error| match error {
            OpenError::BadSeal => VerifyError::BadSeal,
            OpenError::Malformed(what) => VerifyError::Malformed(what),
        })?;
        token.scratch.key_id.clear();
        token.scratch.key_id.push_str(key.id.as_ref().map_or("", KeyId::as_str));
        let footer = match token.head {
            _ if !F::FOOTER => Footer::None,
            None => Footer::of_key(key.id.as_ref(), &envelope.footer),
            // The head's own; whoever holds the head moves it here.
            Some(_) => Footer::Other(Vec::new()),
        };
        let window = key.window(&snapshot.rules);
        Ok(Opened { ring: &self.ring, window, type_matches, times: F::TIMES, footer })
    }
}

fn envelopes<F: Format>(snapshot: &Snapshot<F>, binding: &Binding) -> Vec<Envelope> {
    snapshot.keys.iter().map(|key| F::envelope(key.id.as_ref(), binding)).collect()
}

/// A token on its way in.
pub(super) struct Token<'t, 's> {
    parts: &'t Parts<'t>,
    head: Option<&'t Head>,
    now: Timestamp,
    /// Whether it is verified now, so that keys must not be too old.
    live: bool,
    scratch: &'s mut Scratch,
}

/// What is known of a token whose seal is good; its payload and the id of its key are in the scratch.
pub(super) struct Opened<'s> {
    /// The ring that has the key. One pointer, since this is moved on the way of every request.
    pub(super) ring: &'s Ring,
    pub(super) window: Option<Window>,
    pub(super) type_matches: bool,
    pub(super) times: TimeEncoding,
    pub(super) footer: Footer,
}

/// An accepted ring, whatever its format.
pub(super) trait Opener: fmt::Debug + Send + Sync {
    /// Opens a token whose header or footer is letter for letter what one of the keys writes; `None` when none does.
    fn open_ours<'s>(&'s self, token: Token<'_, '_>) -> Option<Result<Opened<'s>, VerifyError>>;

    /// Opens a token by what its head says; `None` when it is of another kind of format.
    fn open_by_head<'s>(&'s self, token: Token<'_, '_>) -> Option<Result<Opened<'s>, VerifyError>>;

    /// Nobody opens this token. If that may be because the ring lacks the key, whoever can bring it hears of it.
    fn refused(&self, parts: &Parts<'_>, head: &Head);

    /// The key that the ring lacks to judge this token, if that is what it lacks.
    fn absent(&self, parts: &Parts<'_>, head: &Head) -> Option<Absent>;

    /// The revocation log knows of a key of this ring that is in other hands. If the ring does not know it, whoever looks after it
    /// reads it again, so that this node does not go on signing with the key.
    fn revoked(&self, ring: &str, key_id: &str);

    /// The ring's name, its format, and the other formats in which it has a key that signs.
    fn siblings(&self) -> (&str, &'static str, Vec<&'static str>);

    /// Issuers, format and key ids, for the check that no name picks two keys.
    fn names(&self) -> (&[Arc<str>], &'static str, Vec<Option<KeyId>>);

    fn with_assertion(&self, assertion: &[u8]) -> Arc<dyn Opener>;
}

impl<F: Format> Opener for Bound<F> {
    #[inline]
    fn open_ours<'s>(&'s self, token: Token<'_, '_>) -> Option<Result<Opened<'s>, VerifyError>> {
        let prepared = self.keys();
        let mut keys = prepared.from.keys.iter().zip(&prepared.made);
        let (key, envelope) = keys.find(|(_, envelope)| F::is_exactly(token.parts, envelope))?;
        Some(self.open(key, envelope, &prepared.from, token, true))
    }

    fn open_by_head<'s>(&'s self, token: Token<'_, '_>) -> Option<Result<Opened<'s>, VerifyError>> {
        let prepared = self.keys();
        let (key_id, type_matches) = match F::examine(token.parts, token.head?, &self.binding) {
            Examined::NotMine => return None,
            Examined::OtherAlgorithm => return Some(Err(VerifyError::Malformed(Malformed::Algorithm))),
            Examined::Mine { key_id, type_matches } => (key_id, type_matches),
        };
        let keys = || prepared.from.keys.iter().zip(&prepared.made);
        let named = key_id.and_then(|key_id| keys().find(|(key, _)| key.id.as_ref().is_some_and(|id| id.as_str() == key_id)));
        // A key without a name takes every token that no other key is named by; a ring of named keys needs a name.
        let Some((key, envelope)) = named.or_else(|| keys().find(|(key, _)| key.id.is_none())) else {
            let incomplete = if token.live { self.source.incomplete() } else { None };
            return Some(Err(incomplete.map_or(VerifyError::UnknownKey, VerifyError::Unavailable)));
        };
        Some(self.open(key, envelope, &prepared.from, token, type_matches))
    }

    fn refused(&self, parts: &Parts<'_>, head: &Head) {
        if let Examined::Mine { key_id, .. } = F::examine(parts, head, &self.binding)
            && !self.source.has(key_id)
        {
            self.source.wanted(key_id);
        }
    }

    fn absent(&self, parts: &Parts<'_>, head: &Head) -> Option<Absent> {
        let Examined::Mine { key_id, .. } = F::examine(parts, head, &self.binding) else { return None };
        Some(Absent::new(&self.source, key_id)).filter(|absent| !absent.has_come())
    }

    fn revoked(&self, ring: &str, key_id: &str) {
        let unheard = |key: &RingKey<F>| key.id.as_ref().is_some_and(|id| id.as_str() == key_id) && key.times.compromised_at.is_none();
        if *self.ring.name == *ring && self.source.load().keys.iter().any(unheard) {
            self.source.wanted(Some(key_id));
        }
    }

    fn siblings(&self) -> (&str, &'static str, Vec<&'static str>) {
        (&self.ring.name, F::NAME, self.source.siblings())
    }

    fn names(&self) -> (&[Arc<str>], &'static str, Vec<Option<KeyId>>) {
        (&self.ring.issuers, F::NAME, self.source.load().keys.iter().map(|key| key.id.clone()).collect())
    }

    fn with_assertion(&self, assertion: &[u8]) -> Arc<dyn Opener> {
        Arc::new(Bound::with_assertion(self, assertion))
    }
}

/// Steps 2 and 3: which ring and key, and the seal.
///
/// First by the exact header, which finds every token of our own without parsing anything; then by what the head says. Two
/// issuers may name their keys alike, so a token that one ring refuses, be it for its own key of that name being compromised, may
/// be good by the next; the issuer is compared later.
#[inline]
pub(super) fn open<'s>(
    rings: &'s [Arc<dyn Opener>],
    parts: &Parts<'_>,
    (now, live): (Timestamp, bool),
    scratch: &mut Scratch,
) -> Result<Opened<'s>, VerifyError> {
    let mut refused = None;
    for ring in rings {
        match ring.open_ours(Token { parts, head: None, now, live, scratch }) {
            Some(Err(error)) if rank(&error) > 0 => refused = more_telling(refused, error),
            Some(decided) => return decided,
            None => {}
        }
    }
    // The only ring has already decided.
    if let (Some(error), [_]) = (&refused, rings) {
        return Err(error.clone());
    }
    open_by_head(rings, parts, (now, live), scratch, refused)
}

#[cold]
fn open_by_head<'s>(
    rings: &'s [Arc<dyn Opener>],
    parts: &Parts<'_>,
    (now, live): (Timestamp, bool),
    scratch: &mut Scratch,
    mut refused: Option<VerifyError>,
) -> Result<Opened<'s>, VerifyError> {
    let mut head = Head::read(parts).map_err(VerifyError::Malformed)?;
    for ring in rings {
        let Some(decided) = ring.open_by_head(Token { parts, head: Some(&head), now, live, scratch }) else { continue };
        match decided {
            Err(error) if rank(&error) > 0 => refused = more_telling(refused, error),
            Err(error) => return Err(error),
            Ok(mut opened) => {
                if let Footer::Other(footer) = &mut opened.footer {
                    *footer = mem::take(&mut head.footer);
                }
                return Ok(opened);
            }
        }
    }
    // Not while rings are asked in turn: a token of one issuer would have the keys of every other one fetched.
    if live {
        rings.iter().for_each(|ring| ring.refused(parts, &head));
    }
    Err(refused.unwrap_or(VerifyError::Malformed(Malformed::Shape)))
}

/// The keys that rings lack to judge this token, which was refused with `error` a moment ago.
#[cold]
pub(super) fn absent(rings: &[Arc<dyn Opener>], parts: &Parts<'_>, error: &VerifyError) -> Vec<Absent> {
    // No key changes anything about the others; and where one ring is asked, its seal was checked with the key that is named.
    let unknown = matches!(error, VerifyError::UnknownKey | VerifyError::Unavailable(Unavailable::StaleKeys { .. }));
    let may_change = unknown || (rings.len() > 1 && rank(error) > 0);
    let head = if may_change { Head::read(parts).ok() } else { None };
    head.map(|head| rings.iter().filter_map(|ring| ring.absent(parts, &head)).collect()).unwrap_or_default()
}

/// Tells the rings that the revocation log refuses a key of theirs.
#[cold]
#[inline(never)]
pub(super) fn revoked(rings: &[Arc<dyn Opener>], presented: &Presented<'_>) {
    if let Some(key_id) = presented.key_id {
        rings.iter().for_each(|opener| opener.revoked(presented.ring, key_id));
    }
}

fn more_telling(before: Option<VerifyError>, error: VerifyError) -> Option<VerifyError> {
    match before {
        Some(before) if rank(&before) >= rank(&error) => Some(before),
        _ => Some(error),
    }
}

/// Which refusal is told when every ring refuses, the most telling one: what is not known yet, a key in other hands, then a seal
/// that was checked, a key that was looked for, an algorithm that was compared. 0 for what no other ring can change.
fn rank(error: &VerifyError) -> u8 {
    match error {
        VerifyError::Unavailable(_) => 5,
        VerifyError::Revoked => 4,
        VerifyError::BadSeal => 3,
        VerifyError::UnknownKey => 2,
        VerifyError::Malformed(Malformed::Algorithm) => 1,
        _ => 0,
    }
}

impl<F: Format> fmt::Debug for Bound<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted").field("issuers", &self.ring.issuers).field("keys", &self.source).finish_non_exhaustive()
    }
}
