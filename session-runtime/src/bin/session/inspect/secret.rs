//! Whether an HMAC secret opens a token, and whether it is a secret at all.

use serde_json::{Value, json};
use session_runtime::{
    KeyRing, Timestamp, Verifier,
    error::KeyError,
    explain::{Check, Finding},
    jwt::{Hs256, Hs384, Hs512, Jwt, SymmetricAlgorithm},
    keyring::Key,
};

use super::{parts::Parts, warnings::Warning};
use crate::claims::Undying;

/// What came of trying a secret.
#[derive(Debug)]
pub(crate) struct Judged {
    /// Whether the seal fits; `None` for a token that no HMAC secret seals.
    pub(crate) opens: Option<bool>,
    /// Whether it fits only without the line break at the end of the file.
    trimmed: bool,
    /// The rule that keeps it from being loaded, in the library's words.
    refused: Option<KeyError>,
    algorithm: &'static str,
}

/// Tries a secret on a token, by the algorithm that the token names, as the secret of a key with that one algorithm.
pub(crate) fn judge(token: &str, parts: &Parts, secret: &[u8]) -> Judged {
    match parts.format().as_deref() {
        Some("HS256") => of::<Hs256>(token, secret),
        Some("HS384") => of::<Hs384>(token, secret),
        Some("HS512") => of::<Hs512>(token, secret),
        _ => Judged { opens: None, ..of::<Hs256>(token, secret) },
    }
}

fn of<A: SymmetricAlgorithm>(token: &str, secret: &[u8]) -> Judged {
    // An editor ends the last line of a file, and whoever wrote the secret may not have meant it.
    let line = secret.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let whole = fits::<A>(token, secret);
    let trimmed = !whole && line.is_some_and(|line| fits::<A>(token, line));
    let used = if trimmed { line.unwrap_or(secret) } else { secret };
    Judged { opens: Some(whole || trimmed), trimmed, refused: Key::<Jwt<A>>::from_secret(used).err(), algorithm: A::NAME }
}

/// Whether the seal is the secret's. The secret is taken however short it is, since the question is whether somebody uses it.
fn fits<A: SymmetricAlgorithm>(token: &str, secret: &[u8]) -> bool {
    let Ok(key) = Key::<Jwt<A>>::dangerous_short_secret(secret) else { return false };
    let Ok(ring) = KeyRing::builder().import(key) else { return false };
    let Ok(verifier) = Verifier::<Undying>::new(&ring) else { return false };
    let explanation = verifier.explain_at(token, Timestamp::UNIX_EPOCH);
    explanation.steps().iter().any(|step| step.check == Check::Seal && step.finding == Finding::Passed)
}

impl Judged {
    pub(crate) fn words(&self) -> String {
        match (self.opens, self.trimmed) {
            (None, _) => "no HMAC secret seals a token of this algorithm".to_owned(),
            (Some(true), true) => format!("it opens the token as {}, without the line break at the end of the file", self.algorithm),
            (Some(true), false) => format!("it opens the token as {}", self.algorithm),
            (Some(false), _) => format!("it does not open the token as {}", self.algorithm),
        }
    }

    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let refused = self.refused.as_ref().filter(|_| self.opens.is_some());
        let weak = |error: &KeyError| {
            let harm = if self.opens == Some(true) { ", and whoever guesses it makes tokens like this one" } else { "" };
            Warning::new("weak-secret", format!("the secret would not be loaded as a key for {}: {error}{harm}", self.algorithm))
        };
        refused.map(weak).into_iter().collect()
    }

    pub(crate) fn to_json(&self) -> Value {
        let refused = self.refused.as_ref().filter(|_| self.opens.is_some()).map(ToString::to_string);
        json!({ "opens": self.opens, "algorithm": self.opens.map(|_| self.algorithm), "without_line_break": self.trimmed, "refused": refused })
    }
}
