//! Amazon Cognito user pools, an access token and an id token:
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html>.

use session_runtime::{Claims, Timestamp};

/// `untyped`: Cognito's header has no `typ` at all; the claim `token_use` says what the token is. `no_audience`: an access token has no
/// `aud`, and names the application in `client_id`, so that is checked in its place.
#[derive(Claims, Debug)]
#[claims(untyped, issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example", no_audience)]
pub(crate) struct CognitoAccess {
    #[claim(sub)]
    user: String,
    #[claim(exp)]
    expires: Timestamp,
    #[claim(one_of("access"))]
    token_use: String,
    #[claim(one_of("1example23456789"))]
    client_id: String,
    scope: String,
    #[claim(rename = "cognito:groups", default)]
    groups: Vec<String>,
}

/// The id token has `aud`, and the groups too.
#[derive(Claims, Debug)]
#[claims(untyped, issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example", audience = "1example23456789")]
pub(crate) struct CognitoId {
    #[claim(sub)]
    user: String,
    #[claim(exp)]
    expires: Timestamp,
    #[claim(one_of("id"))]
    token_use: String,
    #[claim(rename = "cognito:username")]
    name: String,
    email: Option<String>,
    #[claim(rename = "custom:tenant")]
    tenant: Option<String>,
}

pub(crate) const ACCESS: &str = r#"{
  "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": ["staff"],
  "iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example", "version": 2, "client_id": "1example23456789",
  "origin_jti": "4b5f0d2e-8a51-4a63-9b0e-6f2f7d8d1b21", "event_id": "64f513be-32db-42b0-b78e-b02127b4f463", "token_use": "access",
  "scope": "openid orders/read", "auth_time": NOW, "exp": LATER, "iat": NOW, "jti": "7f1a2d3c-1b2c-4d5e-8f90-a1b2c3d4e522",
  "username": "ada"
}"#;

pub(crate) const ID: &str = r#"{
  "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": ["staff"], "email_verified": true,
  "iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example", "cognito:username": "ada", "custom:tenant": "acme",
  "origin_jti": "4b5f0d2e-8a51-4a63-9b0e-6f2f7d8d1b21", "aud": "1example23456789",
  "event_id": "64f513be-32db-42b0-b78e-b02127b4f463", "token_use": "id", "auth_time": NOW, "exp": LATER, "iat": NOW,
  "jti": "8c2b3e4d-1b2c-4d5e-8f90-a1b2c3d4e533", "email": "ada@acme.example"
}"#;
