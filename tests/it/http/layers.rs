//! The layer around services that are not axum's: what it leaves, what it lets through, and whom it answers.

use std::{
    convert::Infallible,
    future::Ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use axum::http::{Request, Response, StatusCode};
use session_runtime::{
    Verified, Verifier,
    http::{Answer, Authenticated, Grpc, Guard, OptionalAuth, Plain, RequireAuth, Respond},
    jwt::{EdDsa, Jwt},
};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::bearer;
use crate::support::{Access, noon, own_ring, token};

/// A body that has nothing to do with HTTP: not `Sync`, no text, not empty by itself.
struct Letter(std::cell::Cell<u8>);

fn verifier() -> (Verifier<Access>, String) {
    let ring = own_ring::<Jwt<EdDsa>>(&noon());
    (Verifier::new(&ring).unwrap(), token(&ring))
}

struct Nobody;

impl Guard<Access> for Nobody {
    fn allows(_: &Verified<Access>) -> bool {
        false
    }
}

fn letter(authorization: Option<&str>) -> Request<Letter> {
    let mut request = Request::new(Letter(7.into()));
    if let Some(value) = authorization {
        request.headers_mut().insert("authorization", value.parse().unwrap());
    }
    request
}

/// Says who came, and whether a printed header would show the token.
async fn greet(request: Request<Letter>) -> Result<Response<String>, Infallible> {
    let who = request.extensions().get::<Authenticated<Access>>().map_or("nobody", |access| access.user.as_str());
    let header = format!("{:?}", request.headers().get("authorization"));
    Ok(Response::new(format!("{who} {} {header}", request.body().0.get())))
}

#[tokio::test]
async fn it_leaves_the_claims_and_hides_the_header() {
    let (verifier, token) = verifier();
    let service = RequireAuth::new(verifier).layer(service_fn(greet));
    let answer = service.clone().oneshot(letter(Some(&bearer(&token)))).await.unwrap();
    assert_eq!(answer.body(), "ada 7 Some(Sensitive)");
    for refused in [None, Some("Basic x"), Some("Bearer x"), Some("Bearer")] {
        let answer = service.clone().oneshot(letter(refused)).await.unwrap();
        assert!(!answer.status().is_success(), "{refused:?}");
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn strangers_where_they_are_welcome() {
    let (verifier, token) = verifier();
    let service = OptionalAuth::new(verifier).layer(service_fn(greet));
    let ask = async |authorization: Option<&str>| service.clone().oneshot(letter(authorization)).await.unwrap();
    assert_eq!(ask(Some(&bearer(&token))).await.body(), "ada 7 Some(Sensitive)");
    assert_eq!(ask(None).await.body(), "nobody 7 None");
    assert_eq!(ask(Some("Basic x")).await.body(), "nobody 7 Some(\"Basic x\")");
    assert_eq!(ask(Some("Bearer x")).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(ask(Some("Bearer x y")).await.status(), StatusCode::BAD_REQUEST);
}

/// Layers in layers: the inner one takes a verdict of the same verifier, and what another one left does not reach the service.
#[tokio::test]
async fn one_layer_in_another() {
    let (one, token) = verifier();
    let (other, _) = verifier();
    let same = OptionalAuth::new(one.clone()).layer(RequireAuth::new(one.clone()).layer(service_fn(greet)));
    assert_eq!(same.oneshot(letter(Some(&bearer(&token)))).await.unwrap().body(), "ada 7 Some(Sensitive)");
    let guarded = RequireAuth::new(one.clone()).layer(RequireAuth::new(one.clone()).guard::<Nobody>().layer(service_fn(greet)));
    let refused = guarded.oneshot(letter(Some(&bearer(&token)))).await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN, "the verdict is taken, and the guard asked");
    let stranger = |request: Request<Letter>| {
        let mut request = request;
        request.headers_mut().clear();
        request
    };
    let inner = OptionalAuth::new(other).layer(service_fn(greet)).map_request(stranger);
    let outer = RequireAuth::new(one).layer(inner);
    assert_eq!(outer.oneshot(letter(Some(&bearer(&token)))).await.unwrap().body(), "nobody 7 None");
}

#[tokio::test]
async fn answers_of_another_spelling() {
    struct Login;
    impl Respond<String> for Login {
        fn respond(answer: Answer) -> Response<String> {
            let mut response = Plain::respond(answer);
            if answer == Answer::NoCredentials {
                *response.status_mut() = StatusCode::SEE_OTHER;
            }
            response
        }
    }
    let (verifier, _) = verifier();
    let pages = RequireAuth::new(verifier.clone()).respond::<Login>().layer(service_fn(greet));
    assert_eq!(pages.clone().oneshot(letter(None)).await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!(pages.oneshot(letter(Some("Bearer x"))).await.unwrap().status(), StatusCode::UNAUTHORIZED);

    #[track_caller]
    fn check(answer: Answer, status: &str, message: &str) {
        let response: Response<Vec<u8>> = Grpc::respond(answer);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((header("grpc-status"), header("grpc-message")), (status.to_owned(), message.to_owned()));
        assert_eq!((response.status(), header("content-type").as_str()), (StatusCode::OK, "application/grpc"));
        assert!(response.body().is_empty());
    }
    check(Answer::NoCredentials, "16", "no_credentials");
    check(Answer::InvalidToken, "16", "invalid_token");
    check(Answer::InvalidRequest, "16", "invalid_request");
    check(Answer::InsufficientScope(Some("a")), "7", "insufficient_scope");
    check(Answer::Unavailable, "14", "temporarily_unavailable");
    let grpc = RequireAuth::new(verifier).respond::<Grpc>().layer(service_fn(greet));
    assert_eq!(grpc.oneshot(letter(None)).await.unwrap().headers()["grpc-status"], "16");
}

/// The service that said it was ready is the one that is called, as tower's contract has it.
#[tokio::test]
async fn the_ready_service_is_called() {
    #[derive(Default)]
    struct Counted {
        ready: bool,
        clones: Arc<AtomicUsize>,
    }
    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.clones.fetch_add(1, Ordering::SeqCst);
            Self { ready: false, clones: Arc::clone(&self.clones) }
        }
    }
    impl Service<Request<Letter>> for Counted {
        type Response = Response<String>;
        type Error = Infallible;
        type Future = Ready<Result<Response<String>, Infallible>>;
        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            self.ready = true;
            Poll::Ready(Ok(()))
        }
        fn call(&mut self, _: Request<Letter>) -> Self::Future {
            assert!(self.ready, "called without being ready");
            std::future::ready(Ok(Response::new(String::new())))
        }
    }
    let (verifier, token) = verifier();
    let mut service = RequireAuth::new(verifier).layer(Counted::default());
    for _ in 0..3 {
        let ready = ServiceExt::<Request<Letter>>::ready(&mut service).await.unwrap();
        let answer = ready.call(letter(Some(&bearer(&token)))).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}
