//! The layer around any service of tower's: [`RequireAuth`], and [`OptionalAuth`] for services that strangers may use too.

use std::{
    fmt,
    marker::PhantomData,
    mem,
    sync::Arc,
    task::{Context, Poll},
};

use ::http::{Request, Response, header::AUTHORIZATION, request::Parts};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    Anyone, Authenticated, Guard, Plain, Refusal, Respond, WebClaims, authenticate,
    authenticate::{allowed, told},
};
use crate::{future::BoxFuture, lifecycle::Verifier};

/// A layer that lets those requests through whose token is good and allowed by `G`, with [`Authenticated`] in their extensions, and answers
/// all others itself, as `R` spells it.
///
/// The `Authorization` header stays in the request, marked as sensitive, so that middleware that prints headers leaves it out.
/// A preflight of CORS has no credentials: put the layer of CORS outside of this one.
///
/// # Example
/// ```
/// use http::{Request, Response};
/// use session_runtime::{Claims, Issuer, KeyRing, Verifier, http::{Authenticated, RequireAuth}, jwt::{EdDsa, Jwt}};
/// use tower::{Layer, ServiceExt, service_fn};
///
/// #[derive(Claims, Debug)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access { #[claim(sub)] user: String }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// let service = RequireAuth::new(Verifier::<Access>::new(&ring)?).layer(service_fn(|request: Request<String>| async move {
///     let user = request.extensions().get::<Authenticated<Access>>().map(|access| access.user.clone());
///     Ok::<_, std::convert::Infallible>(Response::new(user.unwrap_or_default()))
/// }));
///
/// let token = Issuer::<Access, _>::new(&ring)?.issue(&Access { user: "ada".into() })?.token;
/// let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(String::new())?;
/// assert_eq!(service.clone().oneshot(request).await?.body(), "ada");
///
/// let refused = service.oneshot(Request::get("/").body(String::new())?).await?;
/// assert_eq!(refused.status(), 401);
/// # Ok(())
/// # }
/// ```
pub struct RequireAuth<C, G = Anyone, R = Plain> {
    verifier: Arc<Verifier<C>>,
    kind: PhantomData<fn() -> (G, R)>,
}

impl<C: WebClaims> RequireAuth<C> {
    /// Lets everybody through whose token `verifier` accepts.
    pub fn new(verifier: Verifier<C>) -> Self {
        Self { verifier: Arc::new(verifier), kind: PhantomData }
    }
}

impl<C, G, R> RequireAuth<C, G, R> {
    /// The same layer for those whom `H` allows: `RequireAuth::new(verifier).guard::<MayRefund>()`.
    #[must_use]
    pub fn guard<H: Guard<C>>(self) -> RequireAuth<C, H, R> {
        RequireAuth { verifier: self.verifier, kind: PhantomData }
    }

    /// The same layer with answers in another spelling, [`Grpc`](super::Grpc) or one of your own: `layer.respond::<Grpc>()`.
    #[must_use]
    pub fn respond<T>(self) -> RequireAuth<C, G, T> {
        RequireAuth { verifier: self.verifier, kind: PhantomData }
    }
}

/// A layer that lets requests without credentials through as well, without [`Authenticated`] in their extensions. A token that is there and
/// not good is refused: whoever shows one does not want to be treated as a stranger.
///
/// # Example
/// ```
/// # use session_runtime::{Claims, KeyRing, Verifier, paseto::V4Local};
/// # #[derive(Claims, Debug)]
/// # #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
/// # struct Access { #[claim(sub)] user: String }
/// use session_runtime::http::{Grpc, OptionalAuth};
///
/// let verifier = Verifier::<Access>::new(&KeyRing::<V4Local>::generate()?)?;
/// let for_a_site = OptionalAuth::new(verifier.clone());
/// let for_grpc = OptionalAuth::new(verifier).respond::<Grpc>();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct OptionalAuth<C, R = Plain>(RequireAuth<C, Anyone, R>);

impl<C: WebClaims> OptionalAuth<C> {
    /// Lets everybody through but those whose token `verifier` refuses.
    pub fn new(verifier: Verifier<C>) -> Self {
        Self(RequireAuth::new(verifier))
    }
}

impl<C, R> OptionalAuth<C, R> {
    /// As [`RequireAuth::respond`].
    #[must_use]
    pub fn respond<T>(self) -> OptionalAuth<C, T> {
        OptionalAuth(self.0.respond())
    }
}

/// What the layers make of a service.
pub struct Authenticating<S, C, G = Anyone, R = Plain> {
    inner: S,
    layer: RequireAuth<C, G, R>,
    optional: bool,
}

impl<S, C, G, R> Layer<S> for RequireAuth<C, G, R> {
    type Service = Authenticating<S, C, G, R>;

    fn layer(&self, inner: S) -> Self::Service {
        Authenticating { inner, layer: self.clone(), optional: false }
    }
}

impl<S, C, R> Layer<S> for OptionalAuth<C, R> {
    type Service = Authenticating<S, C, Anyone, R>;

    fn layer(&self, inner: S) -> Self::Service {
        Authenticating { inner, layer: self.0.clone(), optional: true }
    }
}

impl<S, C, G, R, B, D> Service<Request<B>> for Authenticating<S, C, G, R>
where
    S: Service<Request<B>, Response = Response<D>> + Clone + Send + 'static,
    S::Future: Send,
    C: WebClaims,
    G: Guard<C>,
    R: Respond<D>,
    B: Send + 'static,
    D: 'static,
{
    type Response = Response<D>;
    type Error = S::Error;
    // One box for the check and the service together: the future of a check has no name.
    type Future = BoxFuture<'static, Result<Response<D>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was found ready goes with the request, a fresh clone stays.
        let fresh = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, fresh);
        let verifier = Arc::clone(&self.layer.verifier);
        let optional = self.optional;
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match admit::<C, G>(verifier, &mut parts, optional).await {
                Ok(()) => inner.call(Request::from_parts(parts, body)).await,
                Err(refusal) => Ok(R::respond(refusal.answer())),
            }
        })
    }
}

/// Whether a request goes on, with its claims in the extensions.
async fn admit<C: WebClaims, G: Guard<C>>(verifier: Arc<Verifier<C>>, parts: &mut Parts, optional: bool) -> Result<(), Refusal> {
    if let Some(found) = Authenticated::left::<G>(&parts.extensions, &verifier) {
        return allowed::<C, G>(found);
    }
    // What stands there still is the verdict of another verifier, or of a less strict layer further out.
    parts.extensions.remove::<Authenticated<C>>();
    match authenticate::<C, G>(&verifier, &parts.headers).await? {
        Some(claims) => {
            parts.extensions.insert(Authenticated::new(claims, verifier, G::STRICT));
            if let Some(value) = parts.headers.get_mut(AUTHORIZATION) {
                value.set_sensitive(true);
            }
            Ok(())
        }
        None if optional => Ok(()),
        None => Err(told(Refusal::NoCredentials)),
    }
}

impl<C, G, R> Clone for RequireAuth<C, G, R> {
    fn clone(&self) -> Self {
        Self { verifier: Arc::clone(&self.verifier), kind: PhantomData }
    }
}

impl<C, R> Clone for OptionalAuth<C, R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Clone, C, G, R> Clone for Authenticating<S, C, G, R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone(), optional: self.optional }
    }
}

impl<C, G, R> fmt::Debug for RequireAuth<C, G, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireAuth").field("verifier", &self.verifier).finish()
    }
}

impl<C, R> fmt::Debug for OptionalAuth<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OptionalAuth").field("verifier", &self.0.verifier).finish()
    }
}

impl<S: fmt::Debug, C, G, R> fmt::Debug for Authenticating<S, C, G, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticating").field("inner", &self.inner).field("optional", &self.optional).finish_non_exhaustive()
    }
}
