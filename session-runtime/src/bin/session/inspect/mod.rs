//! `session inspect`: what stands in a token, which is not verifying it.

mod parts;
mod secret;
mod show;
mod warnings;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use session_runtime::testing::Described;

use crate::{
    failure::{Exit, Failure, Outcome},
    input::{TokenArgs, read, read_text},
    moment::At,
    output::{print, print_json, with},
};

pub(crate) use parts::{Kind, Parts, moment_of};

/// Shows what stands in a token, without checking any of it
///
/// Nothing of what is shown is known to be true: anybody can have written the token. `session verify` checks.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    token: TokenArgs,
    /// Shows the policy of a claims type, from the file that `claims_schema!` has written
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// Tries whether this HMAC secret opens the token, and judges the secret; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    at: At,
}

impl Inspect {
    pub(crate) fn run(&self, json: bool) -> Outcome {
        let token = self.token.read()?;
        let now = self.at.now();
        let parts = Parts::read(&token)?;
        let schema = self.schema.as_deref().map(schema).transpose()?;
        let mut warnings = warnings::of(&parts, now);
        warnings.extend(schema.as_ref().map(|schema| warnings::beside(&parts, schema)).unwrap_or_default());
        let judged = self.secret_file.as_deref().map(|path| read(path).map(|secret| secret::judge(&token, &parts, &secret))).transpose()?;
        warnings.extend(judged.iter().flat_map(secret::Judged::warnings));
        let policy = schema.map(|schema| schema.policy());
        if json {
            let warnings = warnings.iter().map(|warning| json!({ "code": warning.code, "text": warning.text })).collect();
            let mut value = with(parts.to_json(now), [("warnings", warnings)]);
            if let Some(policy) = &policy {
                let policy = policy.iter().map(|rule| json!({ "claim": rule.claim, "rule": rule.to_string() })).collect();
                value = with(value, [("policy", policy)]);
            }
            if let Some(judged) = &judged {
                value = with(value, [("secret", judged.to_json())]);
            }
            print_json(&value)?;
        } else {
            print(&show::page(&parts, now, &warnings, policy.as_ref(), judged.as_ref()))?;
        }
        Ok(Exit::Done)
    }
}

/// A committed schema.
pub(crate) fn schema(path: &std::path::Path) -> Outcome<Described> {
    let unusable = |error: serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        Failure::usage(format_args!("{}: not a schema of claims, at line {line}, column {column}", path.display()))
            .help("`session_runtime::testing::claims_schema!` writes the file, in a test")
    };
    Described::read(&read_text(path)?).map_err(unusable)
}
