//! Public keys for others to read: a JWK set, and the document that publishes it.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::{representation::Representation, ring::KeyRing, source::Source, state::KeyState, timing::Timing, verifying::PublicKeys};
use crate::{crypto::JwkPublic, error::KeyError, format::Published, ids::KeyId};

/// A JWK set (RFC 7517 §5): every public key that verifies now, with `kid`, `alg` and `use`, in the order of their ids. `Display` writes
/// its JSON, which is the same text on every machine that holds the same keys.
///
/// Secrets cannot be published: symmetric rings have no such method.
///
/// # Example
/// ```
/// use session_runtime::{KeyRing, jwt::{Es256, Jwt}};
///
/// let ring = KeyRing::<Jwt<Es256>>::generate()?;
/// let set: serde_json::Value = serde_json::from_str(&ring.jwks().to_string()).unwrap();
/// assert_eq!(set["keys"][0]["alg"], "ES256");
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Jwks {
    keys: Vec<Member>,
    /// For how long others may keep it.
    kept_for: Duration,
}

/// Sorted by name, whatever order the JSON library of the user's build keeps.
type Member = BTreeMap<String, serde_json::Value>;

impl Jwks {
    pub(crate) fn of<F: Published>(source: &Source<F>) -> Self {
        let now = source.clock.wall();
        // Pending keys are published too, so that readers know them before they sign; retiring ones as long as they verify.
        let published = |state| matches!(state, KeyState::Pending | KeyState::Active | KeyState::Retiring);
        let snapshot = source.load();
        let published = || snapshot.keys.iter().filter(|key| published(key.state(now)));
        let keys =
            published().filter_map(|key| Some(public_jwk::<F>(key.material.opening.as_ref()?, key.id.as_ref()).into_iter().collect()));
        let unchanged_for = published().filter_map(|key| key.times.expire_at).min().map(|at| at.saturating_since(now));
        let kept_for = kept_for(&snapshot.rules.timing);
        let mut set = Self { keys: keys.collect(), kept_for: unchanged_for.map_or(kept_for, |change| kept_for.min(change)) };
        set.sort();
        set
    }

    /// One set of two, for a service that signs in several formats or has several rings. The same key in both is there once.
    ///
    /// # Errors
    /// [`KeyError::DuplicateKeyId`] for two different keys of one name, [`KeyError::NotForThisRing`] for two without a name: a reader
    /// would pick one of them by chance (RFC 7517 §4.5).
    ///
    /// # Example
    /// ```
    /// use session_runtime::{KeyRing, jwt::{EdDsa, Es256, Jwt}};
    ///
    /// let (new, old) = (KeyRing::<Jwt<EdDsa>>::generate()?, KeyRing::<Jwt<Es256>>::generate()?);
    /// let set = new.jwks().join(old.jwks())?;
    /// assert_eq!(set.len(), 2);
    /// let document = set.document();
    /// # assert_eq!(document.content_type(), "application/jwk-set+json");
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    pub fn join(mut self, other: Self) -> Result<Self, KeyError> {
        for key in other.keys {
            if self.keys.contains(&key) {
                continue;
            }
            if self.keys.iter().any(|own| own.get("kid") == key.get("kid")) {
                let id = key.get("kid").and_then(serde_json::Value::as_str).and_then(KeyId::new);
                return Err(id.map_or(KeyError::NotForThisRing("two keys without a key id"), KeyError::DuplicateKeyId));
            }
            self.keys.push(key);
        }
        self.kept_for = self.kept_for.min(other.kept_for);
        self.sort();
        Ok(self)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The set as HTTP serves it, as `application/jwk-set+json` (RFC 7517 §8.5.1).
    ///
    /// Others may keep it for at most the ring's `max_age`, for less where the propagation window leaves less, and never past the
    /// moment at which a key of the set stops verifying. A ring whose propagation is zero, as [`Timing::SINGLE`], is `no-cache`: its
    /// keys sign from the moment they are made, so a copy that was kept would lack the key of a token that is already out. A reader
    /// then asks every time, which the tag makes cheap.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{KeyRing, jwt::{EdDsa, Jwt}, keyring::Timing};
    ///
    /// let fleet = KeyRing::<Jwt<EdDsa>>::builder().timing(Timing::FLEET).generate()?;
    /// assert_eq!(fleet.jwks().document().cache_control(), "public, max-age=900");
    /// let one_writer = KeyRing::<Jwt<EdDsa>>::generate()?;
    /// assert_eq!(one_writer.jwks().document().cache_control(), "no-cache");
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    pub fn document(&self) -> Representation {
        Representation::new(self.to_string(), "application/jwk-set+json", self.kept_for)
    }

    fn sort(&mut self) {
        // By name first; the rest decides only between a key with and one without a name, and makes the order total.
        self.keys.sort_by_cached_key(|key| (key.get("kid").and_then(|kid| kid.as_str().map(str::to_owned)), text(key)));
    }
}

impl<F: Published> KeyRing<F> {
    /// The public keys as HTTP serves them: [`jwks`](Self::jwks) as a [`document`](Jwks::document).
    ///
    /// # Example
    /// ```
    /// use session_runtime::{KeyRing, jwt::{EdDsa, Jwt}};
    ///
    /// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
    /// let document = ring.jwks_document();
    /// assert_eq!(document.headers()[1], ("cache-control", "no-cache"));
    /// assert_eq!(document, ring.public_keys().jwks_document());
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    pub fn jwks_document(&self) -> Representation {
        self.jwks().document()
    }
}

impl<F: Published> PublicKeys<F> {
    /// The keys as HTTP serves them, see [`Jwks::document`].
    pub fn jwks_document(&self) -> Representation {
        self.jwks().document()
    }
}

/// For how long others may keep what a ring of these times publishes: what the propagation window leaves after everything else that
/// keeps news from a node (rule I1). The one place that asks the times of a ring for it.
fn kept_for(timing: &Timing) -> Duration {
    timing.max_age.min(timing.propagation.saturating_sub(timing.news()))
}

fn text(key: &Member) -> String {
    // A map of texts is always JSON.
    serde_json::to_string(key).unwrap_or_default()
}

/// The JWK of one public key.
pub(super) fn public_jwk<F: Published>(key: &F::Opening, id: Option<&KeyId>) -> serde_json::Map<String, serde_json::Value> {
    let mut jwk: serde_json::Map<_, _> = key.jwk_members().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    jwk.insert("alg".to_owned(), F::NAME.into());
    jwk.insert("use".to_owned(), "sig".into());
    if let Some(id) = id {
        jwk.insert("kid".to_owned(), id.as_str().into());
    }
    jwk
}

/// Two sets of the same keys are equal, however long they stay so.
impl PartialEq for Jwks {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys
    }
}

impl Eq for Jwks {}

impl fmt::Display for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.keys.iter().map(text).collect();
        write!(f, "{{\"keys\":[{}]}}", keys.join(","))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        error::KeyError,
        jwt::{EdDsa, Es256, Jwt},
        keyring::Key,
        testing::ManualClock,
        time::{Clock, Timestamp},
    };

    const QUARTER: Duration = Duration::from_secs(900);

    #[tokio::test]
    async fn nobody_keeps_a_set_past_its_next_change() {
        let clock = ManualClock::at(Timestamp::from_unix(1_000_000));
        let ring = KeyRing::<Jwt<EdDsa>>::builder()
            .max_ttl(Duration::from_secs(60))
            .timing(Timing::FLEET)
            .clock(clock.clone())
            .generate()
            .unwrap();
        let age = || ring.jwks_document().max_age();
        assert_eq!(age(), QUARTER, "as long as the ring allows");
        let rotated = ring.rotate().await.unwrap();
        let (before, both) = (ring.jwks_document(), ring.jwks());
        // The old key goes after the propagation window, the grace, 60 s and the largest leeway.
        let rest = rotated.active_from.saturating_since(clock.wall()) + Duration::from_secs(3_670 + 60 + 300);
        clock.advance(rest - Duration::from_secs(360));
        assert_eq!(age(), Duration::from_secs(360));
        clock.advance(Duration::from_secs(359));
        assert_eq!(age(), Duration::from_secs(1));
        assert_eq!(ring.jwks_document().etag(), before.etag(), "the same content, the same tag");
        clock.advance(Duration::from_secs(1));
        assert_eq!((age(), ring.jwks().len()), (QUARTER, 1));
        assert_ne!(ring.jwks_document().etag(), before.etag());
        assert_eq!(both.len(), 2);
    }

    #[test]
    fn the_window_bounds_the_age_whatever_a_ring_asks_for() {
        #[track_caller]
        fn check(timing: Timing, want: u64) {
            assert_eq!(kept_for(&timing), Duration::from_secs(want));
        }
        let fleet = Timing::FLEET;
        check(fleet, 900);
        check(Timing { max_age: Duration::ZERO, ..fleet }, 0);
        // Times that break rule I1: less is published, not more.
        check(Timing { propagation: Duration::from_secs(400), ..fleet }, 30);
        check(Timing { propagation: Duration::ZERO, ..fleet }, 0);
        check(Timing::SINGLE, 0);
        check(Timing { max_age: QUARTER, ..Timing::SINGLE }, 0);
    }

    #[test]
    fn one_set_of_several_rings() {
        let ed = |id: &str| {
            PublicKeys::from_keys([Key::<Jwt<EdDsa>>::generate().unwrap().with_id(KeyId::new(id).unwrap()).public_key()]).unwrap()
        };
        let es = |id: &str| {
            PublicKeys::from_keys([Key::<Jwt<Es256>>::generate().unwrap().with_id(KeyId::new(id).unwrap()).public_key()]).unwrap()
        };
        let (a, b, c) = (ed("a"), es("b"), ed("c"));
        let one = c.jwks().join(a.jwks()).unwrap().join(b.jwks()).unwrap();
        let other = a.jwks().join(b.jwks()).unwrap().join(c.jwks()).unwrap().join(a.jwks()).unwrap();
        assert_eq!(one.to_string(), other.to_string(), "whatever the order, and the same key once");
        let ids = |set: &Jwks| set.keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(&one), ["a", "b", "c"]);
        assert!(one.to_string().starts_with(r#"{"keys":[{"alg":"EdDSA","crv":"Ed25519","kid":"a","kty":"OKP","use":"sig","x":""#));
        assert_eq!(a.jwks().join(es("a").jwks()), Err(KeyError::DuplicateKeyId(KeyId::new("a").unwrap())));
        let unnamed = || PublicKeys::from_keys([Key::<Jwt<EdDsa>>::generate().unwrap().without_id().public_key()]).unwrap().jwks();
        assert!(matches!(unnamed().join(unnamed()), Err(KeyError::NotForThisRing(_))));
        assert_eq!(unnamed().join(a.jwks()).unwrap().len(), 2);
        // Nodes that read one store in different orders publish one text.
        let keys = [Arc::new(Key::<Jwt<EdDsa>>::generate().unwrap()), Arc::new(Key::generate().unwrap())];
        let there = PublicKeys::from_keys(keys.iter().map(|key| key.public_key())).unwrap();
        let back = PublicKeys::from_keys(keys.iter().rev().map(|key| key.public_key())).unwrap();
        assert_eq!(there.jwks_document(), back.jwks_document());
    }
}
