//! Rings in one JSON file: replaced whole, readable by its owner only, private halves wrapped.

use std::{
    collections::BTreeMap,
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{BoxFuture, KeyStore, StoredRing, Writers};
use crate::{error::StoreError, files::private_file, keyring::wrap::at};

const NAME: &str = "the key file";
/// The version of the file's layout.
const LAYOUT: u64 = 1;

/// Keeps rings in one file, for a service of **one process that signs**. Others may verify, with
/// [`PublicKeys::open`](crate::keyring::PublicKeys::open), and learn of a rotation when they reload. A second process that signs would go on with
/// a key that the first has retired, until it reloads, and every token that it makes meanwhile is refused.
///
/// A change is written to a new file beside it, synchronized to the disk, and renamed over it, so that a crash leaves the
/// old file or the new one and never a part of one. The file is readable by its owner only (0600). While a change is made,
/// a lock on `<file>.lock` keeps other processes from making theirs.
///
/// Whether private halves in it are wrapped is said where the ring is opened, see [`KeyRingBuilder::open`](crate::keyring::KeyRingBuilder::open).
#[derive(Debug, Clone)]
pub struct FileKeys {
    path: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    version: u64,
    rings: BTreeMap<String, BTreeMap<String, StoredRing>>,
}

/// Only the version, so that a newer file is told apart from a broken one.
#[derive(Debug, Deserialize)]
struct Version {
    version: u64,
}

impl FileKeys {
    /// Keeps rings in the file at `path`, which is made with the first ring. Its folder has to exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// A file that is not there is an empty store; anything else that does not read well is an error.
    fn read(&self) -> Result<Layout, StoreError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Layout { version: LAYOUT, rings: BTreeMap::new() }),
            Err(error) => return Err(self.unreadable(&error)),
        };
        // The parser's own message may repeat what stands in the file, so only the place is told.
        let broken = |error: &serde_json::Error| {
            self.unreadable(&format_args!("not understood at line {}, column {}", error.line(), error.column()))
        };
        let Version { version } = serde_json::from_slice(&bytes).map_err(|error| broken(&error))?;
        if version > LAYOUT {
            return Err(StoreError::NewerVersion { store: NAME, found: version, known: LAYOUT });
        }
        serde_json::from_slice(&bytes).map_err(|error| broken(&error))
    }

    fn change(&self, ring: &str, format: &str, expected: Option<u64>, new: StoredRing) -> Result<(), StoreError> {
        let lock = self.lock().map_err(|error| self.not_applied(&error))?;
        let mut layout = self.read()?;
        let formats = layout.rings.entry(ring.to_owned()).or_default();
        if formats.get(format).map(|stored| stored.version) != expected {
            return Err(StoreError::Conflict { store: NAME });
        }
        formats.insert(format.to_owned(), new);
        self.write(&layout)?;
        drop(lock);
        Ok(())
    }

    /// The lock is on a file of its own, because the key file itself is replaced while it is held.
    fn lock(&self) -> io::Result<fs::File> {
        let path = self.beside("lock");
        let file = match private_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::OpenOptions::new().write(true).open(&path),
            file => file,
        }?;
        file.lock()?;
        Ok(file)
    }

    fn write(&self, layout: &Layout) -> Result<(), StoreError> {
        let new = self.beside("new");
        let write = || {
            let bytes = zeroize::Zeroizing::new(serde_json::to_vec_pretty(layout)?);
            // What a crash left behind was never the key file.
            if let Err(error) = fs::remove_file(&new)
                && error.kind() != io::ErrorKind::NotFound
            {
                return Err(error);
            }
            let mut file = private_file(&new)?;
            file.write_all(&bytes)?;
            file.sync_all()
        };
        write().map_err(|error| self.not_applied(&error))?;
        fs::rename(&new, &self.path).map_err(|error| self.not_applied(&error))?;
        // The new name is durable once its folder is; before that nobody knows which of the two files a crash would leave.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| StoreError::Unknown { store: NAME, reason: at(&self.path, &error) })
    }

    fn unreadable(&self, error: &dyn fmt::Display) -> StoreError {
        StoreError::Unreadable { store: NAME, reason: at(&self.path, error) }
    }

    fn not_applied(&self, error: &io::Error) -> StoreError {
        StoreError::NotApplied { store: NAME, reason: at(&self.path, error) }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".");
        name.push(ending);
        name.into()
    }
}

/// Files of a few kilobytes, read at start and written at a rotation: done in place, without a thread of their own, so that
/// any executor will do.
impl KeyStore for FileKeys {
    fn writers(&self) -> Writers {
        Writers::One
    }

    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(async move { Ok(self.read()?.rings.get(ring).and_then(|formats| formats.get(format)).cloned()) })
    }

    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.change(ring, format, expected, new) })
    }
}
