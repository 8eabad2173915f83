//! [`Secret`]: the value of a `confidential` claim that nothing prints and that is wiped.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::{
    Raw, Slot, Writer, field,
    kinds::{BySerde, by_serde, kind, otherwise},
};
use crate::{
    crypto,
    error::{ClaimErrors, IssueError},
};

/// A value that nobody but the code that asks for it sees: `Debug` shows nothing of it, it is compared in constant time, and it is wiped
/// when it is dropped.
///
/// It is for fields that are `confidential`, and only those take it: it has no serde implementation, so that it can neither stand in a
/// claim that everybody reads nor slip into another JSON. `T` is a `String`, a `Box<str>`, a `Vec<u8>`, a `[u8; N]` of up to 32 bytes, or an
/// `Option` of one: a claim that may be absent is a `Secret<Option<String>>`.
///
/// The time of a comparison tells lengths, and whether there is a value. What is wiped is this value; a text that is spelled with
/// escapes has passed through a buffer of the JSON reader, which nobody wipes.
///
/// # Example
/// ```
/// use session_runtime::{Claims, Issuer, KeyRing, Verifier, claims::Secret, paseto::V4Local};
///
/// #[derive(Claims, Debug, PartialEq)]
/// #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
///     #[claim(confidential)]
///     card: Secret<String>,
/// }
///
/// let ring = KeyRing::<V4Local>::generate()?;
/// let access = Access { user: "ada".into(), card: Secret::new("4111-1111".into()) };
/// let token = Issuer::<Access, _>::new(&ring)?.issue(&access)?.token;
/// let read = Verifier::<Access>::new(&ring)?.verify_now(&token)?.into_claims();
/// assert_eq!(read, access);
/// assert_eq!(read.card.expose(), "4111-1111");
/// assert_eq!(format!("{read:?}"), r#"Access { user: "ada", card: Secret { .. } }"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Everywhere else it is a mistake:
/// ```compile_fail
/// # use session_runtime::{Claims, claims::Secret};
/// #[derive(Claims)]
/// #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     card: Secret<String>,
/// }
/// ```
#[derive(Clone, Default)]
pub struct Secret<T: Conceal>(T);

impl<T: Conceal> Secret<T> {
    /// Takes the value in. Whatever it was copied from, nobody here wipes.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Whatever it is copied into, nobody here wipes.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Conceal> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Conceal> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

impl<T: Conceal> PartialEq for Secret<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0.bytes(), other.0.bytes()) {
            (Some(one), Some(other)) => crypto::equal(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl<T: Conceal> Eq for Secret<T> {}

impl<T: Conceal> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

/// What a [`Secret`] can hold: texts, byte lists, and an `Option` of one. Sealed.
#[diagnostic::on_unimplemented(
    message = "a `Secret` cannot hold `{Self}`",
    note = "use a `String`, a `Box<str>`, a `Vec<u8>`, a `[u8; N]`, or an `Option` of one inside of the `Secret`"
)]
pub trait Conceal: sealed::Sealed {
    /// What is compared; `None` for no value.
    #[doc(hidden)]
    fn bytes(&self) -> Option<&[u8]>;

    /// Overwrites the value.
    #[doc(hidden)]
    fn wipe(&mut self);
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! conceals {
    ($($(const $length:ident)? $held:ty: $bytes:expr;)*) => { $(
        impl $(<const $length: usize>)? sealed::Sealed for $held {}
        impl $(<const $length: usize>)? Conceal for $held {
            fn bytes(&self) -> Option<&[u8]> {
                let bytes: fn(&Self) -> &[u8] = $bytes;
                Some(bytes(self))
            }
            fn wipe(&mut self) {
                self.zeroize();
            }
        }
    )* };
}
conceals! {
    String: |text| text.as_bytes();
    Box<str>: |text| text.as_bytes();
    Vec<u8>: |bytes| bytes;
    const N [u8; N]: |bytes| bytes;
}

impl<T: Conceal> sealed::Sealed for Option<T> {}
impl<T: Conceal> Conceal for Option<T> {
    fn bytes(&self) -> Option<&[u8]> {
        self.as_ref().and_then(T::bytes)
    }
    fn wipe(&mut self) {
        if let Some(value) = self {
            value.wipe();
        }
    }
}

kind! {
    /// A confidential claim: by its serde implementations, or a [`Secret`], which has none.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be a confidential claim",
        note = "derive `serde::Serialize` and `serde::Deserialize` for it, or use `session_runtime::claims::Secret` around a text or bytes"
    )]
    Hidden<'de, Way>: Raw<'de>
}

otherwise!(Hidden<'de>: Raw<'de>);

by_serde!(Hidden: |out, claim, value| field::put(out, claim, value));

impl<'de, T: Conceal + Serialize + Deserialize<'de>> Hidden<'de, BySerde> for Secret<T> {
    #[inline]
    fn fill(slot: &mut Slot<Self>, value: Raw<'de>) -> Option<()> {
        field::set(slot, Self(T::deserialize(value).ok()?));
        Some(())
    }
    #[inline]
    fn require(slot: Slot<Self>, claim: &'static str, errors: &mut ClaimErrors) -> Option<Self> {
        match field::taken(slot) {
            Some(secret) => Some(secret),
            None => field::require(field::empty::<T>(), claim, errors).map(Self),
        }
    }
    #[inline]
    fn put(out: &mut Writer<'_>, claim: &'static str, value: &Self) -> Result<(), IssueError> {
        field::put(out, claim, &value.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_compared_by_their_bytes() {
        #[track_caller]
        fn check<T: Conceal>(one: T, other: T, equal: bool) {
            assert_eq!(Secret::new(one) == Secret::new(other), equal);
        }
        check("card".to_owned(), "card".to_owned(), true);
        check("card".to_owned(), "care".to_owned(), false);
        check("card".to_owned(), "cards".to_owned(), false);
        check([1_u8, 2], [1, 2], true);
        check(vec![1_u8, 2], vec![2, 1], false);
        check(None::<String>, None, true);
        check(Some(String::new()), None, false);
        check(Some(String::new()), Some(String::new()), true);
    }

    #[test]
    fn what_is_dropped_was_wiped() {
        let mut secret = Some([7_u8; 4]);
        secret.wipe();
        assert_eq!(secret, Some([0; 4]));
        let mut text = "card".to_owned();
        text.wipe();
        assert!(text.is_empty());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("card".to_owned())), "Secret { .. }");
    }
}
