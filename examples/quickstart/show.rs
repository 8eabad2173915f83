//! What each step says. Every one fits on a screen of 24 lines.

use serde_json::{Value, json};
use session_runtime::{
    Format, Issued, KeyRing, Timestamp, Verified,
    error::VerifyError,
    jwt::{self, EdDsa, Jwt},
    keyring::{KeyInfo, KeyState, Rotated},
    paseto::{self, V4Local},
};

use crate::{
    Access, Failure, Person, forge,
    screen::{Printer, Step},
    state::State,
};

/// What a verifier said.
type Verdict = Result<Verified<Access>, VerifyError>;
type Shown = Result<(), Failure>;

/// Rows of a table before the rest is only counted.
const ROWS: usize = 8;

/// The screens, in the order in which they are printed.
#[derive(Debug)]
pub(crate) struct Show(Printer);

impl Show {
    pub(crate) fn new(json: bool) -> Self {
        Self(Printer::new(json))
    }

    pub(crate) fn found_again(&mut self, state: &State, kept: Vec<(&str, Verdict)>) -> Shown {
        let mut step = Step::new("found_again", format_args!("Found again in {}", state.folder.display()));
        let (jwt, local) = (state.jwt.keys(), state.local.keys());
        step.text(format_args!("{} keys for {} tokens:", jwt.len(), <Jwt<EdDsa> as Format>::NAME));
        keys(&mut step, "jwt_keys", &jwt);
        step.text("").text(format_args!("{} for {} tokens:", counted(local.len(), "key"), V4Local::NAME));
        keys(&mut step, "local_keys", &local);
        step.text("").text(format_args!("{} in the log.", counted(state.revocations.len(), "revocation")));
        step.data("revocations", state.revocations.len());
        step.text("").text("Tokens of the first start, verified now:");
        let good = kept.iter().any(|(_, verdict)| verdict.is_ok());
        for (about, verdict) in &kept {
            judged(&mut step, about, verdict);
        }
        if !good {
            step.text("").text("They lived 15 minutes, so their own age refuses them; what was revoked no longer matters.");
        }
        self.print(step)
    }

    pub(crate) fn logins(&mut self, people: &[Person], issued: &[Issued]) -> Shown {
        let mut step = Step::new("log_in", format_args!("Log in: {} get a token", counted(people.len(), "person")));
        let rows = people.iter().zip(issued).map(|(person, issued)| {
            let Access { user, tenant, roles, plan } = &person.access;
            let roles = roles.iter().map(word).collect::<Vec<_>>().join(" ");
            [user.0.clone(), tenant.clone(), roles, word(plan), moment(issued.expires_at)]
        });
        let heading = ["user", "tenant", "roles", "plan", "expires"].map(str::to_owned);
        step.table(&[heading].into_iter().chain(rows.take(ROWS)).collect::<Vec<_>>());
        if people.len() > ROWS {
            step.text(format_args!("  and {} more", people.len().saturating_sub(ROWS)));
        }
        let data = people.iter().zip(issued).map(|(person, issued)| {
            json!({ "access": access(&person.access), "token_id": issued.id.as_str(), "expires": moment(issued.expires_at) })
        });
        step.data("people", data.collect::<Vec<_>>());
        self.print(step)
    }

    pub(crate) fn token(&mut self, person: &Person, issued: &Issued) -> Shown {
        let mut step = Step::new("token", format_args!("The token of {} and its parts", person.name()));
        step.fact("token", issued.token.as_str()).fact("length", issued.token.len()).text("");
        step.text("Everybody can read the parts. Reading them verifies nothing:").text("");
        step.fact("header", jwt::unverified_header(&issued.token).unwrap_or_default());
        let claims = issued.token.split('.').nth(1).and_then(forge::decoded).unwrap_or_default();
        step.named("claims", &claims).data("claims", serde_json::from_str::<Value>(&claims).unwrap_or_default());
        step.fact("key_id", issued.key_id.as_ref().map(|id| id.as_str()));
        self.print(step)
    }

    pub(crate) fn verified(&mut self, verified: &Verified<Access>, checked: Option<(&Person, Verdict)>) -> Shown {
        let mut step = Step::new("verified", "The same token, verified: your struct");
        for line in format!("{:#?}", **verified).lines() {
            step.text(format_args!("  {line}"));
        }
        step.text("").data("access", access(verified));
        step.fact("token_id", verified.token_id()).fact("expires", moment(verified.expires_at())).fact("key_id", verified.key_id());
        if let Some((person, verdict)) = checked {
            step.text("").text("The struct's own check of `plan`:");
            judged(&mut step, &format!("{}'s token", person.name()), &verdict);
        }
        self.print(step)
    }

    pub(crate) fn tampered(&mut self, forged: Vec<(&str, Verdict)>) -> Shown {
        let mut step = Step::new("tampered", "A changed token is refused");
        step.text("Without the key nobody can seal what they changed:").text("");
        for (how, verdict) in forged {
            judged(&mut step, how, &verdict);
        }
        self.print(step)
    }

    pub(crate) fn expired(&mut self, seen: [(Timestamp, Verdict); 2]) -> Shown {
        let mut step = Step::new("expired", "An expired token is refused: the clock is moved, nobody waits");
        step.text("The same token and keys, a verifier with a clock of its own. These tokens live 15 minutes:").text("");
        for (now, verdict) in seen {
            judged(&mut step, &format!("at {now}"), &verdict);
        }
        self.print(step)
    }

    pub(crate) fn paseto(&mut self, issued: &Issued, verified: &Verified<Access>) -> Shown {
        let mut step = Step::new("paseto", "The same struct as v4.local: encrypted, nobody can read the claims");
        step.fact("token", issued.token.as_str()).fact("length", issued.token.len()).text("");
        let footer = paseto::unverified_footer(&issued.token).and_then(|footer| serde_json::from_slice::<Value>(&footer).ok());
        step.fact("footer", footer.unwrap_or_default()).text("");
        step.text("One verifier takes both formats and gives the same struct:").text("");
        step.named("struct", &format!("{:?}", **verified)).data("access", access(verified));
        self.print(step)
    }

    pub(crate) fn rotation(&mut self, rotated: &Rotated, ring: &KeyRing<Jwt<EdDsa>>, [old, new]: [Verdict; 2]) -> Shown {
        let mut step = Step::new("rotation", "A rotation: a new key signs, and nobody is logged out");
        keys(&mut step, "keys", &ring.keys());
        step.data("signing_key", rotated.key_id.as_str()).text("");
        for (about, verdict) in [("the token from before", &old), ("a token from after", &new)] {
            let key_id = |access: &Verified<Access>| format!("signed by {}", access.key_id().unwrap_or("an unnamed key"));
            step.verdict(about, verdict.as_ref().map(key_id));
        }
        self.print(step)
    }

    pub(crate) fn revoked_one(&mut self, person: &Person, [revoked, other]: [Verdict; 2]) -> Shown {
        let mut step = Step::new("revocation", "One token is revoked");
        step.text("The log names it by its `jti` until it would have expired. Other tokens are not touched:").text("");
        judged(&mut step, &format!("{}'s token that was revoked", person.name()), &revoked);
        judged(&mut step, &format!("{}'s other token", person.name()), &other);
        self.print(step)
    }

    pub(crate) fn logged_out(&mut self, person: &Person, [before, encrypted, after]: [Verdict; 3]) -> Shown {
        let mut step = Step::new("log_out_everywhere", format_args!("Log out everywhere: {}", person.name()));
        step.text("One entry in the log refuses all of a person's tokens so far, without a list of them:").text("");
        judged(&mut step, "a token from before", &before);
        judged(&mut step, "a v4.local token from before", &encrypted);
        judged(&mut step, "a token from a new login", &after);
        self.print(step)
    }

    pub(crate) fn the_end(&mut self, state: &State, first: bool) -> Shown {
        let title = if first { "Start me again: what is kept is found again" } else { "That was a second start" };
        let mut step = Step::new("the_end", title);
        step.fact("folder", state.folder.display().to_string()).text("");
        step.table(&State::files().map(|row| row.map(str::to_owned))).text("");
        let again = ["once more", "cargo run --example quickstart"];
        let over = ["start over", "cargo run --example quickstart -- --reset"];
        step.table(&[again, over].map(|row| row.map(str::to_owned)));
        self.print(step)
    }

    fn print(&mut self, step: Step) -> Shown {
        Ok(self.0.step(step)?)
    }
}

fn judged(step: &mut Step, about: &str, verdict: &Verdict) {
    step.verdict(about, verdict.as_ref().map(|_| String::new()));
}

/// The keys of one ring as a table, newest first.
fn keys(step: &mut Step, name: &str, keys: &[KeyInfo]) {
    let rows = keys.iter().rev().take(ROWS).map(|key| {
        let does = match (key.state, key.expire_at) {
            (KeyState::Active, _) => "signs and verifies".to_owned(),
            (KeyState::Retiring, Some(until)) => format!("verifies until {until}"),
            _ => "neither signs nor verifies".to_owned(),
        };
        [id(key).to_owned(), key.state.to_string(), does]
    });
    step.table(&rows.collect::<Vec<_>>());
    let data = keys.iter().map(|key| json!({ "id": id(key), "state": key.state.to_string() }));
    step.data(name, data.collect::<Vec<_>>());
}

fn id(key: &KeyInfo) -> &str {
    key.id.as_ref().map_or("(unnamed)", |id| id.as_str())
}

/// The struct as JSON for programs; the struct itself needs no `Serialize` to become a token.
fn access(Access { user, tenant, roles, plan }: &Access) -> Value {
    json!({ "user": user, "tenant": tenant, "roles": roles, "plan": plan })
}

fn counted(count: usize, what: &str) -> String {
    match (count, what) {
        (1, _) => format!("1 {what}"),
        (_, "person") => format!("{count} people"),
        _ => format!("{count} {what}s"),
    }
}

/// A word of an enum as the data file writes it.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| at.to_string())
}
