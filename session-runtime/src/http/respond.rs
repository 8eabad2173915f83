//! How an answer becomes a response: plain HTTP, or the status of gRPC.

use ::http::{HeaderValue, Response, header::CONTENT_TYPE};

use super::Answer;

/// How the layers spell an answer for a body of type `B`. Implement it for a site of your own: a redirect to the login page, an error page.
///
/// It is given the answer and never the cause, so a page cannot tell a stranger more than the answer does.
///
/// # Example: pages
/// ```
/// use http::{HeaderValue, Response, StatusCode};
/// use session_runtime::http::{Answer, Respond};
///
/// struct Pages;
///
/// impl<B: From<&'static str>> Respond<B> for Pages {
///     fn respond(answer: Answer) -> Response<B> {
///         let mut response = answer.response();
///         if answer == Answer::NoCredentials {
///             *response.status_mut() = StatusCode::SEE_OTHER;
///             response.headers_mut().insert("location", HeaderValue::from_static("/login"));
///         }
///         response
///     }
/// }
/// # let response: Response<String> = Pages::respond(Answer::NoCredentials);
/// # assert_eq!(response.headers()["location"], "/login");
/// ```
pub trait Respond<B> {
    /// The response.
    fn respond(answer: Answer) -> Response<B>;
}

/// The answers as they are ([`Answer::response`]).
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl<B: From<&'static str>> Respond<B> for Plain {
    fn respond(answer: Answer) -> Response<B> {
        answer.response()
    }
}

/// The answers as gRPC has them: HTTP 200 with `grpc-status` and `grpc-message` in the headers and no body ("Trailers-Only").
///
/// 401 and 400 are `UNAUTHENTICATED` (16), 403 is `PERMISSION_DENIED` (7), 503 is `UNAVAILABLE` (14), upon which clients try again.
///
/// # Example
/// ```
/// use session_runtime::http::{Answer, Grpc, Respond};
///
/// let response: http::Response<String> = Grpc::respond(Answer::InvalidToken);
/// assert_eq!(response.status(), 200);
/// assert_eq!(response.headers()["grpc-status"], "16");
/// assert_eq!(response.headers()["grpc-message"], "invalid_token");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Grpc;

impl<B: Default> Respond<B> for Grpc {
    fn respond(answer: Answer) -> Response<B> {
        // A malformed header is no argument of the call, so it is not INVALID_ARGUMENT: nobody knows who calls.
        let status = match answer {
            Answer::NoCredentials | Answer::InvalidRequest | Answer::InvalidToken => "16",
            Answer::InsufficientScope(_) => "7",
            Answer::Unavailable => "14",
        };
        let mut response = Response::new(B::default());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert("grpc-status", HeaderValue::from_static(status));
        headers.insert("grpc-message", HeaderValue::from_static(answer.error().unwrap_or("no_credentials")));
        response
    }
}
