//! Public keys for others to read: a JWK set.

use std::fmt;

use super::{source::Source, state::KeyState};
use crate::{crypto::JwkPublic, format::Published, ids::KeyId};

/// A JWK set (RFC 7517 §5): every public key that verifies now, with `kid`, `alg` and `use`. `Display` writes its JSON.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwks(serde_json::Value);

impl Jwks {
    pub(crate) fn of<F: Published>(source: &Source<F>) -> Self {
        let now = source.clock.wall();
        // Pending keys are published too, so that readers know them before they sign; retiring ones as long as they verify.
        let published = |state| matches!(state, KeyState::Pending | KeyState::Active | KeyState::Retiring);
        let keys = source.load();
        let keys = keys
            .keys
            .iter()
            .filter(|key| published(key.state(now)))
            .filter_map(|key| Some(serde_json::Value::Object(public_jwk::<F>(key.material.opening.as_ref()?, key.id.as_ref()))));
        Self(serde_json::json!({ "keys": keys.collect::<Vec<_>>() }))
    }
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

impl fmt::Display for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
