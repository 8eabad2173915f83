//! Firebase Authentication, an id token: <https://firebase.google.com/docs/auth/admin/verify-id-tokens>.

use session_runtime::{Claims, Timestamp};

/// `untyped`: the header says `typ: JWT`. Issuer and audience both name the project.
#[derive(Claims, Debug)]
#[claims(untyped, issuer = "https://securetoken.google.com/acme-orders", audience = "acme-orders")]
pub(crate) struct FirebaseId {
    /// The same as `user_id`.
    #[claim(sub)]
    user: String,
    #[claim(exp)]
    expires: Timestamp,
    /// When the user signed in; seconds.
    auth_time: i64,
    /// `password`, `google.com`, `anonymous`, ….
    #[claim(path = "firebase.sign_in_provider")]
    provider: String,
}

pub(crate) const ID: &str = r#"{
  "name": "Ada Lovelace", "iss": "https://securetoken.google.com/acme-orders", "aud": "acme-orders", "auth_time": NOW,
  "user_id": "7aXnJ4k2mVQkq1", "sub": "7aXnJ4k2mVQkq1", "iat": NOW, "exp": LATER, "email": "ada@acme.example", "email_verified": false,
  "firebase": { "identities": { "email": ["ada@acme.example"] }, "sign_in_provider": "password" }
}"#;

/// A session cookie of the same project has an issuer of its own.
pub(crate) const COOKIE: &str = r#"{
  "iss": "https://session.firebase.google.com/acme-orders", "aud": "acme-orders", "auth_time": NOW, "user_id": "7aXnJ4k2mVQkq1",
  "sub": "7aXnJ4k2mVQkq1", "iat": NOW, "exp": LATER,
  "firebase": { "identities": { "email": ["ada@acme.example"] }, "sign_in_provider": "password" }
}"#;
