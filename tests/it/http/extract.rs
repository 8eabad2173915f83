//! The extractor: absent and invalid are two things, guards, state of any shape, and what a layer left.

use axum::{
    Router,
    extract::FromRef,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use session_runtime::{
    Claims, Issuer, KeyRing, Revocations, Verified, Verifier,
    http::{Answer, Guard, OptionalAuth, Refusal, RequireAuth, Strict, axum::Auth},
    jwt::{EdDsa, Jwt},
    paseto::V4Local,
    revocation::{Freshness, MemoryRevocations},
    testing::FaultyRevocations,
};
use tower::ServiceExt;

use super::{IN, bearer, bytes, reached, request};
use crate::support::{Access, ada, noon, own_ring, token};

type Format = Jwt<EdDsa>;

fn service() -> (KeyRing<Format>, Verifier<Access>) {
    let ring = own_ring::<Format>(&noon());
    let verifier = Verifier::new(&ring).unwrap();
    (ring, verifier)
}

async fn ask(app: &Router, authorization: &[&str]) -> String {
    bytes(app.clone().oneshot(request(authorization)).await.unwrap()).await
}

#[tokio::test]
async fn absent_is_none_and_invalid_is_refused() {
    let (ring, verifier) = service();
    async fn who(access: Option<Auth<Access>>) -> String {
        access.map_or_else(|| "stranger".to_owned(), |access| access.user.clone())
    }
    let app = Router::new().route("/", get(who)).with_state(verifier);
    let good = bearer(&token(&ring));
    assert!(ask(&app, &[&good]).await.ends_with("\n\nada"));
    for none in [&[][..], &["Basic YTpi"]] {
        assert!(ask(&app, none).await.ends_with("\n\nstranger"));
    }
    for (invalid, status) in [(vec![format!("{good}x")], 401), (vec!["Bearer".to_owned()], 400), (vec![good.clone(), good.clone()], 400)] {
        let invalid: Vec<&str> = invalid.iter().map(String::as_str).collect();
        assert!(ask(&app, &invalid).await.starts_with(&format!("HTTP/1.1 {status} ")));
    }
}

struct Admin;

impl Guard<Access> for Admin {
    fn allows(access: &Verified<Access>) -> bool {
        access.roles.iter().any(|role| role == "admin")
    }
}

#[tokio::test]
async fn guards_are_asked_with_and_without_option() {
    let (ring, verifier) = service();
    let app = Router::new()
        .route("/", get(async |access: Option<Auth<Access, Admin>>| if access.is_some() { "admin" } else { "stranger" }))
        .with_state(verifier.clone());
    let issuer = Issuer::<Access, _>::new(&ring).unwrap();
    let user = bearer(&issuer.issue(&Access { roles: vec![], ..ada() }).unwrap().token);
    assert!(ask(&app, &[&bearer(&token(&ring))]).await.ends_with("\n\nadmin"));
    assert!(ask(&app, &[]).await.ends_with("\n\nstranger"));
    assert!(ask(&app, &[&user]).await.starts_with("HTTP/1.1 403 "), "somebody who may not is no stranger");
    let required = super::route::<Admin>(&verifier);
    assert!(ask(&required, &[&user]).await.starts_with("HTTP/1.1 403 "));
    assert!(ask(&required, &[]).await.starts_with("HTTP/1.1 401 "));
}

/// All that is needed is a verifier somewhere in the state, and there may be several of different types.
#[tokio::test]
async fn any_state_and_two_types() {
    #[derive(Claims, Debug)]
    #[claims(issuer = "https://id.example", audience = "desk", ttl = "5m", token_type = "desk")]
    struct Desk {
        #[claim(sub)]
        clerk: String,
    }
    #[derive(Clone)]
    struct App(Verifier<Access>, Verifier<Desk>);
    impl FromRef<App> for Verifier<Access> {
        fn from_ref(app: &App) -> Self {
            app.0.clone()
        }
    }
    impl FromRef<App> for Verifier<Desk> {
        fn from_ref(app: &App) -> Self {
            app.1.clone()
        }
    }
    let (ring, verifier) = service();
    let desk = Issuer::<Desk, _>::new(&ring).unwrap().issue(&Desk { clerk: "grace".into() }).unwrap().token;
    let app = Router::new()
        .route("/", get(async |access: Auth<Access>| access.user.clone()))
        .route("/desk", get(async |desk: Auth<Desk>| desk.clerk.clone()))
        .with_state(App(verifier, Verifier::new(&ring).unwrap()));
    let at = |path: &'static str, token: &str| {
        let mut request = request(&[&bearer(token)]);
        *request.uri_mut() = path.parse().unwrap();
        app.clone().oneshot(request)
    };
    assert_eq!(at("/", &token(&ring)).await.unwrap().status(), StatusCode::OK);
    assert_eq!(at("/desk", &desk).await.unwrap().status(), StatusCode::OK);
    assert_eq!(at("/", &desk).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(at("/desk", &token(&ring)).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_page_of_ones_own_for_a_refusal() {
    async fn page(access: Result<Auth<Access>, Refusal>) -> Response {
        match access {
            Ok(access) => access.user.clone().into_response(),
            Err(refusal) if refusal.answer() == Answer::NoCredentials => "please log in".into_response(),
            Err(refusal) => refusal.into_response(),
        }
    }
    let (ring, verifier) = service();
    let app = Router::new().route("/", get(page)).with_state(verifier);
    assert!(ask(&app, &[&bearer(&token(&ring))]).await.ends_with("\n\nada"));
    assert!(ask(&app, &[]).await.ends_with("\n\nplease log in"));
    assert!(ask(&app, &["Bearer x"]).await.starts_with("HTTP/1.1 401 "));
}

#[tokio::test]
async fn what_a_handler_gets() {
    let (ring, verifier) = service();
    async fn look(access: Auth<Access>) -> String {
        // The claims, the facts of the token, and a share that outlives the request.
        let kept = access.shared();
        let shown = format!("{:?}", access.clone());
        assert!(shown.starts_with("Auth(Verified(Access {"), "{shown}");
        format!("{} {} {} {}", kept.user, access.issuer().unwrap(), access.token_id().is_some(), access.key_id().is_some())
    }
    let app = Router::new().route("/", get(look)).with_state(verifier);
    assert!(ask(&app, &[&bearer(&token(&ring))]).await.ends_with("\n\nada https://id.example true true"));
}

/// A layer's verdict is taken where it is as good as one's own: the same verifier, as strict.
#[tokio::test]
async fn the_verdict_of_a_layer() {
    let clock = noon();
    let ring = own_ring::<V4Local>(&clock);
    let store = FaultyRevocations::shared(MemoryRevocations::new().unwrap());
    let revocations = Revocations::open_with_clock(store.clone(), clock.clone()).await.unwrap();
    let issuer = Issuer::<Access, _>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let unrevoked = Verifier::<Access>::new(&ring).unwrap();
    let verifier = unrevoked.clone().with_revocations(&revocations).await.unwrap();
    let good = bearer(&issuer.issue(&ada()).unwrap().token);
    // Between the layer and the route the header goes, so that a verdict of one's own is impossible, and no credentials is what remains.
    let without_header = axum::middleware::map_request(async |mut request: axum::extract::Request| {
        request.headers_mut().remove("authorization");
        request
    });
    let behind = |route: Router, layer: RequireAuth<Access>| route.layer(without_header.clone()).layer(layer);

    let app = behind(super::route::<session_runtime::http::Anyone>(&verifier), RequireAuth::new(verifier.clone()));
    assert!(reached(&ask(&app, &[&good]).await), "taken");
    assert!(ask(&app, &[]).await.starts_with("HTTP/1.1 401 "));
    let app = behind(super::route::<Admin>(&verifier), RequireAuth::new(verifier.clone()));
    assert!(reached(&ask(&app, &[&good]).await), "taken, and the guard asked");
    let app = behind(super::route::<Nobody>(&verifier), RequireAuth::new(verifier.clone()));
    assert!(ask(&app, &[&good]).await.starts_with("HTTP/1.1 403 "), "taken, and the guard asked");

    let app = behind(super::route::<Strict>(&verifier), RequireAuth::new(verifier.clone()));
    assert!(ask(&app, &[&good]).await.starts_with("HTTP/1.1 401 "), "not strict enough");
    let strict = super::route::<Strict>(&verifier).layer(without_header.clone());
    let app = strict.layer(RequireAuth::new(verifier.clone()).guard::<Strict>());
    assert!(reached(&ask(&app, &[&good]).await), "as strict");

    // The same keys and the same type, and another audience: nothing that the layer found good is good here.
    let elsewhere = Verifier::<Access>::builder().accept(&ring).audience(["desk"]).build().unwrap();
    let app = super::route::<session_runtime::http::Anyone>(&elsewhere).layer(RequireAuth::new(verifier.clone()));
    assert!(ask(&app, &[&good]).await.starts_with("HTTP/1.1 401 "), "another verifier");
    let laxer = verifier.clone().with_freshness(Freshness::dangerous_allow_unchecked()).unwrap();
    for (layer, why) in [(unrevoked, "one that does not know of revocations"), (laxer, "one that goes on without the log")] {
        let app = behind(super::route::<session_runtime::http::Anyone>(&verifier), RequireAuth::new(layer));
        assert!(ask(&app, &[&good]).await.starts_with("HTTP/1.1 401 "), "{why}");
    }

    // A layer for strangers, too, and a route that is not.
    let app = super::route::<session_runtime::http::Anyone>(&verifier).layer(OptionalAuth::new(verifier.clone()));
    assert!(reached(&ask(&app, &[&good]).await));
    assert!(ask(&app, &[]).await.starts_with("HTTP/1.1 401 "));
}

struct Nobody;

impl Guard<Access> for Nobody {
    fn allows(_: &Verified<Access>) -> bool {
        false
    }
}

/// Claims of another type, or what others put into the extensions, are no credentials.
#[tokio::test]
async fn only_our_own_claims_of_the_same_type_are_taken() {
    #[derive(Claims, Debug)]
    #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
    struct Twin {
        #[claim(sub)]
        user: String,
    }
    let (ring, verifier) = service();
    let twin = Verifier::<Twin>::new(&ring).unwrap();
    let good = token(&ring);
    let verified = std::sync::Arc::new(verifier.verify(&good).await.unwrap());
    let app = super::route::<session_runtime::http::Anyone>(&verifier)
        .layer(axum::middleware::map_request(move |mut request: axum::extract::Request| {
            request.headers_mut().remove("authorization");
            request.extensions_mut().insert(ada());
            request.extensions_mut().insert(std::sync::Arc::clone(&verified));
            std::future::ready(request)
        }))
        .layer(RequireAuth::new(twin));
    assert!(ask(&app, &[&bearer(&good)]).await.starts_with("HTTP/1.1 401 "), "{IN}");
}
