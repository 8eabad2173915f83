//! A provider that follows the standard, an access token by RFC 9068: <https://www.rfc-editor.org/rfc/rfc9068>.

use session_runtime::{Claims, Timestamp};

/// The only one here that says its type: with `at+jwt` in the header no id token can pass for it (§2.1).
#[derive(Claims, Debug)]
#[claims(token_type = "at+jwt", issuer = "https://authorization-server.example.com/", audience = "https://rs.example.com/")]
pub(crate) struct StandardAccess {
    #[claim(sub)]
    user: String,
    #[claim(exp)]
    expires: Timestamp,
    #[claim(jti)]
    id: String,
    client_id: String,
    #[claim(default)]
    scope: String,
    /// How and when the user signed in (§2.2.1).
    auth_time: Option<i64>,
    acr: Option<String>,
    /// SCIM's names for what the user may do (§2.2.3.1).
    #[claim(default)]
    groups: Vec<String>,
    #[claim(default)]
    roles: Vec<String>,
    #[claim(default)]
    entitlements: Vec<String>,
}

pub(crate) const ACCESS: &str = r#"{
  "iss": "https://authorization-server.example.com/", "sub": "5ba552d67", "aud": "https://rs.example.com/", "exp": LATER, "iat": NOW,
  "auth_time": NOW, "acr": "urn:example:loa:2", "jti": "dbe39bf3a3ba4238a513f51d6e1691c4", "client_id": "s6BhdRkqt3",
  "scope": "openid profile reademail", "groups": ["staff"], "roles": ["clerk"], "entitlements": ["orders"]
}"#;
