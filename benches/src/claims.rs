//! The ten claims that every contestant issues and verifies, in the shape that each of them wants.

use serde::{Deserialize, Serialize};
use session_runtime::{Claims, Timestamp};

pub const ISSUER: &str = "https://id.example.com/realms/production";
pub const AUDIENCE: &str = "https://orders.example.com";
pub const SUBJECT: &str = "5f2b7c1e-8a64-4d09-b3f7-2c9e1a0d6b48";
pub const TOKEN_TYPE: &str = "at+jwt";
pub const TTL: u64 = 900;
const ROLES: [&str; 3] = ["orders:read", "orders:write", "reports:read"];
const TENANT: &str = "acme-europe";
const EMAIL: &str = "ada.lovelace@example.com";

/// Ours: what the policy stamps and checks (`iss`, `aud`, `exp`, `iat`, `jti`) needs no field.
#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example.com/realms/production", audience = "https://orders.example.com", ttl = "15m", token_type = "at+jwt")]
pub struct Access {
    #[claim(sub)]
    pub subject: String,
    #[claim(nbf)]
    pub not_before: Timestamp,
    pub roles: Vec<String>,
    pub tenant: String,
    pub email: String,
}

impl Access {
    pub fn now(now: u64) -> Self {
        Self {
            subject: SUBJECT.to_owned(),
            not_before: Timestamp::from_unix(i64::try_from(now).unwrap_or(0)),
            roles: roles(),
            tenant: TENANT.to_owned(),
            email: EMAIL.to_owned(),
        }
    }
}

/// jsonwebtoken's: every claim is a field.
#[derive(Debug, Serialize, Deserialize)]
pub struct AllFields {
    pub sub: String,
    pub nbf: u64,
    pub roles: Vec<String>,
    pub tenant: String,
    pub email: String,
    pub iss: String,
    pub aud: String,
    pub iat: u64,
    pub exp: u64,
    pub jti: String,
}

impl AllFields {
    pub fn now(now: u64) -> Self {
        Self {
            sub: SUBJECT.to_owned(),
            nbf: now,
            roles: roles(),
            tenant: TENANT.to_owned(),
            email: EMAIL.to_owned(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat: now,
            exp: now + TTL,
            jti: "q6Zx0r3dQ1m8yJ2uW5vTbA".to_owned(),
        }
    }
}

/// pasetors's: a map that its own setters fill.
pub fn paseto(now: &str, then: &str) -> Result<pasetors::claims::Claims, pasetors::errors::Error> {
    let mut claims = pasetors::claims::Claims::new()?;
    claims.subject(SUBJECT)?;
    claims.not_before(now)?;
    claims.add_additional("roles", ROLES.to_vec())?;
    claims.add_additional("tenant", TENANT)?;
    claims.add_additional("email", EMAIL)?;
    claims.issuer(ISSUER)?;
    claims.audience(AUDIENCE)?;
    claims.issued_at(now)?;
    claims.expiration(then)?;
    claims.token_identifier("q6Zx0r3dQ1m8yJ2uW5vTbA")?;
    Ok(claims)
}

fn roles() -> Vec<String> {
    ROLES.map(str::to_owned).to_vec()
}
