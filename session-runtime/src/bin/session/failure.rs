//! How a command ends: the exit codes, and errors that say what to do.

use std::{fmt, io, process::ExitCode};

use session_runtime::error::{AddressRule, CompromiseError, ConfigError, KeyError, RemoteError, RevokeError, StoreError};

/// How a command ended, for scripts. The numbers are documented in the help and the manual page ([`TABLE`]) and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Refused,
    Usage,
    Store,
    Unknown,
}

/// The table in `--help` and in the manual page.
pub(crate) const TABLE: &str = "\
Exit codes:
  0  done; a token that was verified is good
  1  refused: the token is not good, a key or a ring does not allow it, or the answer to a question was no
  2  the command itself cannot be understood, or needs something that was not given
  3  a file, a store or the network failed, so that nothing was decided or changed; it may be tried again
  4  it is not known whether everything was done; look at the store, then do it again, which is safe";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Refused => 1,
            Exit::Usage => 2,
            Exit::Store => 3,
            Exit::Unknown => 4,
        })
    }
}

/// Why a command came to nothing, and what its user can do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// What every command comes to.
pub(crate) type Outcome<T = Exit> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string(), help: None }
    }

    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn refused(message: impl fmt::Display) -> Self {
        Self::new(Exit::Refused, message)
    }

    /// A file or stream that could not be used, by the name that the user gave it.
    pub(crate) fn io(what: impl fmt::Display, error: &io::Error) -> Self {
        Self::new(Exit::Store, format_args!("{what}: {error}"))
    }

    /// What to do about it.
    pub(crate) fn help(mut self, help: impl fmt::Display) -> Self {
        self.help = Some(help.to_string());
        self
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::Unknown { .. } => Exit::Unknown,
            StoreError::Misconfigured { .. } => Exit::Usage,
            _ => Exit::Store,
        };
        let failure = Self::new(exit, &error);
        match error {
            StoreError::Held { .. } => failure.help("a service has it open for itself; ask that service, or stop it first"),
            StoreError::Conflict { .. } => failure.help("look at what the other one did, and try again"),
            StoreError::Lost { .. } => {
                failure.help("is it the right address? a log is begun by a service that knows what it held, never by this tool")
            }
            StoreError::Unknown { .. } => failure.help("look at the store, then do it again, which is safe"),
            StoreError::NewerVersion { .. } => failure.help("install this tool from the newer version"),
            _ => failure,
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let exit = match &error {
            KeyError::Store(error) => return error.clone().into(),
            KeyError::OutOfBounds { .. } | KeyError::Timing { .. } => Exit::Usage,
            KeyError::NoRandomness | KeyError::OutOfDate { .. } => Exit::Store,
            _ => Exit::Refused,
        };
        let failure = Self::new(exit, &error);
        match error {
            KeyError::NoSuchKey(_) => failure.help("`session keys list` shows the ids of the ring"),
            KeyError::CannotUnwrap(_) => failure.help("give the key-encryption key that the ring was made with: `--kek-file FILE`"),
            _ => failure,
        }
    }
}

impl From<RevokeError> for Failure {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Store(error) => error.into(),
            error => Self::refused(error),
        }
    }
}

impl From<CompromiseError> for Failure {
    fn from(error: CompromiseError) -> Self {
        Self::new(Exit::Unknown, error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Store(error) => error.into(),
            error => Self::usage(error),
        }
    }
}

impl From<RemoteError> for Failure {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Address(address) if address.rule == AddressRule::NotHttps => {
                Self::usage(error).help("save the set to a file over a way that you trust, and give the file")
            }
            RemoteError::Address(_) | RemoteError::OutOfBounds { .. } => Self::usage(error),
            error => Self::new(Exit::Store, error),
        }
    }
}
