//! [`Text`]: a claim's text, borrowed where the token spells it without escapes.

use std::{borrow::Cow, fmt, ops::Deref};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// A text that borrows from the token when it can and owns a copy when it cannot.
///
/// For the fields of a claims type with a lifetime, which is verified [into a buffer](crate::Verifier::verify_in). A `&str` refuses a
/// text that holds a quote, a backslash or a control character, because JSON spells those with escapes (RFC 8259 §7) and the text
/// then stands nowhere; and serde reads a `Cow<str>` as an owned text always.
///
/// # Example
/// ```
/// use session_runtime::{Buffer, Claims, Issuer, KeyRing, Verifier, claims::Text, jwt::{Hs256, Jwt}};
///
/// #[derive(Claims, Debug)]
/// #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
/// struct Access<'a> {
///     #[claim(sub)]
///     user: Text<'a>,
/// }
///
/// let ring = KeyRing::<Jwt<Hs256>>::generate()?;
/// let (issuer, verifier) = (Issuer::<Access, _>::new(&ring)?, Verifier::<Access>::new(&ring)?);
/// let mut buffer = Buffer::default();
/// for (user, borrowed) in [("ada", true), ("Dwayne \"The Rock\" Johnson", false)] {
///     let token = issuer.issue(&Access { user: user.into() })?.token;
///     let access = verifier.verify_now_in(&token, &mut buffer)?;
///     assert_eq!(access.user, user);
///     assert_eq!(access.user.is_borrowed(), borrowed);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// Whether it borrows.
    pub fn is_borrowed(&self) -> bool {
        matches!(self.0, Cow::Borrowed(_))
    }

    /// The text, owned.
    pub fn into_owned(self) -> String {
        self.0.into_owned()
    }
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(text.into())
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(text.to_owned().into())
            }
            fn visit_string<E: Error>(self, text: String) -> Result<Text<'de>, E> {
                Ok(text.into())
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}
