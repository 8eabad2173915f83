//! `session verify`: every check of a token, as the library makes it, and what became of each.

mod keys;
mod report;
mod texts;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use session_runtime::{
    Revocations, Timestamp, Verified, Verifier, VerifierBuilder,
    claims::{ClaimsType, OwnedClaims},
    error::VerifyError,
    explain::Explanation,
};

use crate::{
    claims::{Anything, Undying},
    failure::{Exit, Outcome},
    format::FormatName,
    input::TokenArgs,
    inspect::{Parts, schema},
    moment::{At, span},
    output::{print, print_json},
    revoke::{Writing, open, store},
};

use keys::Accept;
pub(crate) use keys::{Found, KeyArgs, RingArgs, no_such_ring};

/// Verifies a token, and says of every check what became of it
///
/// The keys come from a file, from a JWK set, or from the store of a ring. What is not asked for is not judged, and is said to be so: give
/// `--issuer`, `--audience` and `--type`, or a `--schema` that says them.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    token: TokenArgs,
    #[command(flatten)]
    keys: KeyArgs,
    #[command(flatten)]
    ring: RingArgs,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    at: At,
    /// Asks this revocation log too: `sqlite:PATH`, `postgres://…` or `redis://…`, or `@FILE`
    #[arg(long, value_name = "STORE")]
    revocations: Option<String>,
}

/// What the token has to be.
#[derive(Debug, Args)]
pub(crate) struct Asked {
    /// Who has to have issued it (`iss`)
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,
    /// For whom it has to be (`aud`); one of several is enough
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,
    /// Of which type it has to be, as `at+jwt`; a PASETO that was issued with a type opens with no other
    #[arg(long = "type", value_name = "TYPE")]
    token_type: Option<String>,
    /// How far clocks may differ, at most 5 minutes
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "30s")]
    leeway: Duration,
    /// The longest life that is accepted, as `30d`
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "24h")]
    max_ttl: Duration,
    /// Accepts a token that never expires
    #[arg(long)]
    allow_no_expiry: bool,
    /// The implicit assertion of a PASETO
    #[arg(long, value_name = "TEXT")]
    implicit_assertion: Option<String>,
    /// Takes issuer, audience, type and longest life from the file that `claims_schema!` has written
    #[arg(long, value_name = "FILE", conflicts_with_all = ["issuer", "audience", "token_type", "max_ttl"])]
    schema: Option<PathBuf>,
}

/// What a verification came to.
pub(crate) struct Judged {
    pub(crate) explanation: Explanation,
    /// What a good token says that only its key shows.
    pub(crate) opened: Option<Opened>,
}

/// What a verified token says.
pub(crate) struct Opened {
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) token_id: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) key_id: Option<String>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) rest: serde_json::Map<String, serde_json::Value>,
}

impl Verify {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        let token = self.token.read()?;
        let Self { keys, ring, at, revocations, .. } = self;
        let asked = self.asked.with_schema()?;
        // Which format the token names picks among the keys that were given; a text that is no token is judged by all of them.
        let parts = Parts::read(&token).ok();
        let named = parts.as_ref().and_then(Parts::format).and_then(|name| FormatName::named(&name));
        let found = keys.read(&ring, named, at).await?;
        let log = match &revocations {
            Some(address) => Some(open(store(address, ring.dangerous_without_tls()).await?, Writing::Never, at).await?),
            None => None,
        };
        let judged = judge(&token, &found, &asked, at, log.as_ref()).await?;
        let report =
            report::Report { judged: &judged, found: &found, asked: &asked, parts: parts.as_ref(), now: at.now(), log: log.is_some() };
        if json {
            print_json(&report.to_json())?
        } else {
            print(&report.page())?
        }
        Ok(exit(judged.explanation.verdict()))
    }
}

fn exit(verdict: Result<(), &VerifyError>) -> Exit {
    match verdict {
        Ok(()) => Exit::Done,
        // Nobody knows: the log or the keys were out of reach, or too old.
        Err(error) if error.is_transient() => Exit::Store,
        Err(_) => Exit::Refused,
    }
}

impl Asked {
    fn with_schema(self) -> Outcome<Self> {
        let Some(path) = &self.schema else { return Ok(self) };
        let schema = schema(path)?;
        Ok(Self {
            issuer: schema.issuers().first().cloned(),
            audience: schema.audiences().to_vec(),
            token_type: schema.token_type().map(str::to_owned),
            max_ttl: schema.max_ttl(),
            ..self
        })
    }

    /// Nothing but that it is sealed by one of the keys, for a command that needs to know whose a token is.
    pub(crate) fn nothing(token_type: Option<String>) -> Self {
        Self {
            issuer: None,
            audience: Vec::new(),
            token_type,
            leeway: Duration::ZERO,
            max_ttl: Duration::MAX,
            allow_no_expiry: true,
            implicit_assertion: None,
            schema: None,
        }
    }
}

/// Judges a token by the library's own steps.
pub(crate) async fn judge(token: &str, found: &[Found], asked: &Asked, at: At, log: Option<&Revocations>) -> Outcome<Judged> {
    if asked.allow_no_expiry {
        of::<Undying>(token, found, asked, at, log, |claims| (claims.subject.clone(), claims.rest.clone())).await
    } else {
        of::<Anything>(token, found, asked, at, log, |claims| (claims.subject.clone(), claims.rest.clone())).await
    }
}

type Rest = (Option<String>, std::collections::BTreeMap<String, serde_json::Value>);

async fn of<C: ClaimsType<Context = ()> + OwnedClaims>(
    token: &str,
    found: &[Found],
    asked: &Asked,
    at: At,
    log: Option<&Revocations>,
    rest: impl Fn(&C) -> Rest,
) -> Outcome<Judged>
where
    dyn keys::Candidate: Accept<C>,
{
    let mut builder: VerifierBuilder<C> = Verifier::builder().clock(at).leeway(asked.leeway).max_ttl(asked.max_ttl);
    if let Some(issuer) = &asked.issuer {
        builder = builder.issuer(issuer.as_str());
    }
    if !asked.audience.is_empty() {
        builder = builder.audience(asked.audience.iter().map(String::as_str));
    }
    if let Some(token_type) = &asked.token_type {
        builder = builder.token_type(token_type.as_str());
    }
    for keys in found {
        builder = keys.keys.accept(builder);
    }
    let mut verifier = builder.max_length(session_runtime::limits::TOKEN_LENGTH_CAP).build()?;
    if let Some(assertion) = &asked.implicit_assertion {
        verifier = verifier.with_implicit_assertion(assertion.as_bytes());
    }
    if let Some(log) = log {
        verifier = verifier.with_revocations(log).await?;
    }
    let explanation = verifier.verify_explain(token);
    let opened = verifier.verify_now(token).ok().map(|verified| opened(&verified, rest(&verified)));
    Ok(Judged { explanation, opened })
}

fn opened<C>(verified: &Verified<C>, (subject, rest): Rest) -> Opened {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Opened {
        issuer: owned(verified.issuer()),
        subject: subject.or_else(|| owned(verified.subject())),
        token_id: owned(verified.token_id()),
        session_id: owned(verified.session_id()),
        key_id: owned(verified.key_id()),
        expires_at: verified.expires_at(),
        issued_at: verified.issued_at(),
        rest: rest.into_iter().collect(),
    }
}
