//! Keys from texts: each is read as what its own words say that it is, and never as something else.

use std::path::Path;

use session_runtime::{
    Asymmetric, Format, JwkKeys, PaserkKeys, PemKeys, Published, Symmetric,
    error::{KeyError, KeyRule},
    jwt::{Jwt, SymmetricAlgorithm},
    keyring::{Key, PublicKeys, VerifyingKeys},
};

use super::keys::{Candidate, Found, found};
use crate::{
    failure::{Failure, Outcome},
    format::{FormatName, on},
    input::{read, read_text},
};

/// What one format made of what was given; nothing when it has no key in it.
type Tried = Result<Option<Found>, KeyError>;

/// The keys of a text, whatever it is. What it is decides which formats are asked at all, so that the text of a public key is never taken
/// for a secret.
pub(super) fn of_file(path: &Path, format: Option<FormatName>) -> Outcome<Vec<Found>> {
    let text = read_text(path)?;
    let text = text.trim();
    let mut tried: Vec<Tried> = Vec::new();
    if text.contains("-----BEGIN") {
        tried.extend(on!(published: of_pem(text)));
        tried.extend(on!(public: of_pem(text)));
    } else if text.starts_with('{') && text.contains("\"keys\"") {
        tried.extend(on!(published: of_set(text)));
    } else if text.starts_with('{') {
        tried.extend(on!(published: of_jwk(text)));
        tried.extend(on!(hmac: of_secret_jwk(text)));
    } else {
        tried.extend(on!(public: of_paserk(text)));
        tried.extend(on!(local: of_local_paserk(text)));
    }
    usable(tried, format, path)
}

/// What could be read, or why nothing could.
pub(super) fn usable(tried: Vec<Tried>, format: Option<FormatName>, path: &Path) -> Outcome<Vec<Found>> {
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for tried in tried {
        match tried {
            Ok(keys) => found.extend(keys),
            // A key of another family is no fault of the key.
            Err(KeyError::Refused { rule: KeyRule::WrongKind { .. } | KeyRule::Forbidden("alg"), .. }) => {}
            Err(error) => wrong.push(error),
        }
    }
    let fits = |found: &Found| format.is_none_or(|format| format.0 == found.format);
    if found.iter().any(fits) {
        found.retain(fits);
        return Ok(found);
    }
    let path = path.display();
    match (format, found.first(), wrong.into_iter().next()) {
        (Some(format), Some(other), _) => {
            Err(Failure::refused(format_args!("{path}: no key for {}, but one for {}", format.0, other.format)))
        }
        (_, None, Some(error)) => Err(Failure::refused(format_args!("{path}: {error}"))),
        _ => Err(Failure::refused(format_args!("{path}: no key that could verify anything"))
            .help("a key is PEM, JWK or PASERK text; an HMAC secret is given with `--secret-file`, a set of keys with `--jwks`")),
    }
}

fn of_pem<F: PemKeys>(text: &str) -> Tried
where
    PublicKeys<F>: Candidate,
{
    let private = |error| Key::<F>::from_pem(text).map_err(|_| error).and_then(|key| PublicKeys::from_keys([key.public_key()]));
    PublicKeys::<F>::from_pem(text).or_else(private).map(found).map(Some)
}

fn of_jwk<F: Published>(text: &str) -> Tried
where
    PublicKeys<F>: Candidate,
{
    let private = |error| Key::<F>::from_jwk(text).map_err(|_| error).and_then(|key| PublicKeys::from_keys([key.public_key()]));
    PublicKeys::<F>::from_jwk(text).or_else(private).map(found).map(Some)
}

fn of_set<F: Asymmetric + JwkKeys>(text: &str) -> Tried
where
    PublicKeys<F>: Candidate,
{
    PublicKeys::<F>::from_jwks(text).map(|keys| (!keys.keys().is_empty()).then(|| found(keys)))
}

fn of_secret_jwk<F: Symmetric + JwkKeys>(text: &str) -> Tried
where
    VerifyingKeys<F>: Candidate,
{
    VerifyingKeys::<F>::from_jwk(text).map(found).map(Some)
}

fn of_paserk<F: Asymmetric + PaserkKeys>(text: &str) -> Tried
where
    PublicKeys<F>: Candidate,
{
    let private = |error| Key::<F>::from_paserk(text).map_err(|_| error).and_then(|key| PublicKeys::from_keys([key.public_key()]));
    PublicKeys::<F>::from_paserk(text).or_else(private).map(found).map(Some)
}

fn of_local_paserk<F: Symmetric + PaserkKeys>(text: &str) -> Tried
where
    VerifyingKeys<F>: Candidate,
{
    VerifyingKeys::<F>::from_paserk(text).map(found).map(Some)
}

/// The format by which a secret is read.
trait Hmac: Format {
    fn keys(secret: &[u8]) -> Result<VerifyingKeys<Self>, KeyError>
    where
        Self: Symmetric + Sized;
}

impl<A: SymmetricAlgorithm> Hmac for Jwt<A> {
    fn keys(secret: &[u8]) -> Result<VerifyingKeys<Self>, KeyError> {
        VerifyingKeys::from_secret(secret)
    }
}

fn of_secret<F: Hmac + Symmetric>(secret: &[u8]) -> Tried
where
    VerifyingKeys<F>: Candidate,
{
    // An editor ends the last line of a file; `session inspect --secret-file` tells whether it belongs to the secret.
    let line = secret.strip_suffix(b"\n").map_or(secret, |line| line.strip_suffix(b"\r").unwrap_or(line));
    F::keys(line).map(found).map(Some)
}

/// The public keys of a JWK set. A secret in it is passed over: a set is for everybody to read.
pub(super) fn of_set_file(path: &Path, format: Option<FormatName>) -> Outcome<Vec<Found>> {
    let text = read_text(path)?;
    usable(on!(published: of_set(&text)).into(), format, path)
}

/// The key that an HMAC secret is, in every algorithm that it is long enough for.
pub(super) fn of_secret_file(path: &Path, format: Option<FormatName>) -> Outcome<Vec<Found>> {
    let secret = read(path)?;
    usable(on!(hmac: of_secret(&secret)).into(), format, path)
}
