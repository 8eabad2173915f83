//! Auth0, an access token for an API: <https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles>.

use session_runtime::{Claims, Timestamp};

/// `untyped`: Auth0's own profile writes `typ: JWT`, which every JWT may say, so issuer and audience are all that tells this token from
/// another of the same tenant. An API that was set to the RFC 9068 profile gets `at+jwt`; write `token_type = "at+jwt"` then.
#[derive(Claims, Debug)]
#[claims(untyped, issuer = "https://acme.eu.auth0.com/", audience = "https://orders.example/api")]
pub(crate) struct Auth0Access {
    /// The user, or `<client id>@clients` for a machine.
    #[claim(sub)]
    user: String,
    #[claim(exp)]
    expires: Timestamp,
    /// The application that asked.
    #[claim(rename = "azp")]
    client: String,
    /// Texts between spaces.
    scope: String,
    /// With RBAC and "Add Permissions in the Access Token" turned on; without them it is not there.
    #[claim(default)]
    permissions: Vec<String>,
    /// What an Action adds has to have a name of your own: Auth0 drops other names.
    #[claim(rename = "https://orders.example/tenant")]
    tenant: String,
}

/// Asked for with `openid`, it is for `/userinfo` too, so `aud` is a list.
pub(crate) const ACCESS: &str = r#"{
  "https://orders.example/tenant": "acme",
  "iss": "https://acme.eu.auth0.com/", "sub": "auth0|5f7c8ec7c33c6c004bbafe82",
  "aud": ["https://orders.example/api", "https://acme.eu.auth0.com/userinfo"],
  "iat": NOW, "exp": LATER, "azp": "my_client_id", "scope": "openid profile read:orders",
  "permissions": ["read:orders"]
}"#;

pub(crate) const ID: &str = r#"{
  "nickname": "ada", "name": "Ada Lovelace", "picture": "https://s.gravatar.com/avatar/0.png", "updated_at": "2029-12-31T08:00:00.000Z",
  "email": "ada@acme.example", "email_verified": true,
  "iss": "https://acme.eu.auth0.com/", "sub": "auth0|5f7c8ec7c33c6c004bbafe82", "aud": "my_client_id",
  "iat": NOW, "exp": LATER, "sid": "qoBZLFwgvrGUEHrZs3dUMmNzRyLjFVYb", "nonce": "n-0S6_WzA2Mj"
}"#;
