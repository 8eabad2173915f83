//! Judges lists of tokens through the public interface: the one judge of the `verdicts` program and of the conformance tests.
//!
//! A case names its keys, its policy and its token; what a user of the runtime would write for it stands in `keys` (which key
//! goes into which type) and `types` (which struct is derived for what is required).

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::Serialize;
use serde_json::Value;

mod case;
mod keys;
mod summary;
mod types;

pub use case::{Case, Part, Policy};
pub use keys::{jwk_without_id, segment};
pub use summary::{Summary, disagrees};

/// What became of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Accepted.
    Valid,
    /// Refused, key or token.
    Invalid,
    /// Nothing here could have judged it: the algorithm or the kind of case does not exist.
    Unsupported,
    /// The runtime panicked, which is never right.
    Panic,
}

impl Verdict {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unsupported => "unsupported",
            Self::Panic => "panic",
        }
    }
}

/// One line of output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// The case; `null` when the line does not say.
    pub id: Value,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, in the runtime's own words.
    pub reason: String,
    /// The claims of a valid token, where they can be read: an encrypted payload is not.
    pub claims: Option<Value>,
}

/// Why a case was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Nothing here could judge it.
    Unsupported(String),
    /// The key, the configuration or the token was refused.
    Invalid(String),
}

impl Refused {
    fn invalid(what: &str, error: &dyn std::fmt::Display) -> Self {
        Self::Invalid(format!("{what}: {error}"))
    }
}

/// Judges one line of a list. A line that is no case is `unsupported`: nothing is known about it, and the list goes on.
pub fn judge_line(line: &str) -> (Option<Case>, Judgement) {
    match serde_json::from_str::<Case>(line) {
        Ok(case) => {
            let judgement = judge(&case);
            (Some(case), judgement)
        }
        Err(error) => {
            let id = serde_json::from_str::<Value>(line).ok().and_then(|line| line.get("id").cloned()).unwrap_or_default();
            (None, Judgement { id, verdict: Verdict::Unsupported, reason: format!("not a case: {error}"), claims: None })
        }
    }
}

/// Judges one case. A panic is caught and becomes the verdict.
pub fn judge(case: &Case) -> Judgement {
    let outcome = catch_unwind(AssertUnwindSafe(|| accept(case)));
    let (verdict, reason, claims) = match outcome {
        Ok(Ok(claims)) => (Verdict::Valid, "accepted".to_owned(), claims),
        Ok(Err(Refused::Invalid(reason))) => (Verdict::Invalid, reason, None),
        Ok(Err(Refused::Unsupported(reason))) => (Verdict::Unsupported, reason, None),
        Err(panic) => (Verdict::Panic, words(&*panic), None),
    };
    Judgement { id: case.id.clone(), verdict, reason, claims }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

/// The claims that may be shown, or why the case is refused.
fn accept(case: &Case) -> Result<Option<Value>, Refused> {
    match case.format.as_str() {
        "paserk" => keys::paserk(case).map(|()| None),
        "jwt" | "jwt-jwks" | "paseto" => types::foreign(case),
        "jwt-typed" => types::typed(case),
        other => Err(Refused::Unsupported(format!("the format {other}"))),
    }
}
