//! The same ring in other formats: whoever verifies in one of them ought to know that another one signs.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{source::Source, state::KeyState, store::KeyStore};
use crate::format::{
    Format,
    jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Jwt, MlDsa44, MlDsa65, MlDsa87, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512},
    paseto::{V3Local, V3Public, V4Local, V4Public},
};

/// Every format that a ring may be stored in.
const FORMATS: &[&str] = &[
    Jwt::<Hs256>::NAME,
    Jwt::<Hs384>::NAME,
    Jwt::<Hs512>::NAME,
    Jwt::<Rs256>::NAME,
    Jwt::<Rs384>::NAME,
    Jwt::<Rs512>::NAME,
    Jwt::<Ps256>::NAME,
    Jwt::<Ps384>::NAME,
    Jwt::<Ps512>::NAME,
    Jwt::<Es256>::NAME,
    Jwt::<Es384>::NAME,
    Jwt::<Es512>::NAME,
    Jwt::<EdDsa>::NAME,
    Jwt::<MlDsa44>::NAME,
    Jwt::<MlDsa65>::NAME,
    Jwt::<MlDsa87>::NAME,
    V4Local::NAME,
    V4Public::NAME,
    V3Local::NAME,
    V3Public::NAME,
];

/// How often the store is asked: deployments that change a format take longer than that.
const EVERY: Duration = Duration::from_secs(3_600);

/// The other formats in which the ring has a key that signs.
#[derive(Debug, Default)]
pub(super) struct Siblings(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    formats: Vec<&'static str>,
    /// By the boot clock.
    asked_at: Option<Duration>,
}

impl Siblings {
    /// Whether the store should be asked; whoever is told so asks.
    fn is_due(&self, now: Duration) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = known.asked_at.is_none_or(|asked_at| now.saturating_sub(asked_at) >= EVERY);
        if due {
            known.asked_at = Some(now);
        }
        due
    }
}

impl<F: Format> Source<F> {
    /// Asks the store, now and then, in which other formats this ring has a key that signs. What cannot be read says nothing: it is about a
    /// warning, and never keeps a ring from being opened.
    pub(super) async fn look_for_siblings(&self, store: &dyn KeyStore) {
        if !self.siblings.is_due(self.clock.boot()) {
            return;
        }
        let now = self.clock.wall();
        let mut formats = Vec::new();
        for format in FORMATS.iter().filter(|format| **format != F::NAME) {
            match store.load(&self.name, format).await {
                Ok(Some(ring)) if ring.keys.iter().any(|key| key.times().state(now) == KeyState::Active) => formats.push(*format),
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(ring = self.name, format, %error, "whether the ring has keys in other formats is not known");
                    return;
                }
            }
        }
        self.siblings.0.lock().unwrap_or_else(PoisonError::into_inner).formats = formats;
    }

    /// In which other formats this ring has a key that signs, as far as is known.
    pub(crate) fn siblings(&self) -> Vec<&'static str> {
        self.siblings.0.lock().unwrap_or_else(PoisonError::into_inner).formats.clone()
    }
}
