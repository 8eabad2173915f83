//! Settings of [`RemoteJwks`], and its first load.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use super::{
    RemoteJwks,
    discovery::discover,
    fetch::{Fetcher, Settings},
    keeper::{Hook, Keeper},
    schedule::{Pace, Schedule},
};
use crate::{
    error::RemoteError,
    format::Published,
    keyring::source::{Snapshot, Source},
    limits,
    time::{Clock, SystemClock},
};

/// Settings of a [`RemoteJwks`]; see [`RemoteJwks::builder`].
///
/// # Example
/// ```no_run
/// # use std::time::Duration;
/// # use session_runtime::{jwt::{Jwt, Rs256}, keyring::RemoteJwks};
/// # async fn example() -> Result<(), session_runtime::error::RemoteError> {
/// let keys = RemoteJwks::<Jwt<Rs256>>::builder("https://id.example/keys")
///     .max_stale(Duration::from_secs(4 * 3_600))
///     .timeout(Duration::from_secs(3))
///     .load()
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// # Example: a setting that nothing can fulfil
/// ```
/// # use std::time::Duration;
/// # use session_runtime::{jwt::{Jwt, Rs256}, keyring::RemoteJwks};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let builder = RemoteJwks::<Jwt<Rs256>>::builder("https://id.example/keys").max_stale(Duration::from_secs(5));
/// let error = builder.load().await.unwrap_err();
/// assert_eq!(error.to_string(), "max_stale is out of bounds: at least twice the least refresh interval, at most 7 days");
/// # }
/// ```
pub struct RemoteJwksBuilder<F: Published> {
    place: Place,
    settings: Settings,
    pace: Pace,
    max_stale: Duration,
    most_keys: usize,
    background: bool,
    clock: Arc<dyn Clock>,
    format: PhantomData<fn() -> F>,
}

/// Where the set is.
pub(super) enum Place {
    At(String),
    /// Where this issuer's metadata says.
    Of(String),
}

impl<F: Published> RemoteJwksBuilder<F> {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            settings: Settings { timeout: limits::REMOTE_TIMEOUT, longest: limits::REMOTE_SET, environment_proxy: false, roots: None },
            pace: Pace { least: limits::REMOTE_COOL_DOWN, usual: Duration::from_secs(5 * MINUTE), most: Duration::from_secs(DAY) },
            max_stale: limits::REMOTE_MAX_STALE,
            most_keys: limits::REMOTE_KEYS,
            background: true,
            clock: Arc::new(SystemClock),
            format: PhantomData,
        }
    }

    /// How old the keys may be before nothing more is verified with them; one hour unless it is set, at most 7 days. It is how long
    /// tokens are accepted while the issuer cannot be reached, and how long a key that the issuer has withdrawn can go on verifying
    /// for whoever keeps us from reaching it.
    #[must_use]
    pub fn max_stale(mut self, max_stale: Duration) -> Self {
        self.max_stale = max_stale;
        self
    }

    /// The least and the longest time between two planned fetches, whatever the issuer's headers say; 30 seconds and 24 hours unless
    /// it is set, and no less and no more. The longest is also never more than half of `max_stale`, so that a fetch may fail once.
    #[must_use]
    pub fn refresh_between(mut self, least: Duration, longest: Duration) -> Self {
        self.pace = Pace { least, most: longest, ..self.pace };
        self
    }

    /// The time between two planned fetches when the issuer's headers say nothing; 5 minutes unless it is set.
    #[must_use]
    pub fn refresh_usually(mut self, usual: Duration) -> Self {
        self.pace.usual = usual;
        self
    }

    /// How long one fetch may take in all; 10 seconds unless it is set, 100 milliseconds to 60 seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// The longest set, in bytes; 256 KiB unless it is set, up to 1 MiB.
    #[must_use]
    pub fn max_length(mut self, length: usize) -> Self {
        self.settings.longest = length;
        self
    }

    /// The most keys of the set, whatever they are for; 64 unless it is set, up to 1024. A longer set is refused as a whole.
    #[must_use]
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.most_keys = keys;
        self
    }

    /// Trusts these root certificates (PEM, one or several) in place of the machine's own: for an issuer whose certificate is from an
    /// authority of your own.
    #[must_use]
    pub fn trust_only(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.settings.roots = Some(pem.as_ref().to_owned());
        self
    }

    /// Uses the proxy that the environment names (`HTTPS_PROXY` and its sisters). Without this no proxy is used: whoever can set a
    /// variable should not decide by it what stands between us and the issuer.
    #[must_use]
    pub fn proxy_from_environment(mut self) -> Self {
        self.settings.environment_proxy = true;
        self
    }

    /// Starts no task: the caller fetches, by [`RemoteJwks::refresh`] when [`RemoteJwks::due_in`] says so. For programs that schedule
    /// their own work.
    #[must_use]
    pub fn manual(mut self) -> Self {
        self.background = false;
        self
    }

    /// The clock of these keys, and of every verifier that is built on them alone.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Fetches the set, and starts the task that keeps it fresh.
    ///
    /// # Errors
    /// [`RemoteError`]: for the address and the settings at once, [`RemoteError::Discovery`] when an issuer's metadata does not say where its
    /// keys are, and [`RemoteError::Fetch`] when the first fetch brings no usable key.
    /// It is tried once; whether a service starts without its issuer is the caller's to say.
    ///
    /// # Panics
    /// Outside a tokio runtime, as every client of the network.
    pub async fn load(mut self) -> Result<RemoteJwks<F>, RemoteError> {
        self.pace = self.checked()?;
        let fetcher = match &self.place {
            Place::At(url) => Fetcher::new("url", url, &self.settings)?,
            Place::Of(issuer) => discover(issuer, &self.settings).await?,
        };
        let keeper = Arc::new(Keeper::new(fetcher, Arc::clone(&self.clock), self.most_keys, Schedule::new(self.pace)));
        let hook = Arc::new(Hook::new(Arc::clone(&keeper)));
        let nothing = Snapshot::of_others(Vec::new());
        let asked_at = self.clock.boot();
        let source = Source::new(keeper.host().to_owned(), false, self.clock, nothing).out_of_date_after(Some(self.max_stale), asked_at);
        let source = Arc::new(source.heard_by(Arc::clone(&hook) as _));
        // Nobody has seen the empty source: a first fetch that fails drops it.
        keeper.refresh(&Arc::downgrade(&source)).await?;
        if self.background {
            hook.keep_fresh(Arc::downgrade(&source));
        }
        Ok(RemoteJwks { source, keeper, max_stale: self.max_stale })
    }

    /// The pace within all bounds.
    fn checked(&self) -> Result<Pace, RemoteError> {
        let Pace { least, usual, most } = self.pace;
        let half = self.max_stale.checked_div(2).unwrap_or_default();
        let rules = [
            ("timeout", "100 milliseconds to 60 seconds", (100..=60_000).contains(&self.settings.timeout.as_millis())),
            ("refresh_between", "30 seconds to 24 hours", limits::REMOTE_COOL_DOWN <= least && least <= most && most.as_secs() <= DAY),
            ("refresh_usually", "within refresh_between", least <= usual && usual <= most),
            (
                "max_stale",
                "at least twice the least refresh interval, at most 7 days",
                least <= half && self.max_stale.as_secs() <= 7 * DAY,
            ),
            ("max_length", "1 byte to 1 MiB", (1..=1024 * 1024).contains(&self.settings.longest)),
            ("max_keys", "1 to 1024", (1..=1024).contains(&self.most_keys)),
        ];
        match rules.into_iter().find(|(_, _, holds)| !holds) {
            Some((setting, rule, _)) => Err(RemoteError::OutOfBounds { setting, rule }),
            None => Ok(Pace { least, usual: usual.min(half), most: most.min(half) }),
        }
    }
}

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

impl<F: Published> fmt::Debug for RemoteJwksBuilder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the address nor the roots: an address may hold what is not for logs.
        f.debug_struct("RemoteJwksBuilder").field("format", &F::NAME).field("pace", &self.pace).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::{EdDsa, Jwt};

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn each_setting_at_its_edge() {
        type Builder = RemoteJwksBuilder<Jwt<EdDsa>>;
        #[track_caller]
        fn check(change: impl FnOnce(Builder) -> Builder, want: Result<(u64, u64, u64), &str>) {
            let pace = change(Builder::new(Place::At("https://id.example".to_owned()))).checked();
            let pace = pace.map(|pace| (pace.least.as_secs(), pace.usual.as_secs(), pace.most.as_secs()));
            let setting = |error| match error {
                RemoteError::OutOfBounds { setting, .. } => setting,
                _ => "another error",
            };
            assert_eq!(pace.map_err(setting), want);
        }
        check(|builder| builder, Ok((30, 300, 1_800)));
        check(|builder| builder.max_stale(seconds(7 * DAY)), Ok((30, 300, DAY)));
        check(|builder| builder.max_stale(seconds(7 * DAY + 1)), Err("max_stale"));
        check(|builder| builder.max_stale(seconds(60)), Ok((30, 30, 30)));
        check(|builder| builder.max_stale(seconds(59)), Err("max_stale"));
        check(|builder| builder.refresh_between(seconds(29), seconds(60)), Err("refresh_between"));
        check(|builder| builder.refresh_between(seconds(60), seconds(30)), Err("refresh_between"));
        check(|builder| builder.refresh_between(seconds(60), seconds(DAY + 1)), Err("refresh_between"));
        check(|builder| builder.refresh_between(seconds(30), seconds(60)), Err("refresh_usually"));
        check(|builder| builder.refresh_between(seconds(30), seconds(60)).refresh_usually(seconds(45)), Ok((30, 45, 60)));
        check(|builder| builder.timeout(Duration::from_millis(99)), Err("timeout"));
        check(|builder| builder.timeout(Duration::from_millis(60_001)), Err("timeout"));
        check(|builder| builder.max_length(0), Err("max_length"));
        check(|builder| builder.max_length(1024 * 1024 + 1), Err("max_length"));
        check(|builder| builder.max_keys(0), Err("max_keys"));
        check(|builder| builder.max_keys(1025), Err("max_keys"));
    }
}
