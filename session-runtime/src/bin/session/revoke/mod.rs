//! `session revoke`: an entry in the revocation log, for a token, a subject, a session, a key or everything.

pub(crate) mod log;
mod place;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use session_runtime::Timestamp;

use crate::{
    confirm::Yes,
    failure::{Exit, Failure, Outcome},
    format::FormatName,
    input,
    inspect::{Parts, moment_of},
    json::Json,
    keys::key_id,
    moment::{At, relative},
    output::{BAD, WARN, plain, print, print_json, say, styled, with},
    verify::{Asked, KeyArgs, RingArgs, judge},
};

pub(crate) use place::{Writing, open, store};

/// Writes into the revocation log: what is in it is refused on every node within seconds
///
/// For a token, what it says of itself (`iss`, `jti`, `exp`) is used. Whoever wrote the token chose that, so it is shown and asked about,
/// unless the token is verified with `--verify-key` or `--verify-jwks`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["token", "token_file", "subject", "session", "key", "all"])))]
pub(crate) struct Revoke {
    /// One token; `-` reads it from standard input, `@FILE` from a file
    token: Option<String>,
    /// One token, from this file
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Every token that the issuer has given this subject so far
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// Every token of this session (`sid`) of the issuer, also of those to come while the entry is kept
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Every token under this key of `--ring`, for ever
    #[arg(long, value_name = "KEY_ID", requires = "ring")]
    key: Option<String>,
    /// Every token so far of every issuer that has this log: everybody has to log in again
    #[arg(long)]
    all: bool,
    /// The issuer of the subject or the session
    #[arg(long, value_name = "ISSUER", conflicts_with = "no_issuer")]
    issuer: Option<String>,
    /// Says by name that the tokens have no issuer
    #[arg(long)]
    no_issuer: bool,
    /// The ring of the key, as its service names it
    #[arg(long, value_name = "NAME")]
    ring: Option<String>,
    /// Verifies the token with this key before its words are used
    #[arg(long, value_name = "FILE")]
    verify_key: Option<PathBuf>,
    /// Verifies the token with this JWK set before its words are used
    #[arg(long, value_name = "FILE|URL", conflicts_with = "verify_key")]
    verify_jwks: Option<String>,
    /// The type of the token, with which a PASETO is sealed
    #[arg(long = "type", value_name = "TYPE")]
    token_type: Option<String>,
    #[command(flatten)]
    log: LogArgs,
    /// Says what would be written, and writes nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    yes: Yes,
}

/// Where the log is.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// The revocation log: `sqlite:PATH`, `postgres://…` or `redis://…`; `@FILE` reads the address from a file, which one with a password
    /// has to
    #[arg(long, value_name = "STORE")]
    store: String,
    /// Connects without TLS to another machine: whoever is on the way can read and change everything
    #[arg(long)]
    dangerous_without_tls: bool,
}

/// What is to be refused.
#[derive(Debug)]
enum What {
    Token { issuer: Option<String>, id: String, expires_at: Option<Timestamp>, verified: bool },
    Subject { issuer: Option<String>, subject: String },
    Session { issuer: Option<String>, session: String },
    Key { ring: String, id: String },
    Everything,
}

impl Revoke {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        let now = At { at: None }.now();
        let what = self.what(now).await?;
        if self.dry_run {
            self.tell(json, &what, now)?;
            return Ok(Exit::Done);
        }
        let question = match &what {
            What::Token { verified: false, .. } => {
                Some(format!("the token was not checked, so this could be somebody else's; about to revoke {}", what.words(now)))
            }
            // It ends itself soon enough, and was checked.
            What::Token { .. } => None,
            _ => Some(format!("about to revoke {}; this cannot be taken back", what.words(now))),
        };
        if let Some(question) = question {
            self.yes.confirm(&question)?;
        }
        let log = open(store(&self.log.store, self.log.dangerous_without_tls).await?, Writing::Entries, At { at: None }).await?;
        match &what {
            What::Token { issuer, id, expires_at, .. } => log.revoke_token(issuer.as_deref(), id, *expires_at).await?,
            What::Subject { issuer, subject } => log.revoke_subject_of(issuer.as_deref(), subject).await?,
            What::Session { issuer, session } => log.revoke_session_of(issuer.as_deref(), session).await?,
            What::Key { ring, id } => log.revoke_key(ring, &key_id(id)?).await?,
            What::Everything => log.revoke_all().await?,
        }
        self.tell(json, &what, now)?;
        Ok(Exit::Done)
    }

    async fn what(&self, now: Timestamp) -> Outcome<What> {
        let issuer =
            || match (&self.issuer, self.no_issuer) {
                (None, false) => Err(Failure::usage("whose subject or session?")
                    .help("give `--issuer ISSUER`, or say `--no-issuer` if the tokens have none")),
                (issuer, _) => Ok(issuer.clone()),
            };
        if let Some(subject) = &self.subject {
            return Ok(What::Subject { issuer: issuer()?, subject: subject.clone() });
        }
        if let Some(session) = &self.session {
            return Ok(What::Session { issuer: issuer()?, session: session.clone() });
        }
        if let (Some(id), Some(ring)) = (&self.key, &self.ring) {
            return Ok(What::Key { ring: ring.clone(), id: id.clone() });
        }
        if self.all {
            return Ok(What::Everything);
        }
        let token = match (&self.token, &self.token_file) {
            (Some(text), _) => input::token_of(text)?,
            (None, Some(path)) => input::token_of(&format!("@{}", path.display()))?,
            (None, None) => return Err(Failure::usage("nothing to revoke")),
        };
        if self.verify_key.is_some() || self.verify_jwks.is_some() { self.verified(&token).await } else { self.unverified(&token, now) }
    }

    /// What the token says, by its issuer's key.
    async fn verified(&self, token: &str) -> Outcome<What> {
        let named = Parts::read(token).ok().as_ref().and_then(Parts::format).and_then(|name| FormatName::named(&name));
        let at = At { at: None };
        let found = KeyArgs::of(self.verify_key.clone(), self.verify_jwks.clone()).read(&RingArgs::none(), named, at).await?;
        let judged = judge(token, &found, &Asked::nothing(self.token_type.clone()), at, None).await?;
        if let Err(error) = judged.explanation.verdict() {
            return Err(Failure::refused(format_args!("nothing was revoked, since the token is not good anyway: {error}"))
                .help("`session verify` shows every check"));
        }
        let opened = judged.opened.ok_or_else(|| Failure::refused("the token is over by now"))?;
        let id = opened.token_id.ok_or_else(no_token_id)?;
        Ok(What::Token { issuer: opened.issuer, id, expires_at: opened.expires_at, verified: true })
    }

    /// What the token says, which nobody has checked.
    fn unverified(&self, token: &str, now: Timestamp) -> Outcome<What> {
        let parts = Parts::read(token)?;
        let unreadable =
            || Failure::refused("what the token says cannot be read without its key").help("give `--verify-key` or `--verify-jwks`");
        let claims = parts.claims().ok_or_else(unreadable)?;
        if !claims.duplicates().is_empty() {
            return Err(Failure::refused("the token has a name twice, and it would be chance which one is meant; no verifier accepts it"));
        }
        let text = |name| claims.get(name).and_then(Json::text).map(str::to_owned);
        let id = text("jti").ok_or_else(no_token_id)?;
        let expires_at = claims
            .get("exp")
            .map(|exp| moment_of(exp).ok_or_else(|| Failure::refused("the token's `exp` is no time; no verifier accepts it")))
            .transpose()?;
        // An entry for a moment that is over would be forgotten at once, whatever the real token says.
        if let Some(at) = expires_at.filter(|at| *at <= now) {
            return Err(Failure::refused(format_args!(
                "by its own words the token expired {}, so there is nothing to revoke",
                relative(at, now)
            ))
            .help("if you do not believe it, verify it with `--verify-key` or `--verify-jwks`"));
        }
        say(&format!("{}  nobody has checked what this token says of itself\n", styled(BAD, "UNVERIFIED")));
        Ok(What::Token { issuer: text("iss"), id, expires_at, verified: false })
    }

    fn tell(&self, json: bool, what: &What, now: Timestamp) -> Outcome<()> {
        if json {
            return print_json(&with(what.to_json(), [("dry_run", self.dry_run.into())]));
        }
        let words = what.words(now);
        if self.dry_run {
            print(&format!("{} this would be revoked: {words}\n", styled(WARN, "dry run:")))
        } else {
            print(&format!("revoked: {words}\n"))
        }
    }
}

fn no_token_id() -> Failure {
    Failure::refused("the token has no `jti`, so it cannot be revoked alone")
        .help("revoke its subject with `--subject`, or its session with `--session`")
}

impl What {
    fn words(&self, now: Timestamp) -> String {
        let of = |issuer: &Option<String>| issuer.as_ref().map_or_else(|| "no issuer".to_owned(), |issuer| format!("`{}`", plain(issuer)));
        match self {
            Self::Token { issuer, id, expires_at, .. } => {
                let until = expires_at.map_or_else(
                    || "which never expires, so that the entry is kept for ever".to_owned(),
                    |at| format!("which expires {}", relative(at, now)),
                );
                format!("the token `{}` of {}, {until}", plain(id), of(issuer))
            }
            Self::Subject { issuer, subject } => format!("every token so far of the subject `{}` of {}", plain(subject), of(issuer)),
            Self::Session { issuer, session } => {
                format!("every token of the session `{}` of {}, those to come included", plain(session), of(issuer))
            }
            Self::Key { ring, id } => format!(
                "every token under the key `{}` of the ring `{}`, for ever; the ring itself goes on signing with it until `session keys compromise`",
                plain(id),
                plain(ring)
            ),
            Self::Everything => "every token so far of every issuer that has this log, so that everybody has to log in again".to_owned(),
        }
    }

    fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Token { issuer, id, expires_at, verified } => json!({ "kind": "token", "issuer": issuer, "token_id": id,
                "expires_at": expires_at.map(|at| at.to_string()), "verified": verified }),
            Self::Subject { issuer, subject } => json!({ "kind": "subject", "issuer": issuer, "subject": subject }),
            Self::Session { issuer, session } => json!({ "kind": "session", "issuer": issuer, "session_id": session }),
            Self::Key { ring, id } => json!({ "kind": "key", "ring": ring, "key_id": id }),
            Self::Everything => json!({ "kind": "everything" }),
        }
    }
}
