//! Rings of fixed keys: the same in every run, so that a test can be read, and known to everybody, so that they are for tests alone.

use std::{collections::HashMap, sync::OnceLock};

use crate::{
    crypto::{HmacKey, Sha256, Sign},
    error::{KeyError, KeyRule},
    format::{Format, sealed::Sealed},
    ids::KeyId,
    jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Jwt, MlDsa44, MlDsa65, MlDsa87, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512},
    keyring::{Key, KeyRing, PublicKey},
    paseto::{V3Local, V3Public, V4Local, V4Public},
    time::{Clock, SystemClock},
};

/// A format that has fixed keys, which is every format. Sealed.
pub trait FixedKeys: Format + Sealed {
    #[doc(hidden)]
    fn key(of: Owner) -> Result<Key<Self>, KeyError>
    where
        Self: Sized;

    /// What signs as HMAC with the public key for its secret, the oldest forgery of JWT (CVE-2015-9235); `None` where there is no public key.
    #[doc(hidden)]
    fn confused(opening: &Self::Opening, message: &[u8]) -> Option<Vec<u8>>;
}

/// Whose fixed key.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The one of the application under test.
    Us,
    /// Somebody else's.
    Other,
}

/// A ring of the format's fixed key, which is named `test-key`.
///
/// **The key is public**: it stands in the source of this crate. It counts as imported, so nobody knows when it signed and tokens from
/// any time can be made and checked.
///
/// # Errors
/// None: every fixed key passes the checks of its family, which a test holds.
///
/// # Example
/// ```
/// use session_runtime::{Claims, Issuer, Verifier, jwt::{EdDsa, Jwt}, testing};
///
/// #[derive(Claims)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
/// }
///
/// // Two rings and one key, as in two processes.
/// let token = Issuer::<Access, _>::new(&testing::fixed_ring::<Jwt<EdDsa>>()?)?.issue(&Access { user: "ada".into() })?.token;
/// assert!(Verifier::<Access>::new(&testing::fixed_ring::<Jwt<EdDsa>>()?)?.verify_now(&token).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fixed_ring<F: FixedKeys>() -> Result<KeyRing<F>, KeyError> {
    fixed_ring_at(SystemClock)
}

/// As [`fixed_ring`], with a clock of the test's own, which issuers and verifiers on the ring take over.
///
/// # Errors
/// As [`fixed_ring`].
///
/// # Example
/// ```
/// use session_runtime::{Timestamp, paseto::V4Local, testing::{self, ManualClock}};
///
/// let clock = ManualClock::at(Timestamp::from_unix(1_893_456_000));
/// let ring = testing::fixed_ring_at::<V4Local>(clock.clone())?;
/// assert_eq!(ring.signing_key().unwrap().as_str(), "test-key");
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
pub fn fixed_ring_at<F: FixedKeys>(clock: impl Clock) -> Result<KeyRing<F>, KeyError> {
    ring_of(Owner::Us, KEY_ID, clock)
}

/// A ring of another fixed key, which is named `other-key`: somebody else's, whose tokens nobody here accepts. As public as the first.
///
/// # Errors
/// As [`fixed_ring`].
///
/// # Example
/// ```
/// use session_runtime::{Claims, Issuer, Verifier, error::VerifyError, jwt::{Es256, Jwt}, testing};
///
/// #[derive(Claims, Debug)]
/// #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
/// }
///
/// let theirs = testing::other_ring::<Jwt<Es256>>()?;
/// let token = Issuer::<Access, _>::new(&theirs)?.issue(&Access { user: "eve".into() })?.token;
/// let verifier = Verifier::<Access>::new(&testing::fixed_ring::<Jwt<Es256>>()?)?;
/// assert_eq!(verifier.verify_now(&token).unwrap_err(), VerifyError::UnknownKey);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn other_ring<F: FixedKeys>() -> Result<KeyRing<F>, KeyError> {
    other_ring_at(SystemClock)
}

/// As [`other_ring`], with a clock of the test's own.
///
/// # Errors
/// As [`fixed_ring`].
pub fn other_ring_at<F: FixedKeys>(clock: impl Clock) -> Result<KeyRing<F>, KeyError> {
    ring_of(Owner::Other, OTHER_KEY_ID, clock)
}

fn ring_of<F: FixedKeys>(owner: Owner, name: &'static str, clock: impl Clock) -> Result<KeyRing<F>, KeyError> {
    KeyRing::builder().clock(clock).import(F::key(owner)?.with_id(KeyId::literal(name)))
}

/// The text of one key in the file.
fn text(owner: Owner, name: &str) -> Result<&'static str, KeyError> {
    type File = HashMap<Box<str>, serde_json::Value>;
    static FILE: OnceLock<File> = OnceLock::new();
    let file = FILE.get_or_init(|| serde_json::from_str(include_str!("keys.json")).unwrap_or_default());
    let owner = match owner {
        Owner::Us => "fixed",
        Owner::Other => "other",
    };
    let text = file.get(owner).and_then(|keys| keys.get(name)?.as_str());
    text.ok_or(KeyError::Refused { key_id: None, rule: KeyRule::Unreadable("a fixed key") })
}

fn hs256(secret: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    HmacKey::<Sha256>::of_a_public_key(secret).ok()?.sign(message).ok()
}

macro_rules! fixed {
    ($($format:ty, $name:tt: $read:expr;)*) => { $(
        impl FixedKeys for $format {
            fn key(of: Owner) -> Result<Key<Self>, KeyError> {
                let read: fn(&str) -> Result<Key<Self>, KeyError> = $read;
                read(text(of, $name)?)
            }
            fixed!(@confused $name);
        }
    )* };
    (@confused "secret") => { fixed!(@none); };
    (@confused "local") => { fixed!(@none); };
    (@confused $pair:tt) => {
        fn confused(opening: &Self::Opening, message: &[u8]) -> Option<Vec<u8>> {
            let public = PublicKey::<Self> { opening: opening.clone(), id: None };
            hs256(public.to_pem().ok()?.as_bytes(), message)
        }
    };
    (@none) => {
        fn confused(_: &Self::Opening, _: &[u8]) -> Option<Vec<u8>> {
            None
        }
    };
}
fixed! {
    Jwt<Hs256>, "secret": |text| Key::<Self>::from_secret(text);
    Jwt<Hs384>, "secret": |text| Key::<Self>::from_secret(text);
    Jwt<Hs512>, "secret": |text| Key::<Self>::from_secret(text);
    Jwt<Rs256>, "rsa": |text| Key::<Self>::from_pem(text);
    Jwt<Rs384>, "rsa": |text| Key::<Self>::from_pem(text);
    Jwt<Rs512>, "rsa": |text| Key::<Self>::from_pem(text);
    Jwt<Ps256>, "rsa": |text| Key::<Self>::from_pem(text);
    Jwt<Ps384>, "rsa": |text| Key::<Self>::from_pem(text);
    Jwt<Ps512>, "rsa": |text| Key::<Self>::from_pem(text);
    Jwt<Es256>, "p256": |text| Key::<Self>::from_pem(text);
    Jwt<Es384>, "p384": |text| Key::<Self>::from_pem(text);
    Jwt<Es512>, "p521": |text| Key::<Self>::from_pem(text);
    Jwt<EdDsa>, "ed25519": |text| Key::<Self>::from_pem(text);
    Jwt<MlDsa44>, "ml-dsa-44": |text| Key::<Self>::from_pem(text);
    Jwt<MlDsa65>, "ml-dsa-65": |text| Key::<Self>::from_pem(text);
    Jwt<MlDsa87>, "ml-dsa-87": |text| Key::<Self>::from_pem(text);
    V4Public, "ed25519": |text| Key::<Self>::from_pem(text);
    V3Public, "p384": |text| Key::<Self>::from_pem(text);
    V4Local, "local": |text| Key::<Self>::from_paserk(&format!("k4.local.{text}"));
    V3Local, "local": |text| Key::<Self>::from_paserk(&format!("k3.local.{text}"));
}

/// The name of the fixed key.
const KEY_ID: &str = "test-key";
/// The name of somebody else's.
const OTHER_KEY_ID: &str = "other-key";
