//! The folder that outlives the program: wrapped keys, their key-encryption key, the revocation log, and three tokens to try again.

use std::{
    ffi::OsStr,
    fmt::Display,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use session_runtime::{
    KeyRing, Revocations,
    error::{KeyError, StoreError},
    jwt::{EdDsa, Jwt},
    keyring::{FileKeys, LocalKek},
    paseto::V4Local,
    revocation::SqliteRevocations,
};

use crate::Failure;

/// Wraps the private keys. It lies beside them only because this is a demonstration: a service gets it from elsewhere, since both
/// files together are the plain keys.
const KEK: &str = "kek";
const KEYS: &str = "keys.json";
const REVOCATIONS: &str = "revocations.db";
const TOKENS: &str = "tokens.json";
/// All of them are there, or none.
const FILES: [&str; 4] = [KEK, KEYS, REVOCATIONS, TOKENS];
/// What may lie beside them: locks, files about to be renamed, and SQLite's own.
const BESIDE: [&str; 6] =
    ["keys.json.lock", "keys.json.new", "tokens.json.new", "revocations.db-wal", "revocations.db-shm", "revocations.db-journal"];

/// The folder unless another one is named.
pub(crate) const DEFAULT: &str = ".quickstart";

/// What is kept, opened.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) folder: PathBuf,
    /// Signs tokens that everybody can read.
    pub(crate) jwt: KeyRing<Jwt<EdDsa>>,
    /// Encrypts tokens.
    pub(crate) local: KeyRing<V4Local>,
    pub(crate) revocations: Revocations,
    /// Tokens of an earlier start; none on the first one.
    pub(crate) kept: Vec<Kept>,
}

/// A token of the first start, to be verified by the next.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) about: String,
    pub(crate) token: String,
}

impl Kept {
    pub(crate) fn new(about: String, token: &str) -> Self {
        Self { about, token: token.to_owned() }
    }
}

impl State {
    /// Opens the folder, or makes it.
    pub(crate) async fn open(folder: &Path) -> Result<Self, Failure> {
        let (there, missing): (Vec<&str>, Vec<&str>) = FILES.iter().partition(|file| folder.join(file).exists());
        let first = there.is_empty();
        match (there.first(), missing.first()) {
            (Some(there), Some(missing)) => {
                let (there, missing) = (folder.join(there), folder.join(missing));
                return Err(Failure::new(
                    format!("{} is missing, and {} is there", missing.display(), there.display()),
                    start_over(folder),
                ));
            }
            (None, _) => make(folder)?,
            (Some(_), None) => {}
        }
        let failure = |file: &str, error: &dyn Display, held: bool| {
            let help = match (held, first) {
                (true, _) => "wait until the other one has ended, or name another folder with `--state DIR`".to_owned(),
                (false, true) => "name a folder that you may write to with `--state DIR`".to_owned(),
                (false, false) => start_over(folder),
            };
            Failure::new(format!("{}: {error}", folder.join(file).display()), help)
        };
        let stored = |error: StoreError| failure(REVOCATIONS, &error, matches!(error, StoreError::Held { .. }));
        let keys = |error: KeyError| match error {
            KeyError::CannotUnwrap(_) => {
                failure(KEYS, &format_args!("{error} (the key-encryption key is {})", folder.join(KEK).display()), false)
            }
            _ => failure(KEYS, &error, false),
        };

        // A log that was there and is lost is an error, and never an empty log.
        let log = folder.join(REVOCATIONS);
        let log = if first { SqliteRevocations::open(log).await } else { SqliteRevocations::open_existing(log).await };
        let revocations = Revocations::open(log.map_err(stored)?).await.map_err(stored)?;
        // So is a lost key-encryption key, and never a fresh one.
        let kek = folder.join(KEK);
        let kek = if first { LocalKek::from_file_or_generate(kek) } else { LocalKek::from_file(kek) };
        let kek = kek.map_err(|error| failure(KEK, &error, false))?;
        let file = FileKeys::at(folder.join(KEYS));
        let jwt = KeyRing::builder().open(file.clone(), kek.clone()).await.map_err(keys)?;
        let local = KeyRing::builder().open(file, kek).await.map_err(keys)?;

        let mut state = Self { folder: folder.to_owned(), jwt, local, revocations, kept: Vec::new() };
        if first {
            state.keep(&[])?;
        } else {
            let text = fs::read(folder.join(TOKENS)).map_err(|error| failure(TOKENS, &error, false))?;
            // The parser's own message may repeat what stands in the file, which are tokens.
            let broken = |error: serde_json::Error| failure(TOKENS, &format_args!("not understood at line {}", error.line()), false);
            state.kept = serde_json::from_slice(&text).map_err(broken)?;
        }
        Ok(state)
    }

    /// Keeps tokens for the next start: whole, or not at all.
    pub(crate) fn keep(&self, tokens: &[Kept]) -> Result<(), Failure> {
        let (path, new) = (self.folder.join(TOKENS), self.folder.join("tokens.json.new"));
        let write = || {
            let text = serde_json::to_vec_pretty(tokens)?;
            gone(&new)?;
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            // Whoever reads a token can use it.
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(|error: io::Error| {
            Failure::new(format!("{} cannot be written: {error}", path.display()), "make room, or name another folder with `--state DIR`")
        })
    }

    /// The names and uses of the files, for people.
    pub(crate) fn files() -> [[&'static str; 2]; 4] {
        [
            [KEYS, "both key rings, private halves wrapped"],
            [KEK, "what they are wrapped with; keep it elsewhere in earnest"],
            [REVOCATIONS, "the revocation log, SQLite"],
            [TOKENS, "three tokens, to try again at the next start"],
        ]
    }
}

/// Removes what we wrote, by name, and nothing at all from a folder that holds something else: it may have been named by mistake.
pub(crate) fn remove(folder: &Path) -> Result<(), Failure> {
    nothing_foreign(folder)?;
    for file in FILES.iter().chain(&BESIDE) {
        let path = folder.join(file);
        gone(&path).map_err(|error| Failure::new(format!("{} cannot be removed: {error}", path.display()), "remove it by hand"))?;
    }
    Ok(())
}

fn nothing_foreign(folder: &Path) -> Result<(), Failure> {
    let ours = |name: &OsStr| FILES.iter().chain(&BESIDE).any(|file| *file == name);
    let foreign = fs::read_dir(folder).ok().and_then(|entries| entries.flatten().find(|entry| !ours(&entry.file_name())));
    foreign.map_or(Ok(()), |entry| {
        let help = "name an empty folder, or a new one, with `--state DIR`; nothing was changed";
        Err(Failure::new(format!("{} is not from a quickstart", entry.path().display()), help))
    })
}

fn make(folder: &Path) -> Result<(), Failure> {
    let other = "name a folder that you may write to with `--state DIR`";
    nothing_foreign(folder)?;
    match fs::read_dir(folder) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder).map_err(|error| Failure::new(format!("{} cannot be made: {error}", folder.display()), other))
        }
        Err(error) => Err(Failure::new(format!("{}: {error}", folder.display()), other)),
    }
}

fn gone(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        // `NotADirectory` when the folder itself is a file, of which opening it tells.
        Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Err(error),
        _ => Ok(()),
    }
}

fn start_over(folder: &Path) -> String {
    let named = if folder == Path::new(DEFAULT) { String::new() } else { format!(" --state {}", folder.display()) };
    format!("put it back as it was, or start over with `cargo run --example quickstart -- --reset{named}`")
}
