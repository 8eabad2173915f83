//! Generated code stands in other people's crates: whatever they name things, whatever they forbid.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    single_use_lifetimes,
    unused_lifetimes,
    rust_2018_idioms,
    non_ascii_idents
)]
// What is tested is that these compile; nobody uses them.
#![allow(dead_code)]

/// Structs inside of functions.
pub mod local;
/// Structs that `macro_rules!` makes.
pub mod made_by_macros;
/// No name is in scope unless it is written here.
pub mod no_prelude;
/// A crate's public type, under all lints.
pub mod published;
/// The names that generated code could mean are the user's.
pub mod shadowed;

/// A type that the derive accepted can be used as one.
pub const fn claims_type<C: session_runtime::claims::ClaimsType>() {}
/// A type that outlives its token.
pub const fn owned<C: session_runtime::claims::OwnedClaims>() {}
