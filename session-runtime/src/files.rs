//! Files that nobody else may read, for everything that keeps secrets in one.

use std::{fs, io, path::Path};

/// A new and empty file that only its owner can read, from its first byte on; one that is there stays as it is.
pub(crate) fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
