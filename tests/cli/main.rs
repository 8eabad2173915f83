//! The `session` tool as its users meet it: the built program, its words, its exit codes and its JSON.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "test code, where a panic is how a test fails"
)]

mod inspect;
mod keys;
mod pages;
mod revoke;
mod secrets;
mod servers;
mod support;
mod terminal;
mod transcript;
mod verify;
