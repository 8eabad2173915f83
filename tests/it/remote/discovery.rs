//! An issuer is asked where its keys are: what it has to answer, and what it cannot talk us into.

use std::time::Duration;

use serde_json::json;
use session_runtime::{
    error::{DiscoveryFault, FetchFault, RemoteError},
    keyring::{ProviderMetadata, RemoteJwks},
};

use super::{Format, PATIENCE, ring};
use crate::support::{
    Access, ISSUER, noon,
    stub::{Conduct, Stub},
    token, verdict,
};

const PATH: &str = "/.well-known/openid-configuration";

async fn discover(issuer: String) -> Result<RemoteJwks<Format>, RemoteError> {
    RemoteJwks::of_issuer(issuer).clock(noon()).timeout(PATIENCE).max_length(8 * 1024).manual().load().await
}

/// What an issuer's own metadata leads to, with its slash at the end and without, below a path and on a host.
#[tokio::test]
async fn keys_are_found_where_the_issuer_says() {
    let keys = ring("k", &noon());
    let stub = Stub::start(Conduct::Hang).await;
    for (path, document) in [
        ("", PATH),
        ("/", PATH),
        ("/realms/eu", "/realms/eu/.well-known/openid-configuration"),
        ("/realms/eu/", "/realms/eu/.well-known/openid-configuration"),
    ] {
        let issuer = format!("{}{path}", stub.origin());
        let metadata = ProviderMetadata::builder(&issuer, stub.url()).signed_by(&keys).build().unwrap();
        stub.behave(Conduct::Paths(vec![
            (document, Conduct::set("", metadata.document(Duration::ZERO).body())),
            ("/keys", Conduct::set("", keys.jwks())),
        ]));
        let found = discover(issuer).await.unwrap();
        let verifier = session_runtime::Verifier::<Access>::builder().accept_from(ISSUER, &found).build().unwrap();
        assert_eq!(verdict(&verifier.verify_now(&token(&keys))), "good", "{path}");
        assert_eq!(found.health().fetches, 1);
    }
    // The metadata is read once, whatever is fetched afterwards.
    assert_eq!(stub.requests().len(), 8);
}

#[tokio::test]
async fn what_is_no_answer_finds_no_keys() {
    let keys = ring("k", &noon());
    let stub = Stub::start(Conduct::Hang).await;
    let (issuer, set) = (stub.origin(), stub.url());
    let check = async |conduct: Conduct, want: &str| {
        stub.behave(Conduct::Paths(vec![(PATH, conduct), ("/keys", Conduct::set("", keys.jwks()))]));
        let before = stub.requests().len();
        assert_eq!(discover(issuer.clone()).await.unwrap_err().to_string(), want);
        assert_eq!(stub.requests().len(), before + 1, "nothing else is asked for: {want}");
    };
    let says = |body: serde_json::Value| Conduct::set("", body);
    // A mix-up: the keys of one would speak for another. Nothing is rewritten before it is compared.
    for other in ["https://id.example".to_owned(), format!("{issuer}/"), issuer.to_uppercase(), issuer.replace("127.0.0.1", "localhost")] {
        check(says(json!({ "issuer": other, "jwks_uri": set })), "the issuer's metadata: of another issuer").await;
    }
    check(says(json!({ "issuer": issuer })), "the issuer's metadata: no `jwks_uri`").await;
    check(says(json!({ "issuer": issuer, "jwks_uri": null })), "the issuer's metadata: no `jwks_uri`").await;
    for text in [
        "".to_owned(),
        "null".to_owned(),
        "<html>".to_owned(),
        json!([issuer, set]).to_string(),
        json!({ "jwks_uri": set }).to_string(),
        json!({ "issuer": [issuer], "jwks_uri": set }).to_string(),
        json!({ "issuer": issuer, "jwks_uri": 7 }).to_string(),
        format!(r#"{{"issuer":"{issuer}","issuer":"{issuer}","jwks_uri":"{set}"}}"#),
        format!(r#"{{"issuer":"{issuer}","jwks_uri":"{set}","jwks_uri":"http://localhost:1"}}"#),
    ] {
        check(Conduct::set("", text), "the issuer's metadata: not an issuer's metadata").await;
    }
    check(Conduct::Say(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n\xff".to_vec()), "the issuer's metadata: not an issuer's metadata")
        .await;
    let elsewhere = "the address `jwks_uri` has to be https; http is for localhost, 127.0.0.0/8 and [::1] alone";
    check(says(json!({ "issuer": issuer, "jwks_uri": "http://id.example/keys" })), elsewhere).await;
    check(says(json!({ "issuer": issuer, "jwks_uri": "file:///etc/passwd" })), elsewhere).await;
    check(says(json!({ "issuer": issuer, "jwks_uri": "/keys" })), "the address `jwks_uri` is not an absolute URL in plain ASCII").await;
    let redirect = Conduct::status("302 Found", &format!("location: {set}\r\n"), "");
    check(redirect, "the issuer's metadata: could not be read: a redirect (302), which is not followed").await;
    check(Conduct::status("404 Not Found", "", ""), "the issuer's metadata: could not be read: status 404").await;
    let long = json!({ "issuer": issuer, "jwks_uri": set, "x": "x".repeat(8 * 1024) });
    check(says(long), "the issuer's metadata: could not be read: longer than 8192 bytes").await;
    check(Conduct::Endless, "the issuer's metadata: could not be read: longer than 8192 bytes").await;
    check(Conduct::Drip, "the issuer's metadata: could not be read: no answer within 300ms").await;
    check(Conduct::Hang, "the issuer's metadata: could not be read: no answer within 300ms").await;
    check(Conduct::Reset, "the issuer's metadata: could not be read: the connection broke off").await;
}

/// An address that may not be asked, before anything is sent; and what of a set does not hold is told as for any other.
#[tokio::test]
async fn an_issuer_is_an_address_without_query() {
    let told = async |issuer: &str| discover(issuer.to_owned()).await.unwrap_err().to_string();
    assert_eq!(told("https://id.example?tenant=a").await, "the address `issuer` has a query");
    assert!(told("http://id.example").await.starts_with("the address `issuer` has to be https"));
    let stub = Stub::start(Conduct::Hang).await;
    let issuer = stub.origin();
    stub.behave(Conduct::Paths(vec![
        (PATH, Conduct::set("", json!({ "issuer": issuer, "jwks_uri": stub.url() }))),
        ("/keys", Conduct::status("500 Internal Server Error", "", "")),
    ]));
    assert_eq!(discover(issuer.clone()).await.unwrap_err(), RemoteError::Fetch(FetchFault::Status { status: 500 }));
    stub.stop().await;
    assert_eq!(discover(issuer).await.unwrap_err(), RemoteError::Discovery(DiscoveryFault::Fetch(FetchFault::Unreachable)));
}
