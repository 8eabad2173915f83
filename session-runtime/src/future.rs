//! The one shape of a future that stores and key wraps answer with.

use std::{future::Future, pin::Pin};

/// A future on the heap, because stores are held as trait objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
