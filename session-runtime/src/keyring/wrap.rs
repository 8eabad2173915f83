//! How private halves lie in a store: wrapped by a key-encryption key, or, by name only, as they are.

use std::{fmt, fs, io::Write, path::Path, sync::Arc};

use zeroize::Zeroizing;

use crate::{
    crypto::{WrappingKey, random},
    error::{KeyError, KeyRule, StoreError},
    files::private_file,
    future::BoxFuture,
};

/// Wraps private halves before they are stored. Asynchronous, so that a key management service can stand behind it.
///
/// `context` names ring, format and key; a wrapped half must only unwrap under the context that it was wrapped under, so that
/// nobody with write access to a store can move one key's half to another record.
pub trait KeyWrap: fmt::Debug + Send + Sync + 'static {
    /// Wraps one private half.
    ///
    /// # Errors
    /// [`KeyError`] when it cannot.
    fn wrap<'a>(&'a self, context: &'a [u8], plain: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, KeyError>>;

    /// Unwraps one private half; `Ok(None)` when it was not wrapped by this key under this context. Never take it for a half that was not
    /// wrapped: a symmetric key has no shape by which it could be told from its own wrapped form.
    ///
    /// # Errors
    /// [`KeyError`] when the question cannot be answered.
    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, KeyError>>;

    /// As [`unwrap`](Self::unwrap), with the key that [`wrap`](Self::wrap) uses now and no older one, by which
    /// [`KeyRing::rewrap`](crate::KeyRing::rewrap) knows that the older ones are of no more use. A wrap of one key has nothing to add.
    ///
    /// # Errors
    /// As [`unwrap`](Self::unwrap).
    fn unwrap_with_present<'a>(
        &'a self,
        context: &'a [u8],
        wrapped: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, KeyError>> {
        self.unwrap(context, wrapped)
    }
}

/// A 256-bit key-encryption key of one's own (AES-256-GCM).
///
/// # Example
/// ```
/// use session_runtime::keyring::LocalKek;
///
/// let kek = LocalKek::generate()?;
/// assert_eq!(format!("{kek:?}"), "LocalKek(…)");
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
///
/// Clones share the key, for several rings under one.
#[derive(Clone)]
pub struct LocalKek(Arc<WrappingKey>);

impl LocalKek {
    /// Takes 32 random bytes, as a secret manager hands them out.
    ///
    /// # Errors
    /// [`KeyError::Refused`] when the cryptographic library does not take them.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        WrappingKey::new(bytes).map(|key| Self(Arc::new(key))).map_err(|rule| KeyError::Refused { key_id: None, rule })
    }

    /// A fresh one, for tests and for rings that die with the process.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn generate() -> Result<Self, KeyError> {
        Self::from_bytes(&Zeroizing::new(random::bytes::<32>()?))
    }

    /// Reads a file of 64 hexadecimal digits.
    ///
    /// Keep it away from the key file and from that file's backups: together they are the plain keys.
    ///
    /// # Errors
    /// [`KeyError::Refused`] when the file holds something else, [`KeyError::Store`] when it cannot be read or is not there.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        let text = Zeroizing::new(fs::read(path).map_err(|error| StoreError::Unreadable { store: NAME, reason: at(path, &error) })?);
        let refused = || KeyError::Refused { key_id: None, rule: KeyRule::Unreadable("64 hexadecimal digits") };
        let digits = std::str::from_utf8(text.trim_ascii()).ok().filter(|digits| digits.len() == 64).ok_or_else(refused)?;
        let mut bytes = Zeroizing::new([0_u8; 32]);
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
            *byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or_else(refused)?;
        }
        Self::from_bytes(&bytes)
    }

    /// As [`from_file`](Self::from_file), and makes the file, readable by its owner only, when there is none.
    ///
    /// For a first start. A service that has run before wants `from_file`: a lost file is then that error, and not a fresh key that
    /// unwraps nothing.
    ///
    /// # Errors
    /// As [`from_file`](Self::from_file), [`KeyError::NoRandomness`], and [`KeyError::Store`] when the file cannot be made.
    pub fn from_file_or_generate(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        if !path.exists() {
            let bytes = Zeroizing::new(random::bytes::<32>()?);
            let text = Zeroizing::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            match publish_new(path, text.as_bytes()) {
                Ok(()) => {}
                // Another process made it in the meantime, and its key is the one.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(StoreError::NotApplied { store: NAME, reason: at(path, &error) }.into()),
            }
        }
        Self::from_file(path)
    }
}

const NAME: &str = "the key-encryption key file";

/// Which file, since an operator has several; paths are the operator's own words.
pub(crate) fn at(path: &Path, error: &dyn fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

/// Makes a file that nobody ever sees half written; an error when there is one already.
fn publish_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut new = path.to_owned().into_os_string();
    new.push(format!(".{}.new", std::process::id()));
    let new = Path::new(&new);
    let mut file = private_file(new)?;
    let published = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::hard_link(new, path));
    let removed = fs::remove_file(new);
    published.and(removed)
}

impl fmt::Debug for LocalKek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalKek(…)")
    }
}

impl KeyWrap for LocalKek {
    fn wrap<'a>(&'a self, context: &'a [u8], plain: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, KeyError>> {
        Box::pin(async move { self.0.seal(context, plain) })
    }

    fn unwrap<'a>(&'a self, context: &'a [u8], wrapped: &'a [u8]) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, KeyError>> {
        Box::pin(async move { Ok(self.0.open(context, wrapped)) })
    }
}

/// Stores private halves as they are: whoever reads the store, or a backup of it, can sign.
///
/// It has to be written out where the store is opened, so that it can be found in a review. A mark stands before each half, so that one that
/// something else has wrapped is refused.
#[derive(Debug, Clone, Copy)]
pub struct PlaintextKeys;

/// Without it a wrapped HMAC secret would be taken for another, longer secret: one that lies open in the store, so that whoever reads the
/// store could sign.
const PLAIN: &[u8] = b"not wrapped:";

impl KeyWrap for PlaintextKeys {
    fn wrap<'a>(&'a self, _: &'a [u8], plain: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, KeyError>> {
        Box::pin(async move { Ok([PLAIN, plain].concat()) })
    }

    fn unwrap<'a>(&'a self, _: &'a [u8], wrapped: &'a [u8]) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, KeyError>> {
        Box::pin(async move { Ok(wrapped.strip_prefix(PLAIN).map(|plain| Zeroizing::new(plain.to_vec()))) })
    }
}
