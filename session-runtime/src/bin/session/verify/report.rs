//! What a verification found, for people and for programs.

use serde_json::{Value, json};
use session_runtime::{
    Timestamp,
    error::VerifyError,
    explain::{Check, Finding},
};

use super::{Asked, Found, Judged, Opened};
use crate::{
    inspect::{Kind, Parts},
    moment::relative,
    output::{BAD, BOLD, DIM, GOOD, WARN, columns, plain, styled},
};

/// Everything that was found.
pub(crate) struct Report<'r> {
    pub(crate) judged: &'r Judged,
    pub(crate) found: &'r [Found],
    pub(crate) asked: &'r Asked,
    pub(crate) parts: Option<&'r Parts>,
    pub(crate) now: Timestamp,
    /// Whether a revocation log was asked.
    pub(crate) log: bool,
}

/// What became of a check, with what nobody asked for told apart from what was found good.
enum Became<'s> {
    Passed,
    Failed(&'s str),
    NotReached,
    NotAsked(&'static str),
}

impl Report<'_> {
    fn became<'s>(&self, check: Check, finding: &'s Finding) -> Became<'s> {
        match (check, finding) {
            (_, Finding::Failed(why)) => Became::Failed(why),
            (_, Finding::NotReached) => Became::NotReached,
            (Check::Issuer, _) if self.asked.issuer.is_none() => Became::NotAsked("--issuer"),
            (Check::Audience, _) if self.asked.audience.is_empty() => Became::NotAsked("--audience"),
            (Check::TokenType, _) if self.asked.token_type.is_none() => Became::NotAsked("--type"),
            (Check::TokenId | Check::LogPosition, _) if !self.log => Became::NotAsked("--revocations"),
            (_, Finding::Passed) => Became::Passed,
            _ => Became::NotReached,
        }
    }

    fn steps(&self) -> impl Iterator<Item = (Check, Became<'_>)> {
        let steps = self.judged.explanation.steps().iter();
        // The tool's own type has no claims of its own, so what the library says of its two fields tells nobody anything.
        let told = steps.filter(|step| !matches!(step.check, Check::Claim(_)) || !matches!(step.finding, Finding::Passed));
        told.map(|step| (step.check, self.became(step.check, &step.finding)))
    }

    /// What to do about a refusal, where that is not plain from the check.
    fn hint(&self) -> Option<String> {
        let error = self.judged.explanation.verdict().err()?;
        let is_paseto = self.parts.is_some_and(|parts| matches!(parts.kind, Kind::Paseto { .. }));
        match error {
            VerifyError::BadSeal if is_paseto && self.asked.token_type.is_none() => {
                Some("the type of a PASETO of this library is sealed with it: give `--type`, as `--type at+jwt`".to_owned())
            }
            VerifyError::UnknownKey => {
                let named = self.parts.and_then(Parts::key_id);
                Some(named.map_or_else(
                    || "the token names no key, and the keys that were given have names".to_owned(),
                    |(id, _)| format!("the token names the key `{}`, which is not among those that were given, or has retired", plain(id)),
                ))
            }
            VerifyError::Malformed(_) => Some("`session inspect` shows what stands in it".to_owned()),
            _ => None,
        }
    }

    pub(crate) fn page(&self) -> String {
        let mut out = match self.judged.explanation.verdict() {
            Ok(()) => format!("{}  at {}\n\n", styled(GOOD, "ACCEPTED"), self.now),
            Err(error) => format!("{}  at {}: {}\n\n", styled(BAD, "REFUSED"), self.now, plain(&error.to_string())),
        };
        let rows: Vec<Vec<String>> = self
            .steps()
            .map(|(check, became)| {
                let (word, why) = match became {
                    Became::Passed => (styled(GOOD, "passed"), String::new()),
                    Became::Failed(why) => (styled(BAD, "FAILED"), format!(": {}", plain(why))),
                    Became::NotReached => (styled(DIM, "not reached"), String::new()),
                    Became::NotAsked(flag) => (styled(WARN, "not asked"), format!(": give `{flag}`")),
                };
                vec![format!("  {word}"), check.to_string(), format!("{}{why}", check.source())]
            })
            .collect();
        out.push_str(&columns(&rows));
        let formats: Vec<&str> = self.found.iter().map(|found| found.format).collect();
        out.push_str(&format!("\n{}  for {}\n", styled(BOLD, "keys"), formats.join(", ")));
        if let Some(opened) = &self.judged.opened {
            out.push_str(&format!("{}\n", styled(BOLD, "what it says, by its issuer's key")));
            out.push_str(&columns(&opened.rows(self.now)));
        }
        if let Some(hint) = self.hint() {
            out.push_str(&format!("{} {hint}\n", styled(GOOD, " help:")));
        }
        out
    }

    pub(crate) fn to_json(&self) -> Value {
        let explanation = &self.judged.explanation;
        let step = |(check, became): (Check, Became<'_>)| {
            let (word, why) = match became {
                Became::Passed => ("passed", None),
                Became::Failed(why) => ("failed", Some(why)),
                Became::NotReached => ("not-reached", None),
                Became::NotAsked(flag) => ("not-asked", Some(flag)),
            };
            json!({ "check": check.to_string(), "source": check.source(), "result": word, "why": why })
        };
        let verdict = match explanation.verdict() {
            Ok(()) => "accepted",
            Err(error) if error.is_transient() => "unavailable",
            Err(_) => "refused",
        };
        json!({
            "verdict": verdict,
            "reason": explanation.verdict().err().map(ToString::to_string),
            "help": self.hint(),
            "at": self.now.to_string(),
            "formats": self.found.iter().map(|found| found.format).collect::<Vec<_>>(),
            "checks": self.steps().map(step).collect::<Vec<_>>(),
            "token": self.judged.opened.as_ref().map(Opened::to_json),
        })
    }
}

impl Opened {
    fn rows(&self, now: Timestamp) -> Vec<Vec<String>> {
        let time = |at: Timestamp| format!("{at}, {}", relative(at, now));
        let facts = [
            ("iss", self.issuer.clone()),
            ("sub", self.subject.clone()),
            ("exp", self.expires_at.map(time)),
            ("iat", self.issued_at.map(time)),
            ("jti", self.token_id.clone()),
            ("sid", self.session_id.clone()),
        ];
        let facts = facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let rest = self.rest.iter().map(|(name, value)| (name.clone(), value.to_string()));
        facts.chain(rest).map(|(name, value)| vec![format!("  {}", plain(&name)), plain(&value)]).collect()
    }

    fn to_json(&self) -> Value {
        json!({
            "issuer": self.issuer,
            "subject": self.subject,
            "token_id": self.token_id,
            "session_id": self.session_id,
            "key_id": self.key_id,
            "expires_at": self.expires_at.map(|at| at.to_string()),
            "issued_at": self.issued_at.map(|at| at.to_string()),
            "claims": self.rest,
        })
    }
}
