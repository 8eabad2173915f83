//! axum 0.8: the extractor [`Auth`], and routes that publish keys.
//!
//! # Example
//! ```
//! use axum::{Router, extract::FromRef, routing::get};
//! use session_runtime::{Claims, KeyRing, Verifier, http::axum::{self as session, Auth}, jwt::{EdDsa, Jwt}};
//!
//! #[derive(Claims, Debug)]
//! #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
//! struct Access { #[claim(sub)] user: String }
//!
//! /// Whatever else a service needs; or the verifier alone, `.with_state(verifier)`.
//! #[derive(Clone)]
//! struct App { verifier: Verifier<Access> }
//!
//! impl FromRef<App> for Verifier<Access> {
//!     fn from_ref(app: &App) -> Self {
//!         app.verifier.clone()
//!     }
//! }
//!
//! let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
//! let app: Router = Router::new()
//!     .route("/me", get(async |access: Auth<Access>| format!("hello, {}", access.user)))
//!     .route("/", get(async |access: Option<Auth<Access>>| if access.is_some() { "welcome back" } else { "welcome" }))
//!     .merge(session::jwks(&ring))
//!     .with_state(App { verifier: Verifier::new(&ring)? });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod auth;
mod documents;

pub use auth::Auth;
pub use documents::{JWKS_PATH, discovery, document, jwks};
