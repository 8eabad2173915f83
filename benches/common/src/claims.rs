//! The ten claims that every contestant issues and verifies, in our shape, and in the shape of a peer that has no shape of its own.

use serde::{Deserialize, Serialize};
use session_runtime::{Claims, Timestamp};

pub const ISSUER: &str = "https://id.example.com/realms/production";
pub const AUDIENCE: &str = "https://orders.example.com";
pub const SUBJECT: &str = "5f2b7c1e-8a64-4d09-b3f7-2c9e1a0d6b48";
pub const TOKEN_TYPE: &str = "at+jwt";
pub const TTL: u64 = 900;
/// What peers are given that draw none themselves.
pub const TOKEN_ID: &str = "q6Zx0r3dQ1m8yJ2uW5vTbA";
pub const ROLES: [&str; 3] = ["orders:read", "orders:write", "reports:read"];
pub const TENANT: &str = "acme-europe";
pub const EMAIL: &str = "ada.lovelace@example.com";

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

/// The same, borrowing its texts: for a service that keeps a buffer for each connection.
#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example.com/realms/production", audience = "https://orders.example.com", ttl = "15m", token_type = "at+jwt")]
pub struct Borrowed<'a> {
    #[claim(sub)]
    pub subject: &'a str,
    #[claim(nbf)]
    pub not_before: Timestamp,
    // A vector of texts would be allocated.
    pub roles: [&'a str; 3],
    pub tenant: &'a str,
    pub email: &'a str,
}

/// jsonwebtoken's: every claim is a field.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
            jti: TOKEN_ID.to_owned(),
        }
    }
}

pub fn roles() -> Vec<String> {
    ROLES.map(str::to_owned).to_vec()
}

/// Peers whose registered claims are a type of their own take these beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Beside {
    pub roles: Vec<String>,
    pub tenant: String,
    pub email: String,
}

impl Beside {
    pub fn new() -> Self {
        Self { roles: roles(), tenant: TENANT.to_owned(), email: EMAIL.to_owned() }
    }
}

impl Default for Beside {
    fn default() -> Self {
        Self::new()
    }
}

/// RFC 3339, for peers that want texts.
pub fn rfc3339(seconds: u64) -> String {
    Timestamp::from_unix(i64::try_from(seconds).unwrap_or(0)).to_string()
}
