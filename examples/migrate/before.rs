//! Before: an extractor around jsonwebtoken, as it stands in many services.

use axum::{
    Router,
    extract::{FromRef, FromRequestParts},
    http::{StatusCode, header::AUTHORIZATION, request::Parts},
    routing::get,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::{AUDIENCE, ISSUER};

#[derive(Deserialize)]
struct Claims {
    sub: String,
    roles: Vec<String>,
}

struct User(Claims);

#[derive(Clone)]
struct Keys(DecodingKey);

impl<S> FromRequestParts<S> for User
where
    S: Send + Sync,
    Keys: FromRef<S>,
{
    type Rejection = (StatusCode, String);

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let refused = |why: String| (StatusCode::UNAUTHORIZED, why);
        let header = parts.headers.get(AUTHORIZATION).ok_or_else(|| refused("no header".to_owned()))?;
        let header = header.to_str().map_err(|error| refused(error.to_string()))?;
        let token = header.strip_prefix("Bearer ").ok_or_else(|| refused("not a bearer token".to_owned()))?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        #[allow(clippy::disallowed_methods, reason = "this is what is moved away from")]
        let decoded = jsonwebtoken::decode::<Claims>(token, &Keys::from_ref(state).0, &validation);
        decoded.map(|decoded| Self(decoded.claims)).map_err(|error| refused(error.to_string()))
    }
}

pub(crate) fn app(secret: &[u8]) -> Router {
    Router::new()
        .route("/", get(async |user: User| format!("{} {:?}", user.0.sub, user.0.roles)))
        .with_state(Keys(DecodingKey::from_secret(secret)))
}
