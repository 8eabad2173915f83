//! For whom a token is: [`Audience`] and the field types that can hold it.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::TimeEncoding;

/// The `aud` claim: one string or an array of strings (RFC 7519 §4.1.3).
///
/// It is written as a string when there is one, and as an array otherwise. A PASETO is for one audience: its `aud` is a string,
/// so an array is neither issued nor accepted there.
///
/// # Example
/// ```
/// use session_runtime::Audience;
///
/// let audience = Audience::from(["orders", "billing"]);
/// assert!(audience.contains("billing"));
/// assert!(!audience.contains("bill"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audience(Vec<String>);

impl Audience {
    /// Whether `name` is a member, byte for byte.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|member| member == name)
    }

    /// The members.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl From<&str> for Audience {
    fn from(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Audience {
    fn from(names: [S; N]) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}

impl<S: Into<String>> FromIterator<S> for Audience {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => serializer.serialize_str(one),
            members => members.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> de::Visitor<'de> for Members {
            type Value = Audience;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or an array of strings")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Audience, E> {
                Ok(Audience::from(name))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut members: A) -> Result<Audience, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = members.next_element::<String>()? {
                    names.push(name);
                }
                Ok(Audience(names))
            }
        }
        deserializer.deserialize_any(Members)
    }
}

/// Whether `aud` may be an array. In JWT it may (RFC 7519 §4.1.3); the registered `aud` of PASETO is one string, and the other
/// readers of a token count on it.
pub(crate) fn may_be_array(encoding: TimeEncoding) -> bool {
    encoding == TimeEncoding::NumericDate
}

/// A field type that can hold `aud`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold an audience",
    note = "an audience may be an array of strings (RFC 7519 §4.1.3): use `session_runtime::Audience`, or an `Option` of one"
)]
pub trait AudienceClaim: Sized {
    /// The field's value for the members of the claim; `None` when the type cannot hold them.
    fn from_audience(audience: Audience) -> Option<Self>;

    /// The field's value for a claim that is not there; `None` when the type needs one.
    fn absent() -> Option<Self> {
        None
    }

    /// What is written; `None` leaves the claim to the policy.
    fn to_audience(&self) -> Option<Audience>;
}

impl AudienceClaim for Audience {
    fn from_audience(audience: Audience) -> Option<Self> {
        Some(audience)
    }
    fn to_audience(&self) -> Option<Audience> {
        Some(self.clone())
    }
}

impl<T: AudienceClaim> AudienceClaim for Option<T> {
    fn from_audience(audience: Audience) -> Option<Self> {
        T::from_audience(audience).map(Some)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn to_audience(&self) -> Option<Audience> {
        self.as_ref().and_then(T::to_audience)
    }
}
