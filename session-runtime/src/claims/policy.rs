//! The one judge of every claim rule, for every format, on the way in and on the way out.
//!
//! Pure: what a token says, what its type and its key promise, and `now`. No clock, no store, no I/O; the same answer every
//! time. The claim checks inside jsonwebtoken and pasetors stay off: they read the system clock, differ from each other,
//! and let malformed claims pass (DESIGN.md, "Tokens").

use std::{sync::Arc, time::Duration};

use super::{
    Expectation, Party, Role, Schema, Settings, Tolerated,
    expected::Expected,
    longest_life,
    names::{GENERATION, VERSION},
    reader::Registered,
    writer::Writer,
};
use crate::{
    error::{ClaimErrors, ConfigError, IssueError, Problem},
    ids::TokenId,
    limits::{self, JsonLimits},
    time::Timestamp,
};

/// What one issuer or verifier enforces: the schema of its claims type with what was set at start-up.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// `None` for `untyped`.
    pub(crate) token_type: Option<Box<str>>,
    /// `None` for `no_issuer`.
    pub(crate) issuer: Option<Arc<str>>,
    /// `None` for `no_audience`.
    pub(crate) audience: Option<Vec<Box<str>>>,
    /// What may be there though nothing is expected.
    pub(crate) tolerated: &'static [Tolerated],
    /// Whether a token may be of any type, because the verifier was told so.
    pub(crate) any_type: bool,
    /// What is stamped as `ver`.
    pub(crate) version: Option<u32>,
    pub(crate) ttl: Option<Duration>,
    /// `Duration::MAX` for no limit.
    pub(crate) max_ttl: Duration,
    pub(crate) leeway: Duration,
    pub(crate) expiry_required: bool,
    pub(crate) issued_at_required: bool,
    /// Whether revocation needs `jti`, `iat` and `gen`.
    pub(crate) revocable: bool,
    /// How much JSON a payload may hold.
    pub(crate) json: JsonLimits,
    /// `iss` and `aud` as they are written.
    pub(crate) stamps: Stamps,
    /// What a payload is expected to look like.
    pub(crate) expected: Arc<[Expected]>,
}

/// What the key that opened a token says about the token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyFacts<'k> {
    /// In whose names this key speaks; empty where no issuer is expected.
    pub(crate) issuers: &'k [Arc<str>],
    /// When the ring let this key sign; `None` for imported keys, of which nobody knows.
    pub(crate) window: Option<Window>,
}

/// The time in which a key signed, and the longest life that its ring promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Timestamp,
    /// `None` while the key still signs.
    pub(crate) until: Option<Timestamp>,
    pub(crate) max_ttl: Duration,
}

impl Window {
    /// Both ends belong to it: a rotation takes effect within the second in which the key before it still signed.
    pub(crate) fn covers(&self, issued_at: Timestamp) -> bool {
        issued_at >= self.from && self.until.is_none_or(|until| issued_at <= until)
    }
}

impl Policy {
    /// The schema as it stands, before anything is set at start-up.
    ///
    /// # Errors
    /// [`ConfigError`] when issuer or audience is neither declared nor waived: declared means required, and silence is a mistake.
    pub(crate) fn new(schema: &Schema, overrides: Overrides) -> Result<Self, ConfigError> {
        let issuer = match (overrides.issuer, schema.issuer) {
            (Some(issuer), _) => issuer,
            (None, Expectation::Declared(issuer)) => Some(issuer.into()),
            (None, Expectation::None) => None,
            (None, Expectation::Unsaid) => return Err(ConfigError::NoIssuer),
        };
        let audience = match (overrides.audience, schema.audience) {
            (Some(audience), _) => audience,
            (None, Expectation::Declared(names)) => Some(names.iter().map(|name| (*name).into()).collect()),
            (None, Expectation::None) => None,
            (None, Expectation::Unsaid) => return Err(ConfigError::NoAudience),
        };
        if audience.as_ref().is_some_and(Vec::is_empty) {
            return Err(ConfigError::NoAudience);
        }
        let leeway = overrides.leeway.unwrap_or(schema.leeway);
        if leeway > limits::LEEWAY_CAP {
            return Err(ConfigError::OutOfBounds { setting: "leeway", found: leeway, rule: "at most 300 s" });
        }
        let max_ttl = overrides.max_ttl.unwrap_or_else(|| longest_life(schema));
        if let Some(ttl) = schema.ttl
            && ttl > max_ttl
        {
            return Err(ConfigError::OutOfBounds { setting: "max_ttl", found: max_ttl, rule: "at least the type's own ttl" });
        }
        let json = overrides.json.unwrap_or(JsonLimits::DEFAULT);
        let cap = JsonLimits::CAP;
        // Less than two levels would refuse a list of roles.
        let settings =
            [("depth", 2, json.depth, cap.depth), ("members", 1, json.members, cap.members), ("string", 1, json.string, cap.string)];
        for (limit, least, found, most) in settings {
            if !(least..=most).contains(&found) {
                return Err(ConfigError::JsonLimit { limit, found, least, most });
            }
        }
        let stamps = Stamps::new(issuer.as_deref(), audience.as_deref());
        let expected = Expected::of(schema, &stamps.issuer, &stamps.audience, json.string);
        let any_type = overrides.token_type == Some(None) || schema.tolerated.contains(&Tolerated::TokenType);
        Ok(Self {
            tolerated: schema.tolerated,
            any_type,
            version: schema.version,
            token_type: overrides.token_type.unwrap_or_else(|| schema.token_type.map(Into::into)),
            issuer,
            audience,
            ttl: schema.ttl,
            max_ttl,
            leeway,
            expiry_required: !schema.never_expires,
            issued_at_required: !schema.no_issued_at,
            revocable: false,
            stamps,
            expected: expected.into(),
            json,
        })
    }

    /// The longest life of any token that is issued under this policy.
    ///
    /// `max_ttl`, except for a type that does not say it and whose tokens can only live for their `ttl`. Zero for one whose tokens
    /// have no `exp` at all, and so no life to compare with anything.
    pub(crate) fn longest_issued(&self, schema: &Schema) -> Duration {
        match (schema.max_ttl, self.ttl) {
            (_, None) if !schema.has(Role::Expires) => Duration::ZERO,
            (None, Some(ttl)) if !schema.has(Role::Expires) => ttl,
            _ => self.max_ttl,
        }
    }

    /// What of this can be told, for [`Enforced`](super::Enforced).
    pub(crate) fn settings(&self, issuer: Party, revocable: bool, (formats, length): (Vec<&'static str>, usize)) -> Settings {
        let names = |names: &Vec<Box<str>>| names.iter().map(|name| name.to_string()).collect();
        Settings {
            token_type: self.token_type.as_deref().map(str::to_owned),
            issuer,
            audience: Party::named(self.audience.as_ref().map(names)),
            leeway: self.leeway,
            max_ttl: self.max_ttl,
            revocable,
            token: Some((formats, length, self.json)),
        }
    }

    /// How long the revocation log has to remember: as long as any token lives, and for ever where tokens may.
    pub(crate) fn horizon(&self) -> Option<Duration> {
        (self.expiry_required && self.max_ttl != Duration::MAX).then_some(self.max_ttl)
    }

    /// Judges the registered claims of a token whose seal is good. Every failure is recorded.
    pub(crate) fn judge(&self, claims: &Registered<'_>, key: &KeyFacts<'_>, now: Timestamp, errors: &mut ClaimErrors) {
        // Malformed is already recorded, and is not missing.
        let mut refuse = |role: Role, problem: Problem| {
            if problem != Problem::Missing || errors.find(role.name()).is_none() {
                errors.push(role.name(), problem);
            }
        };

        // The issuer is one that this key speaks for, byte for byte: a substring or an array is how others failed
        // (CVE-2024-53861, CVE-2025-30144), and a key of one issuer must not speak for another (RFC 8725 §3.8).
        match (&claims.issuer, key.issuers) {
            (Some(_), []) if self.tolerated.contains(&Tolerated::Issuer) => {}
            (Some(_), []) => refuse(Role::Issuer, Problem::Unexpected),
            (None, []) => {}
            (Some(issuer), expected) if expected.iter().any(|name| **name == **issuer) => {}
            (Some(_), _) => refuse(Role::Issuer, Problem::WrongIssuer),
            (None, _) => refuse(Role::Issuer, Problem::Missing),
        }

        // RFC 7519 §4.1.3: a token with an audience is refused by whoever is not in it, and so by whoever names none.
        match (&claims.audience, &self.audience) {
            (Some(members), Some(expected)) => {
                if !members.iter().any(|member| expected.iter().any(|name| **name == **member)) {
                    refuse(Role::Audience, Problem::WrongAudience);
                }
            }
            (Some(_), None) if self.tolerated.contains(&Tolerated::Audience) => {}
            (Some(_), None) => refuse(Role::Audience, Problem::Unexpected),
            (None, Some(_)) => refuse(Role::Audience, Problem::Missing),
            (None, None) => {}
        }

        match claims.expires_at {
            // RFC 7519 §4.1.4: a token is dead *at* exp, so equal means expired, in every format. The PASETO guide would
            // let it live that one second; one edge for all is worth more.
            Some(at) if now >= at.saturating_add(self.leeway) => refuse(Role::Expires, Problem::Expired { at }),
            None if self.expiry_required => refuse(Role::Expires, Problem::Missing),
            _ => {}
        }
        match claims.not_before {
            // RFC 7519 §4.1.5: good *at* nbf, so equal means good.
            Some(at) if now.saturating_add(self.leeway) < at => refuse(Role::NotBefore, Problem::NotYet { at }),
            _ => {}
        }
        match claims.issued_at {
            // A token of this very second is not from the future, so equal means good.
            Some(at) if now.saturating_add(self.leeway) < at => refuse(Role::IssuedAt, Problem::FromTheFuture { at }),
            None if self.issued_at_required => refuse(Role::IssuedAt, Problem::Missing),
            _ => {}
        }
        // The longest life bounds how long a revocation has to be remembered. Without `iat`, what is left to live is bounded.
        if let Some(expires_at) = claims.expires_at {
            let life = expires_at.saturating_since(claims.issued_at.unwrap_or(now));
            let limit = key.window.map_or(self.max_ttl, |window| window.max_ttl.min(self.max_ttl));
            if life > limit {
                refuse(Role::Expires, Problem::LivesTooLong { limit });
            }
        }
        // A key that was stolen after it retired cannot make tokens from before, and a signer's bug shows.
        if let (Some(window), Some(at)) = (key.window, claims.issued_at)
            && !window.covers(at)
        {
            refuse(Role::IssuedAt, Problem::OutsideKeyWindow);
        }
        if self.revocable {
            // A token that cannot be named cannot be revoked, so it is not accepted where revocation is promised.
            if claims.token_id.is_none() {
                refuse(Role::TokenId, Problem::Missing);
            }
            if claims.issued_at.is_none() {
                refuse(Role::IssuedAt, Problem::Missing);
            }
            if claims.generation.is_none() && errors.find(GENERATION).is_none() {
                errors.push(GENERATION, Problem::Missing);
            }
        }
    }

    /// Stamps what the user's claims left open, and refuses what would contradict this policy.
    ///
    /// # Errors
    /// [`IssueError::Claims`] naming every contradiction.
    pub(crate) fn stamp(
        &self,
        out: &mut Writer<'_>,
        now: Timestamp,
        fresh: TokenId,
        generation: Option<u64>,
    ) -> Result<Stamped, IssueError> {
        let mut errors = ClaimErrors::default();
        let written = std::mem::take(&mut out.written);

        match (&written.issuer, &self.issuer) {
            (Some(issuer), Some(expected)) if **issuer == **expected => {}
            (Some(_), Some(_)) => errors.push(Role::Issuer.name(), Problem::WrongIssuer),
            (Some(_), None) if self.tolerated.contains(&Tolerated::Issuer) => {}
            (Some(_), None) => errors.push(Role::Issuer.name(), Problem::Unexpected),
            (None, Some(issuer)) => out.stamp_prepared(Role::Issuer, issuer, &self.stamps.issuer)?,
            (None, None) => {}
        }
        match (&written.audience, &self.audience) {
            (Some(audience), Some(expected)) => {
                if !expected.iter().any(|name| audience.contains(name)) {
                    errors.push(Role::Audience.name(), Problem::WrongAudience);
                }
            }
            (Some(_), None) if self.tolerated.contains(&Tolerated::Audience) => {}
            (Some(_), None) => errors.push(Role::Audience.name(), Problem::Unexpected),
            (None, Some(names)) => match names.as_slice() {
                [one] => out.stamp_prepared(Role::Audience, one, &self.stamps.audience)?,
                names => out.stamp_audience(names)?,
            },
            (None, None) => {}
        }

        let issued_at = written.issued_at.unwrap_or(now);
        if issued_at > now {
            errors.push(Role::IssuedAt.name(), Problem::FromTheFuture { at: issued_at });
        }
        if written.issued_at.is_none() {
            out.stamp_time(Role::IssuedAt, issued_at)?;
        }
        let expires_at = written.expires_at.or_else(|| self.ttl.map(|ttl| issued_at.saturating_add(ttl)));
        match expires_at {
            Some(at) if at <= now => errors.push(Role::Expires.name(), Problem::Expired { at }),
            Some(at) if at.saturating_since(issued_at) > self.max_ttl => {
                errors.push(Role::Expires.name(), Problem::LivesTooLong { limit: self.max_ttl });
            }
            None if self.expiry_required => errors.push(Role::Expires.name(), Problem::Missing),
            _ => {}
        }
        // A token that dies before it is good is never good.
        if let (Some(begins), Some(ends)) = (written.not_before, expires_at)
            && begins >= ends
        {
            errors.push(Role::NotBefore.name(), Problem::NotYet { at: begins });
        }
        if let (Some(at), None) = (expires_at, written.expires_at) {
            out.stamp_time(Role::Expires, at)?;
        }
        let id = match written.token_id {
            Some(id) => TokenId::from_text(id),
            None => {
                out.stamp_fresh_id(&fresh)?;
                fresh
            }
        };
        if let Some(version) = self.version {
            out.stamp_number(VERSION, version.into())?;
        }
        if let Some(generation) = generation {
            out.stamp_number(GENERATION, generation)?;
        }
        if errors.is_empty() { Ok(Stamped { id, issued_at, expires_at }) } else { Err(IssueError::Claims(errors)) }
    }
}

/// The members that are stamped on every token, written once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stamps {
    issuer: Box<str>,
    audience: Box<str>,
}

impl Stamps {
    fn new(issuer: Option<&str>, audience: Option<&[Box<str>]>) -> Self {
        let member = |role: Role, value: &str| format!("\"{}\":{}", role.name(), serde_json::Value::from(value)).into_boxed_str();
        let audience = match audience {
            Some([one]) => member(Role::Audience, one),
            _ => Box::default(),
        };
        Self { issuer: issuer.map(|issuer| member(Role::Issuer, issuer)).unwrap_or_default(), audience }
    }
}

/// What the policy decided for a token that is about to be sealed.
#[derive(Debug)]
pub(crate) struct Stamped {
    pub(crate) id: TokenId,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
}

/// What a builder set at start-up; the outer `None` leaves a setting to the schema.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides {
    pub(crate) token_type: Option<Option<Box<str>>>,
    pub(crate) issuer: Option<Option<Arc<str>>>,
    pub(crate) audience: Option<Option<Vec<Box<str>>>>,
    pub(crate) leeway: Option<Duration>,
    pub(crate) max_ttl: Option<Duration>,
    pub(crate) json: Option<JsonLimits>,
}

#[cfg(test)]
mod made;
#[cfg(test)]
mod tests;
