//! Middleware as people write it by hand: the header, one library, its checks set to what ours checks, and the claims in the extensions.

use std::sync::Arc;

use axum::{
    extract::{Extension, Request, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    middleware::Next,
    response::Response,
};
use common::{
    claims::{AUDIENCE, AllFields, ISSUER, TOKEN_TYPE},
    contest::Outcome,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use pasetors::{Local, claims::ClaimsValidationRules, keys::SymmetricKey, token::UntrustedToken, version4::V4};
use serde::Deserialize;

/// The handler behind both.
pub async fn user(Extension(user): Extension<User>) -> String {
    user.0
}

#[derive(Debug, Clone)]
pub struct User(String);

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// The key and the checks, made once.
pub struct Jwt {
    decoding: DecodingKey,
    validation: Validation,
}

impl Jwt {
    pub fn new(algorithm: Algorithm, decoding: DecodingKey) -> Arc<Self> {
        let mut validation = Validation::new(algorithm);
        validation.validate_nbf = true;
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss"]);
        Arc::new(Self { decoding, validation })
    }
}

pub async fn jsonwebtoken(State(keys): State<Arc<Jwt>>, mut request: Request, next: Next) -> Result<Response, StatusCode> {
    let token = bearer(request.headers()).ok_or(StatusCode::UNAUTHORIZED)?;
    let decoded = jsonwebtoken::decode::<AllFields>(token, &keys.decoding, &keys.validation).map_err(|_| StatusCode::UNAUTHORIZED)?;
    request.extensions_mut().insert(User(decoded.claims.sub));
    Ok(next.run(request).await)
}

/// The same for a `v4.local` token.
pub struct Paseto {
    key: SymmetricKey<V4>,
    rules: ClaimsValidationRules,
}

impl Paseto {
    pub fn new(key: &[u8]) -> Outcome<Arc<Self>> {
        let mut rules = ClaimsValidationRules::new();
        rules.validate_issuer_with(ISSUER);
        rules.validate_audience_with(AUDIENCE);
        Ok(Arc::new(Self { key: SymmetricKey::from(key)?, rules }))
    }

    /// The claims as a struct; the library hands out a JSON text or a map.
    fn check(&self, token: &str) -> Option<Claims> {
        let token = UntrustedToken::<Local, V4>::try_from(token).ok()?;
        let trusted = pasetors::local::decrypt(&self.key, &token, &self.rules, None, Some(TOKEN_TYPE.as_bytes())).ok()?;
        serde_json::from_str(trusted.payload()).ok()
    }
}

/// As [`AllFields`], with the times as texts.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "a service has these fields, and reading them is part of the work")]
struct Claims {
    sub: String,
    roles: Vec<String>,
    tenant: String,
    email: String,
    iss: String,
    aud: String,
    iat: String,
    exp: String,
    jti: String,
}

pub async fn pasetors(State(keys): State<Arc<Paseto>>, mut request: Request, next: Next) -> Result<Response, StatusCode> {
    let token = bearer(request.headers()).ok_or(StatusCode::UNAUTHORIZED)?;
    let claims = keys.check(token).ok_or(StatusCode::UNAUTHORIZED)?;
    request.extensions_mut().insert(User(claims.sub));
    Ok(next.run(request).await)
}
