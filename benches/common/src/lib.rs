//! What the benchmark's programs share: our own contestants, the bare cryptography, the measuring and the report.
//!
//! There are two programs, because some peers cannot stand in one process with others. Each carries our own contestants and the bare
//! cryptography, so that ratios are always within one process.
#![forbid(unsafe_code)]

pub mod allocations;
pub mod apart;
pub mod changing;
pub mod chart;
pub mod claims;
pub mod contest;
pub mod formats;
pub mod keys;
pub mod measure;
pub mod program;
pub mod raw;
pub mod report;
pub mod services;
pub mod targets;
