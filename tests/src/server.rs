//! Real servers for tests: each on a free port of the loopback interface, in a folder of its own, gone when it is dropped.

mod postgres;
mod process;
mod redis;

pub use postgres::Postgres;
pub use redis::Redis;
