//! What stores in a database share, whatever they keep there.

mod line;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "redis")]
pub(crate) mod redis;

pub(crate) use line::{Connects, DEADLINE, Fault, Lines, in_time};
