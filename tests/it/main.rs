//! The promises of the runtime, from outside: public API only, one module a family of promises, time moved and never slept.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "test code, where a panic is how a test fails"
)]

mod support;

mod accept;
mod borrowed;
mod bounds;
mod confidential;
mod emergency;
mod enforced;
mod explain;
mod exports;
mod fields;
mod fixed_rings;
mod fleet;
mod footers;
mod forged;
mod freshness;
mod history;
mod issue;
mod kek;
mod key_faults;
mod key_store_promises;
mod key_stores;
mod kinds;
mod lengths;
mod names;
mod reading;
mod remote;
mod rest;
mod revocation;
mod revocation_store_promises;
mod rings;
mod schemas;
mod secrets;
mod telemetry;
mod threads;
mod tolerance;
mod verify;
mod versions;
