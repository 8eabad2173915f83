//! The runtime against published vectors, the shared attacks, other implementations and mutants of good tokens.
//!
//! Every failing case is named `family::id`, and what a family cannot judge is counted with its reason, so that nothing
//! vanishes in silence.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "test code, where a panic is how a test fails"
)]

mod attacks;
mod base64url;
mod differential;
mod exports;
mod json;
mod jwk;
mod jws;
mod keys;
mod mutants;
mod paserk;
mod paseto;
mod tally;
