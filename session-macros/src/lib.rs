//! The derive behind `session-runtime`. Depend on that crate, which re-exports it.
#![forbid(unsafe_code)]
