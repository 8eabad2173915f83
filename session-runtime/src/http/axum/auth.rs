//! The extractor: one word in the signature of a handler.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc};

use ::axum::{
    body::Body,
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use ::http::request::Parts;

use crate::{
    http::{
        Anyone, Authenticated, Guard, Refusal, WebClaims, authenticate,
        authenticate::{allowed, told},
    },
    lifecycle::Verifier,
    token::Verified,
};

/// The verified claims of a request. It dereferences to [`Verified`], and so to the claims.
///
/// A handler that takes one is not called unless the token is good and `G` allows it. `Option<Auth<C>>` is `None` where there are no
/// credentials; a token that is there and not good, or not allowed, is refused all the same.
///
/// All that it needs is a `Verifier<C>` in the state, by `FromRef`. Behind a layer ([`RequireAuth`](crate::http::RequireAuth)) with a clone
/// of the same verifier it takes the layer's verdict; one of another verifier, and one that is less strict than `G`, it does not take.
///
/// Its rejection is [`Refusal`], which answers as [`http`](crate::http) says. A handler may take `Result<Auth<C>, Refusal>` for pages of
/// its own.
///
/// # Example
/// ```
/// use axum::{Router, body::Body, http::Request, routing::{get, post}};
/// use session_runtime::{Claims, Issuer, KeyRing, Verified, Verifier, http::{Guard, Strict, axum::Auth}, jwt::{EdDsa, Jwt}};
/// use tower::ServiceExt;
///
/// #[derive(Claims, Debug)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
///     roles: Vec<String>,
/// }
///
/// struct Admin;
///
/// impl Guard<Access> for Admin {
///     fn allows(access: &Verified<Access>) -> bool {
///         access.roles.iter().any(|role| role == "admin")
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// let app = Router::new()
///     .route("/me", get(async |access: Auth<Access>| access.user.clone()))
///     .route("/users", get(async |_: Auth<Access, Admin>| "ada, grace"))
///     .route("/transfers", post(async |_: Auth<Access, Strict<Admin>>| "done")) // asks the revocation log
///     .with_state(Verifier::<Access>::new(&ring)?);
///
/// let token = Issuer::<Access, _>::new(&ring)?.issue(&Access { user: "grace".into(), roles: vec![] })?.token;
/// let get = |path: &str| Request::get(path).header("authorization", format!("Bearer {token}")).body(Body::empty());
/// assert_eq!(app.clone().oneshot(get("/me")?).await?.status(), 200);
/// assert_eq!(app.clone().oneshot(get("/users")?).await?.status(), 403);
/// assert_eq!(app.oneshot(Request::get("/me").body(Body::empty())?).await?.status(), 401);
/// # Ok(())
/// # }
/// ```
pub struct Auth<C, G = Anyone> {
    claims: Arc<Verified<C>>,
    guard: PhantomData<fn() -> G>,
}

impl<C, G> Auth<C, G> {
    /// The claims, to keep beyond the request or in another task. What is kept is not checked again: a token may end meanwhile.
    pub fn shared(&self) -> Arc<Verified<C>> {
        Arc::clone(&self.claims)
    }
}

impl<C: WebClaims, G: Guard<C>> Auth<C, G> {
    async fn find<S>(parts: &Parts, state: &S) -> Result<Option<Self>, Refusal>
    where
        Verifier<C>: FromRef<S>,
    {
        let verifier = Verifier::from_ref(state);
        let claims = match Authenticated::left::<G>(&parts.extensions, &verifier) {
            Some(found) => {
                allowed::<C, G>(found)?;
                found.shared()
            }
            None => match authenticate::<C, G>(&verifier, &parts.headers).await? {
                Some(claims) => Arc::new(claims),
                None => return Ok(None),
            },
        };
        Ok(Some(Self { claims, guard: PhantomData }))
    }
}

impl<S, C, G> FromRequestParts<S> for Auth<C, G>
where
    S: Send + Sync,
    Verifier<C>: FromRef<S>,
    C: WebClaims,
    G: Guard<C>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        Self::find(parts, state).await?.ok_or_else(|| told(Refusal::NoCredentials))
    }
}

impl<S, C, G> OptionalFromRequestParts<S> for Auth<C, G>
where
    S: Send + Sync,
    Verifier<C>: FromRef<S>,
    C: WebClaims,
    G: Guard<C>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Refusal> {
        Self::find(parts, state).await
    }
}

/// The [answer](Refusal::answer), which tells nothing of the cause.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.answer().response::<Body>()
    }
}

impl<C, G> Deref for Auth<C, G> {
    type Target = Verified<C>;
    fn deref(&self) -> &Verified<C> {
        &self.claims
    }
}

impl<C, G> Clone for Auth<C, G> {
    fn clone(&self) -> Self {
        Self { claims: Arc::clone(&self.claims), guard: PhantomData }
    }
}

impl<C: fmt::Debug, G> fmt::Debug for Auth<C, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Auth").field(&*self.claims).finish()
    }
}
