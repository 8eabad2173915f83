//! Google, an id token of "Sign in with Google": <https://developers.google.com/identity/openid-connect/openid-connect>.

use session_runtime::{Claims, Timestamp};

/// `untyped`: the header says `typ: JWT`. Google's access tokens are no JWT.
///
/// Google names itself `https://accounts.google.com` and, in old flows, `accounts.google.com`. Whoever still meets that spelling accepts the
/// same keys once more, with `accept_from("accounts.google.com", &keys)`.
#[derive(Claims, Debug)]
#[claims(untyped, issuer = "https://accounts.google.com", audience = "1234987819200.apps.googleusercontent.com")]
pub(crate) struct GoogleId {
    /// The user; an address may change hands, this does not.
    #[claim(sub)]
    user: String,
    #[claim(exp)]
    expires: Timestamp,
    email: String,
    #[claim(check = is_verified)]
    email_verified: bool,
    /// The domain of a Workspace account. Without this every Google account of the world gets in.
    #[claim(rename = "hd", one_of("acme.example"))]
    domain: String,
}

fn is_verified(verified: &bool) -> Result<(), &'static str> {
    if *verified { Ok(()) } else { Err("nobody has verified the address") }
}

pub(crate) const ID: &str = r#"{
  "iss": "https://accounts.google.com", "azp": "1234987819200.apps.googleusercontent.com",
  "aud": "1234987819200.apps.googleusercontent.com", "sub": "10769150350006150715113082367", "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
  "hd": "acme.example", "email": "ada@acme.example", "email_verified": true, "iat": NOW, "exp": LATER, "nonce": "0394852-3190485-2490358"
}"#;

/// A private account has no domain.
pub(crate) const PRIVATE: &str = r#"{
  "iss": "https://accounts.google.com", "azp": "1234987819200.apps.googleusercontent.com",
  "aud": "1234987819200.apps.googleusercontent.com", "sub": "10769150350006150715113082399", "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
  "email": "eve@gmail.example", "email_verified": true, "iat": NOW, "exp": LATER
}"#;
