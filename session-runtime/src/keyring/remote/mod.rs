//! Keys of other people's issuers: a JWK set that is fetched and kept fresh beside the way of a request.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    info::{KeyInfo, infos},
    source::{Keys, Source},
};
use crate::{
    error::RemoteError,
    format::{Published, sealed::Sealed},
    ids::KeyId,
};

mod builder;
mod discovery;
mod fetch;
mod freshness;
mod health;
mod keeper;
mod schedule;
mod set;

use builder::Place;
pub use builder::RemoteJwksBuilder;
pub use health::{Condition, RemoteHealth};
pub use set::SkippedKey;

/// The keys of another issuer in one format, read from its JWK set (RFC 7517 §5) and kept fresh.
///
/// Verifying reads a snapshot of prepared keys: it takes no lock and makes no request. A task of its own fetches the set
/// ahead of the time that the issuer's `Cache-Control` allows, and when a token names a key that is not there; it ends with the last
/// handle and the last verifier that holds the keys. A cheap clone; clones are the same keys.
///
/// [`Verifier::verify`](crate::Verifier::verify) waits for a fetch in one case: the token names a key that is not there, and the fetch that
/// may bring it is under way or begins at once. It waits for 2 s at most; [`verify_now`](crate::Verifier::verify_now) never does.
///
/// - An answer that fails, is empty or cannot be read replaces nothing: **the last good set stays**, until it is older than
///   [`max_stale`](RemoteJwksBuilder::max_stale). Then every token is [`VerifyError::Unavailable`](crate::error::VerifyError::Unavailable),
///   since a key in other hands could have been withdrawn meanwhile.
/// - **At most two fetches in any 30 s**, counted from their beginning and however they end, whatever tokens name. A key id that was
///   not found is not looked for again for 30 s, and what is remembered of such ids has a fixed size.
/// - `https` only, except to this machine itself; no redirect is followed, no cookie kept, no proxy used unless it is asked for. Every
///   fetch is bounded in time and length.
/// - A bad key in the set is passed over and shown in [`health`](Self::health); keys for other algorithms are of no interest; two keys
///   of one name refuse the set. `x5c`, `x5u` and `jku` are not looked at.
///
/// # Example
/// ```
/// # use session_runtime::{Issuer, KeyRing};
/// use session_runtime::{Claims, Verifier, jwt::{EdDsa, Jwt}, keyring::RemoteJwks};
///
/// #[derive(Claims)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "1h", token_type = "at+jwt")]
/// struct Access { #[claim(sub)] user: String }
///
/// # fn serve(set: String) -> String {
/// #     use std::io::{Read, Write};
/// #     let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// #     let url = format!("http://{}/keys", listener.local_addr().unwrap());
/// #     std::thread::spawn(move || for stream in listener.incoming().flatten() {
/// #         let mut stream = stream;
/// #         let _ = stream.read(&mut [0; 4096]);
/// #         let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{set}", set.len());
/// #     });
/// #     url
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// # let url = serve(ring.jwks().to_string()); // https://id.example/.well-known/jwks.json
/// # let token = Issuer::<Access, _>::new(&ring)?.issue(&Access { user: "ada".to_owned() })?.token;
/// // Once, at start-up: the first fetch is waited for, and no other.
/// let keys = RemoteJwks::<Jwt<EdDsa>>::load(url).await?;
/// let verifier = Verifier::<Access>::builder().accept_from("https://id.example", &keys).build()?;
///
/// // On every request.
/// assert_eq!(verifier.verify(&token).await?.user, "ada");
///
/// // For a readiness probe and a dashboard.
/// let health = keys.health();
/// assert!(health.verifies() && health.skipped.is_empty());
/// # Ok(())
/// # }
/// ```
///
/// # Example: an address that may not be used
/// ```
/// use session_runtime::{jwt::{EdDsa, Jwt}, keyring::RemoteJwks};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let error = RemoteJwks::<Jwt<EdDsa>>::load("http://id.example/keys").await.unwrap_err();
/// assert_eq!(error.to_string(), "the address `url` has to be https; http is for localhost, 127.0.0.0/8 and [::1] alone");
/// # }
/// ```
pub struct RemoteJwks<F: Published> {
    source: Arc<Source<F>>,
    keeper: Arc<keeper::Keeper>,
    max_stale: Duration,
}

/// What a fetch brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refreshed {
    /// Another set than before.
    Changed,
    /// The same set: the issuer said so (304), or sent the same text.
    Unchanged,
}

impl<F: Published> RemoteJwks<F> {
    /// Fetches the keys at this address, and starts the task that keeps them fresh.
    ///
    /// # Errors
    /// As [`RemoteJwksBuilder::load`].
    pub async fn load(url: impl Into<String>) -> Result<Self, RemoteError> {
        Self::builder(url).load().await
    }

    /// Keys with settings of their own: how old they may be, how often they are fetched, whom TLS trusts.
    pub fn builder(url: impl Into<String>) -> RemoteJwksBuilder<F> {
        RemoteJwksBuilder::new(Place::At(url.into()))
    }

    /// Asks an issuer where its keys are, fetches them, and starts the task that keeps them fresh.
    ///
    /// The issuer's metadata is read once, at `{issuer}/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 §4), within the same
    /// bounds as a key set: `https` but for this machine itself, no redirect, the builder's time and length. `issuer` in it has to be `issuer`
    /// letter for letter (§4.3, RFC 8414 §3.3), with its slash at the end or without, as it stands in `iss` of the tokens; and its `jwks_uri`
    /// has to be `https`. A key set that moves to another address later is found by loading the keys anew.
    ///
    /// # Errors
    /// As [`RemoteJwksBuilder::load`]; [`RemoteError::Discovery`] when the metadata cannot be read, is another issuer's, or names no keys.
    ///
    /// # Example
    /// ```no_run
    /// # use session_runtime::{Claims, Verifier, jwt::{Jwt, Rs256}, keyring::RemoteJwks};
    /// # #[derive(Claims)]
    /// # #[claims(issuer = "https://id.example/eu", audience = "orders", ttl = "1h", untyped)]
    /// # struct Access { #[claim(sub)] user: String }
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys = RemoteJwks::<Jwt<Rs256>>::discover("https://id.example/eu").await?;
    /// let verifier = Verifier::<Access>::builder().accept_from("https://id.example/eu", &keys).build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Example: an issuer that nobody may ask
    /// ```
    /// # use session_runtime::{jwt::{EdDsa, Jwt}, keyring::RemoteJwks};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let error = RemoteJwks::<Jwt<EdDsa>>::discover("http://id.example").await.unwrap_err();
    /// assert_eq!(error.to_string(), "the address `issuer` has to be https; http is for localhost, 127.0.0.0/8 and [::1] alone");
    /// # }
    /// ```
    pub async fn discover(issuer: impl Into<String>) -> Result<Self, RemoteError> {
        Self::of_issuer(issuer).load().await
    }

    /// As [`discover`](Self::discover), with settings of their own.
    pub fn of_issuer(issuer: impl Into<String>) -> RemoteJwksBuilder<F> {
        RemoteJwksBuilder::new(Place::Of(issuer.into()))
    }

    /// Every key, in the order of the set.
    pub fn keys(&self) -> Vec<KeyInfo> {
        infos(&self.source)
    }

    /// Fetches the set now, within the bound of two fetches in 30 s. A fetch that is under way is waited for and shared, so that many
    /// callers make one. It may be dropped at any time.
    ///
    /// # Errors
    /// [`RemoteError::Fetch`] when it failed and the keys stay as they were, [`RemoteError::CoolingDown`] when the bound forbids it.
    pub async fn refresh(&self) -> Result<Refreshed, RemoteError> {
        self.keeper.refresh(&Arc::downgrade(&self.source)).await
    }

    /// How long it is until the set should be fetched again; zero when it should be now. It becomes shorter when a token names a key
    /// that is not there.
    pub fn due_in(&self) -> Duration {
        self.keeper.due_in()
    }

    /// Whether this key is there, after a fetch if that could bring it. It waits for one fetch at most, and does not even begin one
    /// when the bound forbids it, or when the same key was looked for in the last 30 s.
    ///
    /// For whoever looks after the keys by hand ([`manual`](RemoteJwksBuilder::manual)) and wants to try a token once more that was refused
    /// with [`VerifyError::UnknownKey`](crate::error::VerifyError::UnknownKey). With the task running,
    /// [`Verifier::verify`](crate::Verifier::verify) does it by itself; what is fetched here is lost when the future is dropped.
    pub async fn wait_for(&self, key_id: &KeyId) -> bool {
        if self.has(key_id) {
            return true;
        }
        self.keeper.want(Some(key_id.as_str()));
        if self.keeper.is_coming() {
            // A failure is told by `health`; here it means that the key is not there.
            let _ = self.refresh().await;
        }
        self.has(key_id)
    }

    fn has(&self, key_id: &KeyId) -> bool {
        self.source.load().keys.iter().any(|key| key.id.as_ref() == Some(key_id))
    }

    /// How the keys are doing.
    pub fn health(&self) -> RemoteHealth {
        let (keys, age) = (self.source.load().keys.len(), self.source.age().unwrap_or_default());
        let missing = self.keeper.missing();
        let state = self.keeper.state();
        RemoteHealth {
            condition: state.condition,
            age,
            max_stale: self.max_stale,
            keys,
            skipped: state.skipped.clone(),
            missing,
            fetches: state.fetches,
        }
    }
}

impl<F: Published> Sealed for RemoteJwks<F> {}
impl<F: Published> Keys for RemoteJwks<F> {
    type Format = F;
    fn source(&self) -> &Arc<Source<F>> {
        &self.source
    }
}

impl<F: Published> Clone for RemoteJwks<F> {
    fn clone(&self) -> Self {
        Self { source: Arc::clone(&self.source), keeper: Arc::clone(&self.keeper), max_stale: self.max_stale }
    }
}

impl<F: Published> fmt::Debug for RemoteJwks<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteJwks")
            .field("host", &self.keeper.host())
            .field("format", &F::NAME)
            .field("keys", &self.keys())
            .finish_non_exhaustive()
    }
}
