//! A value that is replaced as a whole while everybody reads it without a lock, and what is prepared from it.
//!
//! The protocol is one file without dependencies; `tests/models` compiles that very file against loom's atomics and tries every order of
//! its steps, and of its changes, some of which have to fail.

mod published;
mod sync;

pub(crate) use published::{Prepared, Published, Ready};
pub(crate) use sync::Guard;
