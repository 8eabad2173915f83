//! Published documents through axum: current at each request, with tags, and paths that are no patterns.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
};
use session_runtime::{
    http::axum::{JWKS_PATH, discovery, document, jwks},
    jwt::{EdDsa, Es256, Jwt},
    keyring::ProviderMetadata,
};
use tower::ServiceExt;

use super::bytes;
use crate::support::{noon, own_ring};

async fn get(app: &Router, path: &str, tags: &[&str]) -> axum::response::Response {
    let mut request = Request::get(path);
    for tag in tags {
        request = request.header("if-none-match", *tag);
    }
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_key_set_follows_its_ring() {
    let ring = own_ring::<Jwt<EdDsa>>(&noon());
    let app: Router = Router::new().merge(jwks(&ring));
    let first = get(&app, JWKS_PATH, &[]).await;
    assert_eq!(first.status(), StatusCode::OK);
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let text = bytes(first).await;
    assert!(text.ends_with(&format!("\n\n{}", ring.jwks())), "{text}");
    assert!(text.contains("\ncache-control: no-cache\n") && text.contains("\ncontent-type: application/jwk-set+json\n"), "{text}");

    for known in [&[tag.as_str()][..], &["\"other\"", tag.as_str()], &["*"], &[format!("\"x\", W/{tag}").as_str()]] {
        let same = get(&app, JWKS_PATH, known).await;
        assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
        assert_eq!((same.headers()["etag"].to_str().unwrap(), same.headers().contains_key("content-type")), (tag.as_str(), false));
        assert!(bytes(same).await.ends_with("\n\n"));
    }
    ring.rotate().await.unwrap();
    let second = get(&app, JWKS_PATH, &[&tag]).await;
    assert_eq!(second.status(), StatusCode::OK, "there is a new key");
    assert_ne!(second.headers()["etag"], tag);
    assert!(bytes(second).await.contains(ring.signing_key().unwrap().as_str()));
}

#[tokio::test]
async fn only_reading_is_served() {
    let app: Router = Router::new().merge(jwks(&own_ring::<Jwt<EdDsa>>(&noon())));
    let with = |method| app.clone().oneshot(Request::builder().method(method).uri(JWKS_PATH).body(Body::empty()).unwrap());
    let head = with(Method::HEAD).await.unwrap();
    assert_eq!((head.status(), head.headers().contains_key("etag")), (StatusCode::OK, true));
    assert!(bytes(head).await.ends_with("\n\n"), "no body");
    assert_eq!(with(Method::POST).await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn an_issuer_at_any_path() {
    let ring = own_ring::<Jwt<EdDsa>>(&noon());
    for issuer in ["https://id.example", "https://id.example/eu/", "https://id.example/{a}/:b/*c/{*d}"] {
        let Ok(provider) = ProviderMetadata::builder(issuer, "https://id.example/keys").signed_by(&ring).build() else { continue };
        let app: Router = Router::new().merge(discovery(&provider, Duration::from_secs(60)));
        for path in [provider.openid_path(), provider.oauth_path()] {
            // A client sends what a URL may hold; braces are not among it.
            let Ok(uri) = path.parse::<axum::http::Uri>() else { continue };
            let answer = get(&app, uri.path(), &[]).await;
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            assert_eq!(answer.headers()["cache-control"], "public, max-age=60");
            assert!(bytes(answer).await.contains(&format!("\"issuer\":\"{issuer}\"")));
        }
    }
}

#[tokio::test]
async fn two_rings_in_one_set() {
    let (one, other) = (own_ring::<Jwt<EdDsa>>(&noon()), own_ring::<Jwt<Es256>>(&noon()));
    let want = one.jwks().join(other.jwks()).unwrap().to_string();
    let app: Router = Router::new().route("/keys", document(move || one.jwks().join(other.jwks()).unwrap().document()));
    assert!(bytes(get(&app, "/keys", &[]).await).await.ends_with(&want));
}
