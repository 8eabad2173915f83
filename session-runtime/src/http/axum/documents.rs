//! Routes that publish keys, and where they are.

use std::time::Duration;

use ::axum::{
    Router,
    body::Body,
    routing::{MethodRouter, get},
};
use ::http::HeaderMap;

use crate::{
    format::Published,
    http::publish,
    keyring::{KeyRing, ProviderMetadata, Representation},
};

/// Where [`jwks`] serves the keys, as most issuers do. The path is a habit: readers learn it from `jwks_uri` of the discovery document.
pub const JWKS_PATH: &str = "/.well-known/jwks.json";

/// Serves the public keys of a ring at [`JWKS_PATH`], as they are at each request, with the headers of
/// [`Jwks::document`](crate::keyring::Jwks::document).
///
/// # Example
/// ```
/// use axum::{Router, body::Body, http::Request};
/// use session_runtime::{KeyRing, http::axum::jwks, jwt::{EdDsa, Jwt}, keyring::Timing};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let ring = KeyRing::<Jwt<EdDsa>>::builder().timing(Timing::FLEET).generate()?;
/// let app: Router = Router::new().merge(jwks(&ring));
/// let answer = app.oneshot(Request::get("/.well-known/jwks.json").body(Body::empty())?).await?;
/// assert_eq!(answer.headers()["content-type"], "application/jwk-set+json");
/// assert_eq!(answer.headers()["cache-control"], "public, max-age=900");
/// # Ok(())
/// # }
/// ```
pub fn jwks<F: Published, S: Clone + Send + Sync + 'static>(ring: &KeyRing<F>) -> Router<S> {
    let ring = ring.clone();
    Router::new().route(JWKS_PATH, document(move || ring.jwks_document()))
}

/// Serves what an issuer says about itself, at the paths of OpenID Connect Discovery and of RFC 8414
/// ([`ProviderMetadata::openid_path`] and [`oauth_path`](ProviderMetadata::oauth_path)). Others may keep it for `max_age`; an hour is usual.
///
/// # Example
/// ```
/// use std::time::Duration;
/// use axum::{Router, body::Body, http::Request};
/// use session_runtime::{KeyRing, http::axum::discovery, jwt::{EdDsa, Jwt}, keyring::ProviderMetadata};
/// use tower::ServiceExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// let provider = ProviderMetadata::builder("https://id.example", "https://id.example/.well-known/jwks.json").signed_by(&ring).build()?;
/// let app: Router = Router::new().merge(discovery(&provider, Duration::from_secs(3_600)));
/// let answer = app.oneshot(Request::get("/.well-known/openid-configuration").body(Body::empty())?).await?;
/// assert_eq!(answer.headers()["content-type"], "application/json");
/// # Ok(())
/// # }
/// ```
pub fn discovery<S: Clone + Send + Sync + 'static>(provider: &ProviderMetadata, max_age: Duration) -> Router<S> {
    let ready = provider.document(max_age);
    let route = || {
        let ready = ready.clone();
        document(move || ready.clone())
    };
    // The path of an issuer is any path of a URL, and braces and colons are no patterns in it.
    let literal = |path: String| path.replace('{', "{{").replace('}', "}}");
    Router::new().without_v07_checks().route(&literal(provider.openid_path()), route()).route(&literal(provider.oauth_path()), route())
}

/// Serves a document for GET and HEAD, made anew at each request: the keys of several rings in one set, or at another path.
///
/// # Example
/// ```
/// use axum::Router;
/// use session_runtime::{KeyRing, http::axum::document, jwt::{EdDsa, Es256, Jwt}};
///
/// let (new, old) = (KeyRing::<Jwt<EdDsa>>::generate()?, KeyRing::<Jwt<Es256>>::generate()?);
/// let both = move || match new.jwks().join(old.jwks()) {
///     Ok(set) => set.document(),
///     Err(_) => new.jwks_document(), // two keys of one name; a start-up should look for it
/// };
/// let app: Router = Router::new().route("/keys", document(both));
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
pub fn document<S: Clone + Send + Sync + 'static>(now: impl Fn() -> Representation + Clone + Send + Sync + 'static) -> MethodRouter<S> {
    get(async move |headers: HeaderMap| publish::<Body>(now(), &headers))
}
