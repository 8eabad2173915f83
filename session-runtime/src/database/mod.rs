//! What stores in a database share, whatever they keep there.

mod line;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

pub(crate) use line::{Connects, DEADLINE, Fault, Lines, in_time};
