//! What stores in a database share, whatever they keep there.

mod line;

pub(crate) use line::{Connects, DEADLINE, Fault, Lines, in_time};
