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

/// A type that is claims of a token and a value of serde's, by one set of words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, Claims, serde::Deserialize)]
#[claims(token_type = "at+jwt", ttl = "15m")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Both<'a> {
    /// Its own name in every spelling.
    #[serde(alias = "organisation", rename = "org")]
    pub home_org: String,
    /// Borrowed from the text.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Never written.
    #[serde(skip)]
    pub seen: bool,
}

/// A public type of every shape of claim.
#[derive(Debug, Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = Self_, check = Self::is_whole)]
pub struct Shaped {
    /// The session.
    #[claim(sid)]
    pub session: Option<String>,
    /// In an object.
    #[claim(path = "act.sub", check = Self::is_actor, max_len = 9)]
    pub actor: String,
    /// Beside it.
    #[claim(path = "act.level", range = 1..=9)]
    pub level: u8,
    /// In words.
    #[claim(one_of("free", "paid"), skip_if = Option::is_none)]
    pub plan: Option<String>,
    /// Everything else.
    #[claim(flatten, check = Self::is_small)]
    pub rest: std::collections::BTreeMap<String, Boxed<Vec<u8>>>,
    /// Of its own type.
    #[claim(skip)]
    pub inner: Option<Box<Self>>,
}

/// A type alias that a field needs.
pub type Boxed<T> = Box<T>;

/// What checks are handed.
#[derive(Debug)]
pub struct Self_;

impl Shaped {
    const fn is_whole(&self, _: &Self_) -> bool {
        self.level > 0
    }

    const fn is_actor(actor: &str, _: &Self_) -> bool {
        !actor.is_empty()
    }

    fn is_small(rest: &std::collections::BTreeMap<String, Boxed<Vec<u8>>>, _: &Self_) -> bool {
        rest.len() < 9
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
