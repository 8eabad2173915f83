//! What is wrong with a footer: one that is to be written (the programmer must act), or one that was read.

/// Why a footer is not written. The programmer must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FooterRule {
    /// Its own `Serialize` failed.
    #[error("it could not be written as JSON")]
    Unwritable,
    /// Something else than one JSON object.
    #[error("it is not one JSON object")]
    NotAnObject,
    /// A list or an object inside. Whoever reads a footer has not checked it yet, so there is as little in it to read as possible.
    #[error("its values may be strings, numbers, booleans and null, and nothing that holds others")]
    Nested,
    /// A name twice, or more members than are read.
    #[error("it has a name twice, or more than 128 members")]
    Members,
    /// `kid` or `wpk`, which PASETO has reserved. The issuer writes `kid` itself.
    #[error("`{0}` is reserved")]
    Reserved(&'static str),
    /// The text of a key, which whoever sees the token would know (PASERK, "Safe to include in footers").
    #[error("it holds the text of a key")]
    KeyMaterial,
    /// Longer than [`limits::FOOTER`](crate::limits::FOOTER).
    #[error("it is {length} bytes long, at most {limit} are written")]
    TooLong {
        /// Its length in bytes, without the key id.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

/// Why the footer of a verified token could not be read as a type. Its text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FooterError {
    /// The token is a JWT; only PASETO has footers.
    #[error("a JWT has no footer")]
    NotPaseto,
    /// The token has none.
    #[error("the token has no footer")]
    Missing,
    /// It is no JSON object, or not what the type holds.
    #[error("the footer is not what its type holds")]
    Mistyped,
}
