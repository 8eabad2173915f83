//! The routes. What a handler needs of a token stands in its signature.

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64_simd::URL_SAFE_NO_PAD;
use serde::Deserialize;
use session_runtime::{error::RevokeError, http::axum::Auth};

use crate::{Access, App, Teller, people};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(home))
        .route("/login", post(login))
        .route("/me", get(me))
        .route("/transfers", post(transfer))
        .route("/logout", post(log_out))
        .route("/session/end", post(end_session))
        .route("/logout/everywhere", post(log_out_everywhere))
}

/// For everybody, with a word more for those who are known.
async fn home(access: Option<Auth<Access>>) -> String {
    access.map_or_else(|| "hello, stranger\n".to_owned(), |access| format!("hello, {}\n", access.user))
}

#[derive(Deserialize)]
struct Login {
    user: String,
    password: String,
}

/// The token as plain text, so that a shell can keep it.
async fn login(State(app): State<App>, Form(login): Form<Login>) -> Response {
    let Some(roles) = people::log_in(&login.user, &login.password) else { return StatusCode::FORBIDDEN.into_response() };
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let session = URL_SAFE_NO_PAD.encode_to_string(random);
    let access = Access { user: login.user, session, roles: roles.iter().map(|role| (*role).to_owned()).collect() };
    // Not issued: the ring cannot sign now, or the clock is wrong. Neither is the client's to mend.
    let Ok(issued) = app.issuer.issue(&access) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    // A token is a credential, and a cache would hand it to the next (RFC 6749 §5.1).
    ([(CACHE_CONTROL, HeaderValue::from_static("no-store"))], issued.token).into_response()
}

async fn me(access: Auth<Access>) -> String {
    let until = access.expires_at().map(|at| at.to_string()).unwrap_or_default();
    format!("{} {:?}, until {until}\n", access.user, access.roles)
}

async fn transfer(access: Auth<Access, Teller>) -> String {
    format!("moved by {}\n", access.user)
}

/// This token alone.
async fn log_out(State(app): State<App>, access: Auth<Access>) -> StatusCode {
    done(app.revocations.revoke(&access).await)
}

/// Every token of this login, whenever it was issued.
async fn end_session(State(app): State<App>, access: Auth<Access>) -> StatusCode {
    done(app.revocations.revoke_session(&access).await)
}

/// Every token of this person so far.
async fn log_out_everywhere(State(app): State<App>, access: Auth<Access>) -> StatusCode {
    done(app.revocations.revoke_subject(&access).await)
}

/// On an error the token is refused on this node all the same, and the entry is sent again; but it is not known to be on record, and the
/// client is told so.
fn done(revoked: Result<(), RevokeError>) -> StatusCode {
    if revoked.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE }
}
