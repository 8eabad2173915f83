//! The buffers that opening and sealing work in, kept per thread so that a request allocates nothing for them.

use std::{cell::Cell, fmt, hint::black_box};

/// Working memory for one token.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The payload, and for PASETO first the whole body.
    pub(crate) payload: Vec<u8>,
    /// A signature, or the bytes that a PASETO signature covers.
    pub(crate) work: Vec<u8>,
    /// The id of the key that opened the token; empty for a key without a name, since no id is.
    pub(crate) key_id: String,
    /// Whether the payload was encrypted, so that its plain text is wiped afterwards.
    pub(crate) confidential: bool,
}

/// A buffer larger than this is given back to the allocator: one long token must not keep memory on every thread.
const KEPT: usize = 64 * 1024;

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// This thread's buffers, as long as one token needs them; a call within a call (a claim's own `Deserialize` that verifies a token) gets
/// new ones.
///
/// A guard and not a function that runs a closure: what the closure answers would be copied on its way out, and a verified struct is
/// some hundred bytes.
pub(crate) struct Lent(Option<Box<Scratch>>);

impl Lent {
    #[inline]
    pub(crate) fn take() -> Self {
        Self(Some(SCRATCH.take().unwrap_or_default()))
    }

    #[inline]
    pub(crate) fn scratch(&mut self) -> &mut Scratch {
        self.0.get_or_insert_default()
    }
}

impl Drop for Lent {
    /// After a panic in a caller's `Serialize` or `Deserialize` too.
    #[inline]
    fn drop(&mut self) {
        if let Some(mut scratch) = self.0.take() {
            scratch.clear();
            SCRATCH.set(Some(scratch));
        }
    }
}

/// What a token is read into when its claims borrow: working memory that the caller keeps from token to token, so that reading one
/// allocates nothing once the buffer has grown to the size of a token.
///
/// Used by [`Verifier::verify_in`](crate::Verifier::verify_in). It shows nothing of what is in it. Plain text of an encrypted token
/// is wiped when the buffer is used again or dropped.
#[derive(Default)]
pub struct Buffer(Scratch);

impl Buffer {
    /// The working memory, without what the last token left there.
    pub(crate) fn emptied(&mut self) -> &mut Scratch {
        self.0.clear();
        &mut self.0
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").finish_non_exhaustive()
    }
}

impl Scratch {
    #[inline]
    pub(crate) fn key_id(&self) -> Option<&str> {
        (!self.key_id.is_empty()).then_some(&*self.key_id)
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        if self.confidential {
            // All that the buffer ever held, also behind its present end. In one go and shown to the optimizer, which then cannot
            // leave it out: as good as `zeroize`, which writes byte by byte and takes longer (`docs/performance.md`).
            let held = self.payload.capacity();
            self.payload.clear();
            self.payload.resize(held, 0);
            black_box(self.payload.as_slice());
            #[cfg(test)]
            WIPED.set(WIPED.get().saturating_add(1));
            self.confidential = false;
        }
        for buffer in [&mut self.payload, &mut self.work] {
            buffer.clear();
            buffer.shrink_to(KEPT);
        }
    }
}

/// Whoever drops one, be it the end of its thread or of a [`Buffer`].
impl Drop for Scratch {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
thread_local! {
    static WIPED: Cell<usize> = const { Cell::new(0) };
}

/// How often this thread has wiped plain text. What is left in freed or spare memory cannot be looked at without unsafe code.
#[cfg(test)]
pub(crate) fn wiped() -> usize {
    WIPED.get()
}
