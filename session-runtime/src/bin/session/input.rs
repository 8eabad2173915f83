//! Where tokens, keys and secrets come from: standard input, a file, and a token also from the command line.

use std::{
    ffi::OsString,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use zeroize::Zeroizing;

use crate::failure::{Failure, Outcome};

/// The longest input that is read: more than any key set or token that the library would look at.
const LONGEST: u64 = 1024 * 1024;

/// The token, and the ways to give it.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// The token; `-` reads it from standard input, `@FILE` from a file
    #[arg(required_unless_present = "token_file")]
    token: Option<String>,
    /// Reads the token from this file
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    token_file: Option<PathBuf>,
}

impl TokenArgs {
    pub(crate) fn read(&self) -> Outcome<String> {
        match (&self.token_file, self.token.as_deref()) {
            (Some(path), _) => token(&read(path)?),
            (None, Some(text)) => token_of(text),
            (None, None) => Err(Failure::usage("no token").help("give it, or `-` for standard input, or `@FILE`")),
        }
    }
}

/// The token that an argument stands for.
pub(crate) fn token_of(argument: &str) -> Outcome<String> {
    match (argument, argument.strip_prefix('@')) {
        ("-", _) => token(&read(Path::new("-"))?),
        (_, Some(path)) => token(&read(Path::new(path))?),
        _ => token(argument.as_bytes()),
    }
}

/// What surrounds a token where people copy it from: white space, and the scheme of an `Authorization` header.
fn token(bytes: &[u8]) -> Outcome<String> {
    let not_text = || Failure::refused("the token is no text").help("a token is one line of ASCII; was it another file?");
    let text = std::str::from_utf8(bytes).map_err(|_| not_text())?.trim();
    let text = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => text,
    };
    if text.is_empty() { Err(Failure::refused("the token is empty")) } else { Ok(text.to_owned()) }
}

/// Reads a file, or standard input for `-`. It is wiped when it is dropped, since it may be a key.
pub(crate) fn read(path: &Path) -> Outcome<Zeroizing<Vec<u8>>> {
    not_a_key(path)?;
    let is_stdin = path == Path::new("-");
    let mut bytes = Zeroizing::new(Vec::new());
    let done = if is_stdin {
        io::stdin().lock().take(LONGEST.saturating_add(1)).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(LONGEST.saturating_add(1)).read_to_end(&mut bytes))
    };
    let name = if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
    done.map_err(|error| Failure::io(&name, &error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
        return Err(Failure::refused(format_args!("{name}: longer than {LONGEST} bytes")));
    }
    Ok(bytes)
}

/// Refuses a key in the place of its file: whatever stands in an argument stands in the shell's history too. It is not repeated.
fn not_a_key(path: &Path) -> Outcome<()> {
    let Some(text) = path.to_str() else { return Ok(()) };
    let is_paserk = ["k1.", "k2.", "k3.", "k4."].iter().any(|version| text.starts_with(version)) && !path.exists();
    if text.trim_start().starts_with('{') || text.contains(PEM) || is_paserk { Err(is_a_key()) } else { Ok(()) }
}

/// Refuses a private key anywhere among the arguments, before they are parsed: PEM begins with the dashes of an option, and the parser would
/// repeat it as one that it does not know.
pub(crate) fn no_keys(mut arguments: impl Iterator<Item = OsString>) -> Outcome<()> {
    let is_key = |text: &str| text.contains(PEM) || SECRET_PASERKS.iter().any(|kind| text.starts_with(kind));
    if arguments.any(|argument| argument.to_str().is_some_and(is_key)) { Err(is_a_key()) } else { Ok(()) }
}

const PEM: &str = "-----BEGIN";
const SECRET_PASERKS: [&str; 4] = ["k3.secret.", "k3.local.", "k4.secret.", "k4.local."];

fn is_a_key() -> Failure {
    Failure::usage("this is a key and not the name of a file")
        .help("put it into a file, or give `-` and send it to standard input; it stands in your shell's history now")
}

/// Reads text.
pub(crate) fn read_text(path: &Path) -> Outcome<Zeroizing<String>> {
    let bytes = read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Failure::refused(format_args!("{}: not text", path.display())))?;
    Ok(Zeroizing::new(text.to_owned()))
}
