//! Faults that are tried on purpose: nodes as processes of their own, real stores, links that misbehave, clocks that differ. Each row is a
//! promise with its goal and what was reached, and is shown to fail without the defence that it is about.

pub mod fault;
pub mod fleet;
pub mod history;
pub mod keys;
pub mod node;
pub mod real_time;
pub mod report;
pub mod revocation;
pub mod store;
pub mod talk;
