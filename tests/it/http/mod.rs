//! Requests: what is read of them, what strangers are answered, and that the layer and the extractor say the same. No sockets.

mod answers;
mod documents;
mod extract;
mod forged;
mod layers;
mod told;

use std::convert::Infallible;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, Response},
    routing::get,
};
use session_runtime::{
    Verifier,
    http::{Anyone, Guard, RequireAuth, axum::Auth},
};
use tower::{Layer, ServiceExt, service_fn};

use super::support::Access;

/// What a handler says that was reached.
pub(crate) const IN: &str = "in";

/// A request with these `Authorization` headers.
pub(crate) fn request(authorization: &[&str]) -> Request {
    let mut request = Request::new(Body::empty());
    for value in authorization {
        request.headers_mut().append("authorization", HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    request
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Status line, headers and body, as a stranger sees them.
pub(crate) async fn bytes(response: Response<Body>) -> String {
    let (mut parts, body) = response.into_parts();
    // Whoever writes to the socket adds it; axum does so earlier than a server would.
    let length = parts.headers.remove("content-length");
    let mut lines: Vec<String> = parts.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    lines.sort();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    assert!(body.is_empty() || length.is_none_or(|length| length == body.len().to_string()));
    format!("{:?} {}\n{}\n\n{}", parts.version, parts.status, lines.join("\n"), std::str::from_utf8(&body).unwrap())
}

/// A route that is reached by those whom `G` allows.
pub(crate) fn route<G: Guard<Access>>(verifier: &Verifier<Access>) -> Router {
    Router::new().route("/", get(async |_: Auth<Access, G>| IN)).with_state(verifier.clone())
}

/// What the extractor and the layer answer, which is the same.
pub(crate) async fn ask<G: Guard<Access>>(verifier: &Verifier<Access>, authorization: &[&str]) -> String {
    let extracted = bytes(route::<G>(verifier).oneshot(request(authorization)).await.unwrap()).await;
    let inner = service_fn(|_: Request| async { Ok::<_, Infallible>(Response::new(Body::from(IN))) });
    let layered = RequireAuth::new(verifier.clone()).guard::<G>().layer(inner);
    let layered = bytes(layered.oneshot(request(authorization)).await.unwrap()).await;
    if reached(&extracted) {
        assert!(reached(&layered), "{layered}");
    } else {
        assert_eq!(extracted, layered, "the extractor and the layer");
    }
    extracted
}

/// As [`ask`], with one token and no guard.
pub(crate) async fn show(verifier: &Verifier<Access>, token: &str) -> String {
    ask::<Anyone>(verifier, &[&bearer(token)]).await
}

pub(crate) fn reached(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with(IN)
}
