//! Keycloak, an access token: <https://www.keycloak.org/securing-apps/oidc-layers>.

use session_runtime::{Claims, Timestamp};

/// `untyped`: the header says `typ: JWT` of every token. Which one it is stands in the *claim* `typ`, so only the one is let in.
#[derive(Claims, Debug)]
#[claims(untyped, issuer = "https://id.example/realms/acme", audience = "orders")]
pub(crate) struct KeycloakAccess {
    #[claim(sub)]
    user: String,
    #[claim(exp)]
    expires: Timestamp,
    /// The session, which "log out everywhere" of Keycloak ends.
    #[claim(sid)]
    session: Option<String>,
    #[claim(rename = "typ", one_of("Bearer"))]
    kind: String,
    #[claim(rename = "azp")]
    client: String,
    #[claim(rename = "preferred_username")]
    name: String,
    #[claim(path = "realm_access.roles", default)]
    realm_roles: Vec<String>,
    /// One group a client; this API reads its own.
    #[claim(path = "resource_access.orders.roles", default)]
    roles: Vec<String>,
    /// What the user may do with the account itself.
    #[claim(path = "resource_access.account.roles", default)]
    account_roles: Vec<String>,
}

/// A client needs the mapper "Audience"; without it `aud` is `account` alone.
pub(crate) const ACCESS: &str = r#"{
  "exp": LATER, "iat": NOW, "jti": "f3ffb16c-2b9e-4a52-8b5c-1f8d5f0a3a10", "iss": "https://id.example/realms/acme",
  "aud": ["orders", "account"], "sub": "1f2d3c4b-0000-4000-8000-0123456789ab", "typ": "Bearer", "azp": "web",
  "sid": "9d1c7f1e-6a0f-4a7c-9d53-9c1b8a0f5c11", "acr": "1", "allowed-origins": ["https://shop.example"],
  "realm_access": { "roles": ["offline_access", "staff"] },
  "resource_access": { "orders": { "roles": ["clerk"] }, "account": { "roles": ["manage-account", "view-profile"] } },
  "scope": "openid email profile", "email_verified": true, "name": "Ada Lovelace", "preferred_username": "ada",
  "given_name": "Ada", "family_name": "Lovelace", "email": "ada@acme.example"
}"#;

/// With the same audience, as a client that is also the API would get it.
pub(crate) const ID: &str = r#"{
  "exp": LATER, "iat": NOW, "auth_time": NOW, "jti": "0d6a3f0e-3f5b-4c7e-a0a0-9a8d9d8e7c12", "iss": "https://id.example/realms/acme",
  "aud": "orders", "sub": "1f2d3c4b-0000-4000-8000-0123456789ab", "typ": "ID", "azp": "orders",
  "sid": "9d1c7f1e-6a0f-4a7c-9d53-9c1b8a0f5c11", "at_hash": "Vb1Sx0fY8E7kO1qgqHkLZg", "acr": "1", "email_verified": true,
  "name": "Ada Lovelace", "preferred_username": "ada", "email": "ada@acme.example"
}"#;
