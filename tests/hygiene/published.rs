//! What another crate would export.

use std::{borrow::Cow, fmt};

use session_runtime::Claims;

#[derive(Debug, Clone, Copy, Default, serde::Serialize, serde::Deserialize)]
struct Private(u8);

/// A public type with private parts.
#[expect(non_snake_case)]
#[derive(Debug, Clone, PartialEq, Eq, Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
pub struct Access {
    /// Whom it is about.
    #[claim(sub)]
    pub user: String,
    /// Where it may go.
    pub(crate) tenant: String,
    organisation: Option<String>,
    /// As another system spells it.
    pub userId: u64,
}

/// A public type with a field that has had its day.
#[derive(Debug, Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
pub struct Old {
    /// Use another one.
    #[deprecated]
    pub old: String,
    /// Of a type that nobody should use.
    #[allow(deprecated)]
    pub older: Older,
}

/// A type that has had its day.
#[deprecated]
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub struct Older;

/// A public type whose fields are of a private one.
#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
pub struct Holder {
    private: Private,
    #[claim(default)]
    another: Private,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder").field("private", &self.private).field("another", &self.another).finish()
    }
}

/// A public type with nothing in it.
#[derive(Debug, Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
pub struct Empty {}

/// A public type that borrows, with a parameter.
#[derive(Debug, Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
pub struct Borrowed<'a, T, const N: usize = 1>
where
    T: Clone,
{
    /// A parameter.
    pub value: T,
    /// A text.
    pub text: Cow<'a, str>,
    #[claim(skip)]
    numbers: Vec<[u8; N]>,
}

/// A type that holds itself.
#[derive(Debug, Claims, serde::Serialize, serde::Deserialize)]
#[claims(token_type = "at+jwt", ttl = "15m")]
pub struct Nested {
    /// The one it was made for.
    pub actor: Option<Box<Self>>,
}

const _: () = crate::owned::<Access>();
const _: () = crate::owned::<Holder>();
const _: () = crate::owned::<Empty>();
const _: () = crate::owned::<Nested>();
const _: () = crate::claims_type::<Borrowed<'static, u8>>();
