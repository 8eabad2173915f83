//! What the test targets share: real servers, and the rule for a machine that lacks something.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stderr,
    reason = "this crate is test code, where a panic is how a test fails"
)]

pub mod built;
pub mod faults;
pub mod needs;
pub mod programs;
pub mod proxy;
pub mod server;
pub mod stub;
pub mod verdicts;
