//! A ring of any format, opened from a store.

use clap::Args;
use session_runtime::{
    BoxFuture, KeyId, KeyRing, Revocations, Timestamp,
    emergency::{Removed, compromise, compromise_with_successor},
    error::{CompromiseError, KeyError},
    keyring::{Compromised, Jwks, KeyInfo, Maintained, PlaintextKeys, Plan, Rotated, SecretText, Timing},
};

use super::half::{Form, Half, Kind, private_text};
use crate::{
    failure::{Failure, Outcome},
    format::{FormatName, on},
    moment::At,
    store::{Mode, StoreArgs},
    verify::no_such_ring,
    wrapping::WrapArgs,
};

/// Which ring.
#[derive(Debug, Args)]
pub(crate) struct Target {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The name of the ring in the store
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) ring: String,
    /// The format of the ring; it need not be said where the ring has one
    #[arg(long, value_name = "FORMAT", value_parser = crate::format::parser(), ignore_case = true)]
    pub(crate) format: Option<FormatName>,
    #[command(flatten)]
    pub(crate) wrap: WrapArgs,
}

/// What a command asks of a ring, whatever its format.
pub(crate) trait Ring {
    fn format(&self) -> &'static str;
    fn name(&self) -> &str;
    fn keys(&self) -> Vec<KeyInfo>;
    fn signing_key(&self) -> Option<KeyId>;
    fn max_ttl(&self) -> std::time::Duration;
    fn timing(&self) -> Timing;
    fn plan(&self, until: Timestamp) -> Plan;
    fn halves(&self) -> Vec<Half>;
    fn jwks(&self) -> Option<Jwks>;
    fn private(&self, key_id: &KeyId, form: Option<Form>) -> Outcome<SecretText>;
    fn rotate(&self) -> BoxFuture<'_, Result<Rotated, KeyError>>;
    fn suspend<'a>(&'a self, key_id: &'a KeyId, suspended: bool) -> BoxFuture<'a, Result<(), KeyError>>;
    fn compromise<'a>(&'a self, key_id: &'a KeyId, successor_too: bool) -> BoxFuture<'a, Result<Compromised, KeyError>>;
    fn remove<'a>(
        &'a self,
        log: &'a Revocations,
        key_id: &'a KeyId,
        successor_too: bool,
    ) -> BoxFuture<'a, Result<Removed, CompromiseError>>;
    fn maintain(&self) -> BoxFuture<'_, Result<Maintained, KeyError>>;
}

impl<F: Kind> Ring for KeyRing<F> {
    fn format(&self) -> &'static str {
        F::NAME
    }

    fn name(&self) -> &str {
        Self::name(self)
    }

    fn keys(&self) -> Vec<KeyInfo> {
        Self::keys(self)
    }

    fn signing_key(&self) -> Option<KeyId> {
        Self::signing_key(self)
    }

    fn max_ttl(&self) -> std::time::Duration {
        Self::max_ttl(self)
    }

    fn timing(&self) -> Timing {
        Self::timing(self)
    }

    fn plan(&self, until: Timestamp) -> Plan {
        Self::plan(self, until)
    }

    fn halves(&self) -> Vec<Half> {
        F::halves(self)
    }

    fn jwks(&self) -> Option<Jwks> {
        F::jwks(self)
    }

    fn private(&self, key_id: &KeyId, form: Option<Form>) -> Outcome<SecretText> {
        private_text(&self.dangerous_key(key_id)?, form.unwrap_or(F::FORM))
    }

    fn rotate(&self) -> BoxFuture<'_, Result<Rotated, KeyError>> {
        Box::pin(Self::rotate(self))
    }

    fn suspend<'a>(&'a self, key_id: &'a KeyId, suspended: bool) -> BoxFuture<'a, Result<(), KeyError>> {
        Box::pin(async move { if suspended { Self::suspend(self, key_id).await } else { self.resume(key_id).await } })
    }

    fn compromise<'a>(&'a self, key_id: &'a KeyId, successor_too: bool) -> BoxFuture<'a, Result<Compromised, KeyError>> {
        Box::pin(
            async move { if successor_too { self.compromise_with_successor(key_id).await } else { Self::compromise(self, key_id).await } },
        )
    }

    fn remove<'a>(
        &'a self,
        log: &'a Revocations,
        key_id: &'a KeyId,
        successor_too: bool,
    ) -> BoxFuture<'a, Result<Removed, CompromiseError>> {
        Box::pin(async move {
            if successor_too { compromise_with_successor(self, log, key_id).await } else { compromise(self, log, key_id).await }
        })
    }

    fn maintain(&self) -> BoxFuture<'_, Result<Maintained, KeyError>> {
        Box::pin(Self::maintain(self))
    }
}

/// An opening that nobody has begun, and its format.
type Opening<'a> = (&'static str, BoxFuture<'a, Outcome<Box<dyn Ring>>>);

impl Target {
    /// Every ring of the name, to look at: without private halves, unless the key-encryption key is given.
    pub(crate) async fn look(&self, at: At) -> Outcome<Vec<Box<dyn Ring>>> {
        let mode = if self.wrap.is_given() { Mode::LookInside } else { Mode::Look };
        let formats = self.formats().await?;
        let mut rings = Vec::new();
        for format in formats {
            rings.push(self.open(format, mode, at).await?);
        }
        Ok(rings)
    }

    /// The one ring of the name, to look inside or to change.
    pub(crate) async fn one(&self, mode: Mode) -> Outcome<Box<dyn Ring>> {
        match *self.formats().await?.as_slice() {
            [format] => self.open(format, mode, At { at: None }).await,
            ref several => {
                Err(Failure::usage(format_args!("the ring `{}` is there in several formats: {}", self.ring, several.join(", ")))
                    .help("say which one with `--format`"))
            }
        }
    }

    async fn formats(&self) -> Outcome<Vec<&'static str>> {
        let mut formats = self.store.keys(Mode::Look).await?.formats(&self.ring).await?;
        formats.retain(|format| self.format.is_none_or(|wanted| wanted.0 == *format));
        if formats.is_empty() { Err(no_such_ring(&self.ring, self.format)) } else { Ok(formats) }
    }

    async fn open(&self, format: &str, mode: Mode, at: At) -> Outcome<Box<dyn Ring>> {
        let all = on!(published: opening(self, mode, at)).into_iter().chain(on!(hmac: opening(self, mode, at)));
        let mut all = all.chain(on!(public: opening(self, mode, at))).chain(on!(local: opening(self, mode, at)));
        match all.find(|(name, _)| *name == format) {
            Some((_, open)) => open.await,
            None => Err(no_such_ring(&self.ring, self.format)),
        }
    }
}

fn opening<F: Kind>(target: &Target, mode: Mode, at: At) -> Opening<'_> {
    let open = async move {
        let builder = KeyRing::<F>::builder().name(&target.ring).clock(at);
        let store = target.store.keys(mode).await?;
        let ring = match mode {
            // There is nothing to unwrap.
            Mode::Look => builder.open(store, PlaintextKeys).await?,
            _ => builder.open(store, target.wrap.wrap()?).await?,
        };
        Ok(Box::new(ring) as Box<dyn Ring>)
    };
    (F::NAME, Box::pin(open))
}
