//! Finds installed programs; xtask includes this file as well, so that the installer and the tests cannot disagree.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The path of an installed program: from `PATH`, else from where Debian keeps programs that are not meant for a user's `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let hidden = [PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")];
    env::split_paths(&path).chain(postgresql_folders()).chain(hidden).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// `/usr/lib/postgresql/*/bin`, the newest version first: Debian puts only the client programs into `PATH`.
fn postgresql_folders() -> Vec<PathBuf> {
    let Ok(versions) = fs::read_dir(Path::new("/usr/lib/postgresql")) else { return Vec::new() };
    let mut versions: Vec<(u32, PathBuf)> =
        versions.flatten().filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))).collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, folder)| folder).collect()
}
