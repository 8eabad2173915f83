//! `session revoke` and `session revocations`: the revocation log from a terminal.

mod place;

pub(crate) use place::{Writing, open, store};
