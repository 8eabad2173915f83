//! A token under a key that is not there yet: waiting for the one reading that may bring it.

use std::{future::poll_fn, task::Poll};

use super::{Verifier, accepted};
use crate::{
    error::VerifyError,
    format::Parts,
    keyring::{Absent, End},
};

impl<C> Verifier<C> {
    /// Waits for a key, if `error` says that this token lacks one and a reading is under way or about to begin that may bring it. Answers
    /// whether the token should be judged once more.
    ///
    /// It never begins a reading itself, so that whoever hangs up takes nothing with them but their own place. The token that lacks a key has
    /// rung for it already; how often that is heeded is not decided here.
    pub(super) async fn await_key(&self, text: &str, error: &VerifyError) -> bool {
        let absent = match Parts::split(text, self.length) {
            Ok(parts) => accepted::absent(&self.accepted, &parts, error),
            Err(_) => return false,
        };
        if absent.is_empty() {
            // It has come since the token was judged; a key that is there and must not be used any more is judged the same once more.
            return matches!(error, VerifyError::UnknownKey);
        }
        loop {
            // Before looking for the key, so that a reading that ends in between is not missed.
            let mut ends: Vec<End> = absent.iter().filter_map(Absent::coming).collect();
            if absent.iter().any(Absent::has_come) {
                return true;
            }
            if ends.is_empty() {
                return false;
            }
            // Of several, the first: who is slow keeps nobody from the key of another.
            poll_fn(|context| {
                let over = ends.iter_mut().any(|end| end.as_mut().poll(context).is_ready());
                if over { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
    }
}
