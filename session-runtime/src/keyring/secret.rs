//! What is secret and leaves the keyring: it is wiped when it is dropped, and nothing prints it.

use std::fmt;

use zeroize::Zeroizing;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident holds $held:ty, exposes $exposed:ty;)*) => { $(
        $(#[$doc])*
        pub struct $name(Zeroizing<$held>);

        impl $name {
            /// The secret itself. Whatever it is copied into, nobody here wipes.
            pub fn expose(&self) -> &$exposed {
                &self.0
            }
        }

        impl From<Zeroizing<$held>> for $name {
            fn from(secret: Zeroizing<$held>) -> Self {
                Self(secret)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )* };
}

secrets! {
    /// The text of a private or secret key. It is wiped when it is dropped; `Debug` shows nothing of it, and it has no `Display`, so
    /// that it cannot slip into a log.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{keyring::Key, paseto::V4Local};
    ///
    /// let text = Key::<V4Local>::generate()?.to_paserk()?;
    /// assert_eq!(format!("{text:?}"), "SecretText { .. }");
    /// assert!(text.expose().starts_with("k4.local."));
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    SecretText holds String, exposes str;
    /// The bytes of a private key. As [`SecretText`].
    SecretBytes holds Vec<u8>, exposes [u8];
}
