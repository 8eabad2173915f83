//! What the protocol is made of: the standard library's atomics and lock, and arc-swap's pointer. The model has its own of each.

pub(super) use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

pub(crate) use arc_swap::Guard;

pub(super) type Swap<T> = arc_swap::ArcSwap<T>;
