//! Judges lists of tokens through the public interface: the one judge of the `verdicts` program and of the conformance tests.
//!
//! A case names its keys, its policy and its token; what a user of the runtime would write for it stands in `keys` (which key
//! goes into which type) and `types` (which struct is derived for what is required).

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::Serialize;
use serde_json::Value;
use session_runtime::error::{ConfigError, KeyError, VerifyError};

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
    /// The key or the key set.
    Key(KeyError),
    /// The policy.
    Verifier(ConfigError),
    /// The token.
    Token(VerifyError),
    /// The footer is not the one that the case gives.
    Footer,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(what) => f.write_str(what),
            Self::Key(error) => write!(f, "key: {error}"),
            Self::Verifier(error) => write!(f, "verifier: {error}"),
            Self::Token(error) => write!(f, "token: {error}"),
            Self::Footer => f.write_str("footer: not the one of the case"),
        }
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
    judge_by(case, accept)
}

fn judge_by(case: &Case, accept: impl Fn(&Case) -> Result<Option<Value>, Refused>) -> Judgement {
    let outcome = catch_unwind(AssertUnwindSafe(|| accept(case)));
    let (verdict, reason, claims) = match outcome {
        Ok(Ok(claims)) => (Verdict::Valid, "accepted".to_owned(), claims),
        Ok(Err(Refused::Unsupported(what))) => (Verdict::Unsupported, what, None),
        Ok(Err(refused)) => (Verdict::Invalid, refused.to_string(), None),
        Err(panic) => (Verdict::Panic, words(&*panic), None),
    };
    Judgement { id: case.id.clone(), verdict, reason, claims }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

/// The claims that may be shown, or why the case is refused.
///
/// # Errors
/// [`Refused`].
pub fn accept(case: &Case) -> Result<Option<Value>, Refused> {
    match case.format.as_str() {
        "paserk" => keys::paserk(case).map(|()| None),
        "jwt" | "jwt-jwks" | "paseto" => types::foreign(case),
        "jwt-typed" => types::typed(case),
        other => Err(Refused::Unsupported(format!("the format {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_verdict_and_a_disagreement() {
        let case = Case { id: "a".into(), format: "jwt".to_owned(), expected: Some("invalid".to_owned()), ..Case::default() };
        let judgement = judge_by(&case, |_| panic!("a fault of the runtime"));
        assert_eq!((judgement.verdict, judgement.reason.as_str()), (Verdict::Panic, "a fault of the runtime"));
        assert!(disagrees(&case, &judgement));
    }

    #[test]
    fn a_verdict_is_one_line_with_its_members_in_order() {
        let (_, judgement) = judge_line(r#"{"id":"a","format":"jwe"}"#);
        let line = serde_json::to_string(&judgement).unwrap();
        assert_eq!(line, r#"{"id":"a","verdict":"unsupported","reason":"the format jwe","claims":null}"#);
    }
}
