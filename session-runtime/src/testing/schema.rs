//! A claims type as a committed file says it, so that a change that would strand live tokens is seen before it is deployed.

use std::{env, fmt::Write as _, fs, io, path::Path};

mod changes;
mod described;
#[cfg(feature = "cli")]
mod policy;

use changes::{Change, changes};
pub use described::{Described, described};

/// Holds a claims type to its committed schema, `schemas/Access.json` in the folder of the crate that the test is in, or the path that is
/// given. Any difference fails the test, and its message says of every line whether live tokens would be refused by the new type.
///
/// `CLAIMS_SCHEMA=update cargo test` writes what strands nobody, `CLAIMS_SCHEMA=strand cargo test` all of it. A type with
/// `version(2, from = AccessV1)` names the older type, by which tokens of the older schema are read: `claims_schema!(Access, from = AccessV1)`.
///
/// What a field takes is asked of the field itself, with one sample of every kind of JSON; a type that takes none of them (an enum)
/// is not looked into.
///
/// # Example
/// ```
/// use session_runtime::{Claims, testing::claims_schema};
///
/// #[derive(Claims)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
/// }
///
/// // #[test]
/// fn live_tokens_stay_good() {
///     claims_schema!(Access); // or `claims_schema!(Access, "elsewhere/access.json")`
/// }
/// ```
#[macro_export]
macro_rules! claims_schema {
    ($type:ty) => {
        $crate::claims_schema!($type, concat!("schemas/", stringify!($type), ".json"))
    };
    ($type:ty, from = $older:ty) => {
        $crate::claims_schema!($type, concat!("schemas/", stringify!($type), ".json"), from = $older)
    };
    ($type:ty, $path:expr) => {
        $crate::testing::hold_schema($crate::testing::described::<$type>(), None, env!("CARGO_MANIFEST_DIR"), ($path).as_ref())
    };
    ($type:ty, $path:expr, from = $older:ty) => {
        $crate::testing::hold_schema(
            $crate::testing::described::<$type>(),
            Some($crate::testing::described::<$older>()),
            env!("CARGO_MANIFEST_DIR"),
            ($path).as_ref(),
        )
    };
}

/// What [`claims_schema!`](crate::claims_schema) calls.
///
/// # Panics
/// When the type is not what the file says, in the words of [`compare_schema`].
#[doc(hidden)]
#[allow(clippy::panic, reason = "how a test fails")]
#[track_caller]
pub fn hold_schema(new: Described, older: Option<Described>, root: &str, path: &Path) {
    let accept = match env::var("CLAIMS_SCHEMA").as_deref() {
        Ok("update") => Accept::Compatible,
        Ok("strand") => Accept::All,
        _ => Accept::Nothing,
    };
    if let Err(message) = compare_schema(new, older, &Path::new(root).join(path), accept) {
        panic!("{message}");
    }
}

/// What may be written into the file.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    Nothing,
    Compatible,
    All,
}

/// Compares a type with its file, and writes the file where that is accepted.
///
/// # Errors
/// What is different, line by line, and how to accept it; or why the file cannot be read or written.
#[doc(hidden)]
pub fn compare_schema(new: Described, older: Option<Described>, path: &Path, accept: Accept) -> Result<(), String> {
    let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let write = |new: &Described| {
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(|error| fault(&error))?;
        let text = serde_json::to_string_pretty(new).map_err(|error| fault(&error))?;
        fs::write(path, text + "\n").map_err(|error| fault(&error))
    };
    let committed = match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str::<Described>(&text).map_err(|error| fault(&error))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound && accept != Accept::Nothing => return write(&new),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!("{} is not there: `CLAIMS_SCHEMA=update cargo test` writes it, then commit it", path.display()));
        }
        Err(error) => return Err(fault(&error)),
    };
    if committed == new {
        return Ok(());
    }
    let changes = changes(&committed, &new, older.as_ref());
    let strands = changes.iter().any(|change| change.strands);
    if accept == Accept::All || (accept == Accept::Compatible && !strands) {
        return write(&new);
    }
    let mut message = format!("{} says something else than the type:", path.display());
    for Change { what, strands } in &changes {
        let verdict = if *strands { "STRANDS live tokens" } else { "compatible" };
        // Writing to a text does not fail.
        let _ = write!(message, "\n- {what}: {verdict}");
    }
    message.push_str(if strands {
        "\nGive the type a `version` and read the older tokens by the older type; or accept that they are refused, with `CLAIMS_SCHEMA=strand cargo test`"
    } else {
        "\nAccept it with `CLAIMS_SCHEMA=update cargo test`"
    });
    Err(message)
}
