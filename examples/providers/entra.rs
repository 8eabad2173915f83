//! Microsoft Entra ID, an access token of version 2.0 for an API:
//! <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.

use session_runtime::{Claims, Timestamp};

/// `untyped`: the header says `typ: JWT`. An id token is for the client and not for the API, so the audience tells them apart; for an
/// application that is both, the claim `scp` does, which no id token has.
#[derive(Claims, Debug)]
#[claims(
    untyped,
    issuer = "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0",
    audience = "00001111-aaaa-2222-bbbb-3333cccc4444"
)]
pub(crate) struct EntraAccess {
    /// Another one in each application; `oid` is the same everywhere in the tenant.
    #[claim(sub)]
    subject: String,
    #[claim(exp)]
    expires: Timestamp,
    #[claim(rename = "oid")]
    user: String,
    /// Implied by the issuer here; an application for many tenants compares it with its own list.
    #[claim(rename = "tid", one_of("aaaabbbb-0000-cccc-1111-dddd2222eeee"))]
    tenant: String,
    /// Version 1.0 has other claims under other names, and another issuer.
    #[claim(rename = "ver", one_of("2.0"))]
    version: String,
    #[claim(rename = "azp")]
    client: String,
    /// Texts between spaces, for what a user allowed; a service that speaks for itself has `roles` alone.
    #[claim(rename = "scp")]
    scope: String,
    #[claim(default)]
    roles: Vec<String>,
}

pub(crate) const ACCESS: &str = r#"{
  "aud": "00001111-aaaa-2222-bbbb-3333cccc4444", "iss": "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0",
  "iat": NOW, "nbf": NOW, "exp": LATER, "aio": "AXQAi/8IAAAAtAAA", "azp": "11112222-bbbb-3333-cccc-4444dddd5555", "azpacr": "0",
  "name": "Ada Lovelace", "oid": "22223333-cccc-4444-dddd-5555eeee6666", "preferred_username": "ada@acme.example", "rh": "0.AX0A",
  "roles": ["Orders.Clerk"], "scp": "Orders.Read", "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
  "tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee", "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0"
}"#;

pub(crate) const ID: &str = r#"{
  "aud": "00001111-aaaa-2222-bbbb-3333cccc4444", "iss": "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0",
  "iat": NOW, "nbf": NOW, "exp": LATER, "aio": "AXQAi/8IAAAAtAAA", "name": "Ada Lovelace", "nonce": "123523",
  "oid": "22223333-cccc-4444-dddd-5555eeee6666", "preferred_username": "ada@acme.example", "rh": "0.AX0A",
  "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee", "uti": "fqiBqXLPj0eQa82S-IYFAA",
  "ver": "2.0"
}"#;
