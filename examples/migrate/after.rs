//! After: the same tokens, the same secret, the same handler.

use axum::{Router, routing::get};
use session_runtime::{Claims, KeyRing, Verifier, http::axum::Auth, jwt::Hs256};

use crate::{AUDIENCE, ISSUER};

/// `untyped`, since the old tokens say `typ: JWT`, which says nothing. It goes when the last of them has expired.
#[derive(Claims, Debug)]
#[claims(issuer = ISSUER, audience = AUDIENCE, ttl = "15m", untyped)]
pub(crate) struct Access {
    #[claim(sub)]
    pub(crate) user: String,
    pub(crate) roles: Vec<String>,
}

pub(crate) fn app(ring: &KeyRing<session_runtime::jwt::Jwt<Hs256>>) -> Result<Router, session_runtime::error::ConfigError> {
    Ok(Router::new().route("/", get(async |access: Auth<Access>| format!("{} {:?}", access.user, access.roles))).with_state(Verifier::<
        Access,
    >::new(
        ring
    )?))
}
