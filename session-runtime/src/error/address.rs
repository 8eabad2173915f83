//! Why an address was refused: the programmer, or whoever wrote the configuration, must act.

/// An address that may not be used. It is not repeated: an address may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address `{setting}` {rule}")]
pub struct AddressError {
    /// Which address, by its name in the interface.
    pub setting: &'static str,
    /// The rule that it breaks.
    pub rule: AddressRule,
}

/// What an address has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressRule {
    /// Not `https://host[:port][/path]` in plain ASCII, or longer than 2048 bytes.
    #[error("is not an absolute URL in plain ASCII")]
    NotUrl,
    /// Neither `https`, nor `http` to this machine itself.
    #[error("has to be https; http is for localhost, 127.0.0.0/8 and [::1] alone")]
    NotHttps,
    /// A user name or a password before the host: it would be sent, logged and published.
    #[error("holds a user name or a password")]
    Credentials,
    /// A query where there must be none (OpenID Connect Discovery 1.0 §3, RFC 8414 §2).
    #[error("has a query")]
    Query,
    /// A fragment, which no request carries.
    #[error("has a fragment")]
    Fragment,
}
