//! From hand-written jsonwebtoken code to the derive: both services side by side, the same requests to both. Tokens that are out stay good,
//! and what the old code let through by default is refused.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program that shows things")]
#![allow(clippy::arithmetic_side_effects, reason = "some seconds before and after now")]

mod after;
mod before;

use std::error::Error;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use session_runtime::{Clock, Issuer, KeyRing, SystemClock, jwt::Jwt};
use tower::ServiceExt;

const ISSUER: &str = "https://id.example";
const AUDIENCE: &str = "orders";
/// For this demonstration; a service reads it from its environment.
const SECRET: &[u8] = b"k7Jm2Qx9Zp4Rt8Wv3Ny6Bc1Df5Gh0LsA";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let ring = KeyRing::<Jwt<_>>::from_secret(SECRET)?;
    let (before, after) = (before::app(SECRET), after::app(&ring)?);

    let now = SystemClock.wall().as_unix();
    let with = |change: Value| {
        let mut claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "roles": ["clerk"], "iat": now, "exp": now + 900 });
        if let (Some(claims), Value::Object(change)) = (claims.as_object_mut(), change) {
            claims.extend(change);
            // Null stands for a claim that is left out.
            claims.retain(|_, value| !value.is_null());
        }
        claims
    };
    let fresh = Issuer::<after::Access, _>::new(&ring)?;
    let fresh = fresh.issue(&after::Access { user: "ada".to_owned(), roles: vec!["clerk".to_owned()] })?.token;
    let good = format!("Bearer {}", old(&with(json!({})), SECRET)?);
    let claims = |change: Value| -> Result<Vec<String>, Box<dyn Error>> { Ok(vec![format!("Bearer {}", old(&with(change), SECRET)?)]) };

    println!("{:<48} before  after", "");
    let table = [
        ("a token of the old code", vec![good.clone()]),
        ("a token of the derive", vec![format!("Bearer {fresh}")]),
        ("no token", vec![]),
        ("another secret", vec![format!("Bearer {}", old(&with(json!({})), b"another secret of thirty-two bytes")?)]),
        ("another audience", claims(json!({ "aud": "billing" }))?),
        ("expired two minutes ago", claims(json!({ "iat": now - 1_020, "exp": now - 120 }))?),
        ("expired 45 seconds ago", claims(json!({ "iat": now - 945, "exp": now - 45 }))?),
        ("not valid for another hour", claims(json!({ "nbf": now + 3_600 }))?),
        ("issued in the future", claims(json!({ "iat": now + 600, "exp": now + 900 }))?),
        ("lives for a year", claims(json!({ "exp": now + 31_536_000 }))?),
        ("without audience", claims(json!({ "aud": null }))?),
        ("without issuer", claims(json!({ "iss": null }))?),
        ("the scheme in small letters (RFC 9110 §11.1)", vec![good.replace("Bearer", "bearer")]),
        ("two headers", vec![good.clone(), "Bearer somebody.else.s".to_owned()]),
    ];
    for (what, headers) in &table {
        let (old, new) = (ask(&before, headers).await?.0, ask(&after, headers).await?.0);
        println!("{what:<48} {old:<7} {new}");
    }

    println!("\nWhat a stranger is told of an expired token:");
    let expired = claims(json!({ "iat": now - 1_020, "exp": now - 120 }))?;
    for (name, app) in [("before", &before), ("after", &after)] {
        println!("  {name:<7} {}", ask(app, &expired).await?.1);
    }
    Ok(())
}

/// A token as the old code's login makes it.
fn old(claims: &Value, secret: &[u8]) -> Result<String, Box<dyn Error>> {
    #[allow(clippy::disallowed_methods, reason = "this is what is moved away from; the back-end is chosen by a feature of the examples")]
    Ok(jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(secret))?)
}

async fn ask(app: &Router, authorization: &[String]) -> Result<(u16, String), Box<dyn Error>> {
    let mut request = Request::get("/");
    for value in authorization {
        request = request.header("authorization", value);
    }
    let (parts, body) = app.clone().oneshot(request.body(Body::empty())?).await?.into_parts();
    Ok((parts.status.as_u16(), String::from_utf8(to_bytes(body, 4096).await?.to_vec())?))
}
