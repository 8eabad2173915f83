//! From a request's headers to verified claims: what the layer and the extractor have in common.

use std::{fmt, ops::Deref, sync::Arc};

use ::http::{Extensions, HeaderMap};

use super::{Guard, Refusal, bearer, guard::scope, report};
use crate::{
    claims::{ClaimsType, OwnedClaims},
    lifecycle::Verifier,
    token::Verified,
};

/// Claims that a request can carry: they own their values, their checks need no context, and threads may share them. Implemented for all
/// types of which that is true.
#[diagnostic::on_unimplemented(
    message = "a request cannot carry `{Self}`",
    note = "its fields must be owned, `Send` and `Sync`, and its checks must need no `context`; with one, call `bearer` and `Verifier::given`"
)]
pub trait WebClaims: OwnedClaims + ClaimsType<Context = ()> + Send + Sync {}

impl<C: OwnedClaims + ClaimsType<Context = ()> + Send + Sync> WebClaims for C {}

/// The verified claims of a request, as a layer leaves them in its extensions. It dereferences to [`Verified`].
///
/// There is no public constructor, so finding one is a proof as [`Verified`] is: no middleware of others can have put it there.
///
/// # Example: a service behind the layer
/// ```
/// use http::{Request, Response};
/// use session_runtime::{Claims, http::Authenticated};
///
/// #[derive(Claims, Debug)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access { #[claim(sub)] user: String }
///
/// async fn greet<B>(request: Request<B>) -> Response<String> {
///     match request.extensions().get::<Authenticated<Access>>() {
///         Some(access) => Response::new(format!("hello, {}", access.user)),
///         None => Response::new("hello, whoever you are".to_owned()),
///     }
/// }
/// ```
pub struct Authenticated<C> {
    claims: Arc<Verified<C>>,
    /// Who found them good, so that they are not taken for the verdict of another, stricter verifier.
    by: Arc<Verifier<C>>,
    strict: bool,
}

impl<C: WebClaims> Authenticated<C> {
    pub(super) fn new(claims: Verified<C>, by: Arc<Verifier<C>>, strict: bool) -> Self {
        Self { claims: Arc::new(claims), by, strict }
    }

    /// What a layer left, if its verdict is as good as one of `verifier` would be.
    pub(super) fn left<'e, G: Guard<C>>(extensions: &'e Extensions, verifier: &Verifier<C>) -> Option<&'e Self> {
        extensions.get::<Self>().filter(|found| found.by.is_clone_of(verifier) && (found.strict || !G::STRICT))
    }

    /// The claims, to keep beyond the request or in another thread.
    pub fn shared(&self) -> Arc<Verified<C>> {
        Arc::clone(&self.claims)
    }
}

/// Checks the token of a request and what `G` asks of its claims; `None` where there are no credentials for us. For a framework that has
/// no layer or extractor here.
///
/// It waits as [`Verifier::verify`] does. A refusal is counted and told to `tracing`; what to send is its [`answer`](Refusal::answer).
///
/// # Errors
/// Every [`Refusal`] but [`NoCredentials`](Refusal::NoCredentials).
///
/// # Example
/// ```
/// use http::HeaderMap;
/// use session_runtime::{Claims, Issuer, KeyRing, Verifier, http::{Anyone, authenticate}, paseto::V4Local};
///
/// #[derive(Claims, Debug)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access { #[claim(sub)] user: String }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let ring = KeyRing::<V4Local>::generate()?;
/// let verifier = Verifier::<Access>::new(&ring)?;
/// let token = Issuer::<Access, _>::new(&ring)?.issue(&Access { user: "ada".into() })?.token;
///
/// let mut headers = HeaderMap::new();
/// assert!(authenticate::<_, Anyone>(&verifier, &headers).await?.is_none());
/// headers.insert("authorization", format!("Bearer {token}").parse()?);
/// let access = authenticate::<_, Anyone>(&verifier, &headers).await?.unwrap();
/// assert_eq!(access.user, "ada");
///
/// headers.insert("authorization", format!("Bearer {token}x").parse()?);
/// let refusal = authenticate::<_, Anyone>(&verifier, &headers).await.unwrap_err();
/// assert_eq!(refusal.answer().status(), 401);
/// # Ok(())
/// # }
/// ```
pub async fn authenticate<C: WebClaims, G: Guard<C>>(verifier: &Verifier<C>, headers: &HeaderMap) -> Result<Option<Verified<C>>, Refusal> {
    let claims = match verified::<C, G>(verifier, headers).await {
        Ok(Some(claims)) => claims,
        Ok(None) => return Ok(None),
        Err(refusal) => return Err(told(refusal)),
    };
    allowed::<C, G>(&claims)?;
    Ok(Some(claims))
}

async fn verified<C: WebClaims, G: Guard<C>>(verifier: &Verifier<C>, headers: &HeaderMap) -> Result<Option<Verified<C>>, Refusal> {
    let Some(token) = bearer(headers, verifier.max_length())? else { return Ok(None) };
    Ok(Some(if G::STRICT { verifier.strict().verify(token).await } else { verifier.verify(token).await }?))
}

/// Asks a guard.
pub(super) fn allowed<C, G: Guard<C>>(claims: &Verified<C>) -> Result<(), Refusal> {
    let scope = scope::<C, G>();
    if G::allows(claims) {
        return Ok(());
    }
    let refusal = Refusal::NotAllowed { scope };
    report::refused(&refusal, claims.key_id());
    Err(refusal)
}

/// A refusal that operators have been told.
pub(super) fn told(refusal: Refusal) -> Refusal {
    report::refused(&refusal, None);
    refusal
}

impl<C> Deref for Authenticated<C> {
    type Target = Verified<C>;
    fn deref(&self) -> &Verified<C> {
        &self.claims
    }
}

impl<C> Clone for Authenticated<C> {
    fn clone(&self) -> Self {
        Self { claims: Arc::clone(&self.claims), by: Arc::clone(&self.by), strict: self.strict }
    }
}

impl<C: fmt::Debug> fmt::Debug for Authenticated<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authenticated").field(&*self.claims).finish()
    }
}
