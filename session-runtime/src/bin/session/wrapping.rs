//! The key-encryption key of a ring, or that it has none.

use std::path::PathBuf;

use clap::Args;
use session_runtime::keyring::{KekChain, LocalKek, PlaintextKeys};

use crate::failure::{Failure, Outcome};

/// How private halves lie in the store.
#[derive(Debug, Args)]
pub(crate) struct WrapArgs {
    /// The key-encryption key of the ring: a file of 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    pub(crate) kek_file: Option<PathBuf>,
    /// Says by name that private halves lie in the store as they are
    #[arg(long, conflicts_with = "kek_file")]
    pub(crate) plaintext_keys: bool,
}

impl WrapArgs {
    pub(crate) fn is_given(&self) -> bool {
        self.kek_file.is_some() || self.plaintext_keys
    }

    /// What wraps. A chain of one, so that both kinds are of one type.
    pub(crate) fn wrap(&self) -> Outcome<KekChain> {
        match (&self.kek_file, self.plaintext_keys) {
            (Some(path), _) => Ok(KekChain::new(LocalKek::from_file(path)?)),
            (None, true) => Ok(KekChain::new(PlaintextKeys)),
            (None, false) => Err(Failure::usage("this needs the private halves of the ring")
                .help("give its key-encryption key with `--kek-file FILE`, or say `--plaintext-keys` if it has none")),
        }
    }
}
