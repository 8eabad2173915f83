//! PASERK texts: plain, wrapped with a key, wrapped with a password, sealed to a public key; and ids.

use super::{export::refused, import::Key, public::PublicKey, secret::SecretText};
use crate::{
    crypto::{self, Recipient, Wrapped, WrapsKeys},
    error::{KeyError, KeyRule},
    format::{Asymmetric, Format, Paseto},
};

/// # PASERK
impl<F: Paseto> Key<F> {
    /// Writes the key in the open (`k4.local`, `k4.secret`). The name of the key is not in it.
    ///
    /// # Errors
    /// None for a key that was read; [`KeyError::Refused`] stands for a failure of the library.
    pub fn to_paserk(&self) -> Result<SecretText, KeyError> {
        self.sealing.to_text().map(SecretText::from).map_err(|rule| refused(&self.id, rule))
    }

    /// Writes the key wrapped with a symmetric key of the same version (`k4.local-wrap.pie`, `k4.secret-wrap.pie`). The name of the key
    /// is not in it.
    ///
    /// Wrap with a key that does nothing else: whoever can read tokens need not be able to read keys. A key of another version does not
    /// fit, which the compiler says.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    ///
    /// # Example
    /// ```
    /// use session_runtime::{keyring::Key, paseto::{V4Local, V4Public}};
    ///
    /// let wrapping = Key::<V4Local>::generate()?;
    /// let key = Key::<V4Public>::generate()?;
    /// let text = key.to_wrapped_paserk(&wrapping)?;
    /// let same = Key::<V4Public>::from_wrapped_paserk(&text, &wrapping)?;
    /// assert_eq!(same.public_key().paserk_id(), key.public_key().paserk_id());
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    ///
    /// # Example: two versions
    /// ```compile_fail,E0308
    /// # use session_runtime::{error::KeyError, keyring::Key, paseto::{V3Local, V4Public}};
    /// # fn wrap(wrapping: Key<V3Local>, key: Key<V4Public>) -> Result<String, KeyError> {
    /// key.to_wrapped_paserk(&wrapping)
    /// # }
    /// ```
    pub fn to_wrapped_paserk(&self, with: &Key<F::Local>) -> Result<String, KeyError> {
        crypto::pie_wrap(&self.sealing, with.sealing.wrapping())
    }

    /// Reads what [`to_wrapped_paserk`](Self::to_wrapped_paserk) wrote. The key has no name.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that it breaks; [`KeyRule::Wrapped`] for another wrapping key or a changed text.
    pub fn from_wrapped_paserk(text: &str, with: &Key<F::Local>) -> Result<Self, KeyError> {
        Self::unwrapped(crypto::pie_unwrap(text, with.sealing.wrapping()))
    }

    /// Writes the key under a password (`k4.local-pw`, `k4.secret-pw`). The name of the key is not in it.
    ///
    /// It takes as long and as much memory as `cost` says, and that is meant: a guess costs the same. It keeps its thread busy all that
    /// time, so call it on a thread that may block and not on an executor's.
    ///
    /// # Errors
    /// [`KeyError::Refused`] with [`KeyRule::Password`] when the password is empty or longer than
    /// [`limits::PASSWORD`](crate::limits::PASSWORD), with [`KeyRule::NoMemory`]; [`KeyError::NoRandomness`].
    ///
    /// # Example
    /// ```
    /// use session_runtime::{keyring::Key, paseto::V4Local};
    ///
    /// let key = Key::<V4Local>::generate()?;
    /// let text = key.to_password_paserk("correct horse battery staple", Default::default())?;
    /// assert!(Key::<V4Local>::from_password_paserk(&text, "correct horse battery staple").is_ok());
    /// assert!(Key::<V4Local>::from_password_paserk(&text, "Tr0ub4dor&3").is_err());
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    pub fn to_password_paserk(&self, password: impl AsRef<[u8]>, cost: F::PasswordCost) -> Result<String, KeyError> {
        crypto::password_wrap(&self.sealing, password.as_ref(), cost)
    }

    /// Reads what [`to_password_paserk`](Self::to_password_paserk) wrote. The key has no name.
    ///
    /// The text says what the password costs, and whoever wrote it may have written anything. So the cost is judged before any work:
    /// at most [`ARGON2_MEMORY`](crate::limits::ARGON2_MEMORY) and [`ARGON2_PASSES`](crate::limits::ARGON2_PASSES) in version 4, and
    /// [`PBKDF2_ITERATIONS`](crate::limits::PBKDF2_ITERATIONS) in version 3.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that it breaks; [`KeyRule::Cost`] for a cost that is out of bounds,
    /// [`KeyRule::Wrapped`] for another password or a changed text.
    pub fn from_password_paserk(text: &str, password: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::unwrapped(crypto::password_unwrap(text, password.as_ref()))
    }

    fn unwrapped(sealing: Result<F::Sealing, KeyRule>) -> Result<Self, KeyError> {
        sealing.map(|sealing| Self { sealing, id: None }).map_err(|rule| refused(&None, rule))
    }
}

impl<F: Paseto + Asymmetric> Key<F> {
    /// The id of the private half (`k4.sid`). It tells private keys apart without showing them; tokens name the public half, by
    /// [`PublicKey::paserk_id`].
    ///
    /// # Errors
    /// As [`to_paserk`](Self::to_paserk).
    pub fn secret_id(&self) -> Result<String, KeyError> {
        self.sealing.to_id().map_err(|rule| refused(&self.id, rule))
    }
}

impl<F: Paseto + Asymmetric + Format<Opening: Recipient>> PublicKey<F> {
    /// Writes the key (`k4.public`). Its name is not in it.
    pub fn to_paserk(&self) -> String {
        self.opening.to_text()
    }

    /// The id of the key (`k4.pid`), which is also the name that a ring gives to a new key.
    pub fn paserk_id(&self) -> String {
        self.opening.to_id()
    }
}

/// # Sealed keys
impl<F: Paseto<Local = F> + Format<Sealing: WrapsKeys>> Key<F> {
    /// The id of the key (`k4.lid`), which is also the name that a ring gives to a new key. It is safe to show: a hash of the whole
    /// 256-bit key.
    pub fn paserk_id(&self) -> String {
        self.sealing.local_id()
    }

    /// Writes the symmetric key so that only the holder of the private half can read it (`k4.seal`). Anybody can write such a text: it
    /// says nothing about who did.
    ///
    /// Use a pair that signs no tokens: one key, one purpose.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    ///
    /// # Example
    /// ```
    /// use session_runtime::{keyring::Key, paseto::{V4Local, V4Public}};
    ///
    /// let recipient = Key::<V4Public>::generate()?;
    /// let key = Key::<V4Local>::generate()?;
    /// let text = key.to_sealed_paserk(&recipient.public_key())?;
    /// let same = Key::<V4Local>::from_sealed_paserk(&text, &recipient)?;
    /// assert_eq!(same.paserk_id(), key.paserk_id());
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    pub fn to_sealed_paserk(&self, to: &PublicKey<F::Public>) -> Result<String, KeyError> {
        crypto::seal(&self.sealing, &to.opening)
    }

    /// Reads what [`to_sealed_paserk`](Self::to_sealed_paserk) wrote. The key has no name.
    ///
    /// # Errors
    /// [`KeyError::Refused`] naming the rule that it breaks; [`KeyRule::Wrapped`] for another pair or a changed text.
    pub fn from_sealed_paserk(text: &str, with: &Key<F::Public>) -> Result<Self, KeyError> {
        Self::unwrapped(crypto::unseal(text, &with.sealing))
    }
}
