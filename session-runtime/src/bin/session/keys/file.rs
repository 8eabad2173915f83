//! Keys in files of their own: read as whatever they are, and written so that nobody else can read them.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use session_runtime::{
    error::{KeyError, KeyRule},
    keyring::{Key, SecretText},
};

use super::half::{Form, Half, Kind, private_text};
use crate::{
    failure::{Failure, Outcome},
    format::{FormatName, on},
    input::read_text,
};

/// A key as one format reads it.
pub(crate) struct FileKey {
    pub(crate) format: &'static str,
    pub(crate) half: Half,
    /// The private half, where the file has it.
    pub(crate) private: Option<Box<dyn Private>>,
}

/// A private half of any format.
pub(crate) trait Private {
    fn text(&self, form: Option<Form>) -> Outcome<SecretText>;
}

impl<F: Kind> Private for Key<F> {
    fn text(&self, form: Option<Form>) -> Outcome<SecretText> {
        private_text(self, form.unwrap_or(F::FORM))
    }
}

/// Reads a key file as every format that it fits, in the order in which they are preferred.
pub(crate) fn read_key(path: &Path, format: Option<FormatName>) -> Outcome<Vec<FileKey>> {
    let text = read_text(path)?;
    let text = text.trim();
    let mut tried: Vec<Result<FileKey, KeyError>> = Vec::new();
    if text.starts_with('{') {
        tried.extend(on!(published: of(text)));
        tried.extend(on!(hmac: of(text)));
    } else if text.contains("-----BEGIN") {
        tried.extend(on!(published: of(text)));
        tried.extend(on!(public: of(text)));
    } else {
        tried.extend(on!(public: of(text)));
        tried.extend(on!(local: of(text)));
    }
    let mut keys = Vec::new();
    let mut wrong = None;
    for tried in tried {
        match tried {
            Ok(key) => keys.push(key),
            Err(KeyError::Refused { rule: KeyRule::WrongKind { .. } | KeyRule::Forbidden("alg"), .. }) => {}
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    let name = path.display();
    if keys.is_empty() {
        let why = wrong.map_or_else(|| "no key that any format takes".to_owned(), |error| error.to_string());
        return Err(Failure::refused(format_args!("{name}: {why}")).help("a key file holds one key as PEM, JWK or PASERK text"));
    }
    if let Some(format) = format {
        let fits: Vec<&str> = keys.iter().map(|key| key.format).collect();
        let message = format!("{name}: no key for {}, but for {}", format.0, fits.join(", "));
        keys.retain(|key| key.format == format.0);
        return if keys.is_empty() { Err(Failure::refused(message)) } else { Ok(keys) };
    }
    Ok(keys)
}

fn of<F: Kind>(text: &str) -> Result<FileKey, KeyError> {
    match F::read(text) {
        Ok(key) => Ok(FileKey { format: F::NAME, half: F::half(&key), private: Some(Box::new(key)) }),
        Err(refused) => match F::read_public(text) {
            Ok(half) => Ok(FileKey { format: F::NAME, half, private: None }),
            // Of a file with a private half it is that half that is wrong.
            Err(KeyError::Refused { rule: KeyRule::WrongKind { .. } | KeyRule::Unreadable(_) | KeyRule::Forbidden(_), .. }) => Err(refused),
            Err(error) => Err(error),
        },
    }
}

/// Makes a file that only its owner can read. One that is there stays as it is: it may hold a key that is in use.
pub(crate) fn write_private(path: &Path, secret: &str) -> Outcome<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(secret.as_bytes())?;
        if !secret.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        file.sync_all()
    });
    written.map_err(|error| {
        let failure = Failure::io(path.display(), &error);
        if error.kind() == io::ErrorKind::AlreadyExists {
            failure.help("it may hold a key that is in use; give another name")
        } else {
            failure
        }
    })
}
