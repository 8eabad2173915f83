//! Why a store did not do what it was asked: the operator must act. No error here stands for "nothing there".

/// Why a revocation is not on record. The programmer must act, except for `Store`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevokeError {
    /// The token has no `jti`, so it cannot be told from others. Revoke its subject.
    #[error("the token has no `jti` and cannot be revoked alone: revoke its subject")]
    NoTokenId,
    /// The token has no `sub`. Revoke the token alone.
    #[error("the token has no `sub`: revoke the token alone")]
    NoSubject,
    /// The token has no `sid`. Revoke the token alone, or its subject.
    #[error("the token has no `sid`: revoke the token alone, or its subject")]
    NoSession,
    /// The store did not acknowledge the entry. This node refuses the credential all the same, and sends the entry again; other
    /// nodes, and this one after a restart, do not know of it yet.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A store could not do what it was asked. The operator must act. It never stands for "nothing there".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Reading failed, or what was read cannot be understood.
    #[error("{store} cannot be read: {reason}")]
    Unreadable {
        /// Which store, by a name of ours.
        store: &'static str,
        /// What went wrong; an error of the system or of the store's library, never a stored value.
        reason: String,
    },
    /// Writing failed and nothing was changed.
    #[error("{store} was not changed: {reason}")]
    NotApplied {
        /// Which store, by a name of ours.
        store: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// Whether the write took place is not known.
    #[error("whether {store} was changed is not known: {reason}")]
    Unknown {
        /// Which store, by a name of ours.
        store: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// The store may have lost what it acknowledged, or has nothing: it was started without its data, somebody else took its place, or it is
    /// new. Whoever knows what it held begins it again; nothing was written.
    #[error("{store} may have lost what it held")]
    Lost {
        /// Which store, by a name of ours.
        store: &'static str,
    },
    /// Somebody else changed the record first.
    #[error("{store} was changed by somebody else")]
    Conflict {
        /// Which store, by a name of ours.
        store: &'static str,
    },
    /// Another process holds the store.
    #[error("{store} is held by another process")]
    Held {
        /// Which store, by a name of ours.
        store: &'static str,
    },
    /// The store was written by a newer version of this library.
    #[error("{store} has version {found}, this library reads up to {known}: upgrade it")]
    NewerVersion {
        /// Which store, by a name of ours.
        store: &'static str,
        /// The version found.
        found: u64,
        /// The newest version known.
        known: u64,
    },
    /// The store's address or settings would not keep what this library promises, so it was not used.
    #[error("{store} is set up wrongly: {problem}")]
    Misconfigured {
        /// Which store, by a name of ours.
        store: &'static str,
        /// What is wrong, without a word of the address.
        problem: &'static str,
    },
}
