//! What is enforced, as data that can be compared, logged at start-up and shown to whoever reviews a deployment.

use std::time::Duration;

use super::{Bounds, Claims, ClaimsType, Expectation, Role, Schema, Tolerated, longest_life, reader::OTHER};
use crate::{
    error::{ClaimErrors, Problem},
    limits::JsonLimits,
};

mod words;

/// Everything that is enforced about the tokens of one claims type, one [`Rule`] a line.
///
/// [`ClaimsType::policy`] tells what the type says; [`Verifier::policy`](crate::Verifier::policy) and
/// [`Issuer::policy`](crate::Issuer::policy) what holds with the settings of this deployment.
///
/// # Example
/// ```
/// use session_runtime::{Claims, claims::{ClaimsType, Demand}};
///
/// #[derive(Claims)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
///     #[claim(check = is_known)]
///     tenant: Option<String>,
/// }
///
/// fn is_known(tenant: &Option<String>) -> bool {
///     tenant.as_deref() != Some("nobody")
/// }
///
/// let policy = Access::policy();
/// assert_eq!(policy.to_string(), "\
/// A token of this type
/// - says `typ` `at+jwt`
/// - is issued by `https://id.example`
/// - is for `orders`
/// - has `exp` and lives at most 24 h; one that is issued lives 15 min
/// - is not good before its `nbf`, if it has one
/// - has `iat`, which is not in the future
/// - is judged with clocks that differ by at most 30 s
/// - may have claims that the type does not name; they are ignored
/// - has `sub`
/// - may have `tenant`
/// - passes `is_known` with `tenant`");
/// assert!(policy.iter().any(|rule| rule.claim == "tenant" && rule.demand == Demand::Optional));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enforced(Vec<Rule>);

/// One thing that is enforced.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The claim's name on the wire; `(claims)` for a rule about all of them together, `(other)` for claims that the type does not name,
    /// `(token)` for a rule about the token around them.
    pub claim: &'static str,
    /// What has to be true of it.
    pub demand: Demand,
}

/// What has to be true of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Demand {
    /// The token is of this type (RFC 8725 §3.11): the header `typ` of a JWT, in a PASETO a part of what is sealed.
    TokenType(String),
    /// The token says no type of its own.
    Untyped {
        /// Whether any `typ` is taken, which `allow(typ)` says.
        any: bool,
    },
    /// Who may have issued it (RFC 7519 §4.1.1). A key speaks for one of them, and for no other.
    Issuer(Party),
    /// For whom it is (RFC 7519 §4.1.3): one of these is enough.
    Audience(Party),
    /// It expires (RFC 7519 §4.1.4).
    Expires {
        /// Whether a token without `exp` is refused.
        required: bool,
        /// The longest life; `None` for any.
        at_most: Option<Duration>,
        /// How long an issued token lives when its `exp` is not said.
        issued: Option<Duration>,
    },
    /// It is not good before its `nbf` (RFC 7519 §4.1.5).
    NotBefore,
    /// It was not issued in the future (RFC 7519 §4.1.6).
    IssuedAt {
        /// Whether a token without `iat` is refused.
        required: bool,
    },
    /// How far clocks may differ.
    Leeway(Duration),
    /// It has what a revocation needs, `jti`, `iat` and `gen`, and was not revoked.
    NotRevoked,
    /// It is of this version, or of one that the type is made from.
    Version(u32),
    /// What becomes of claims that the type does not name.
    Unknown(Unknown),
    /// It is there.
    Required,
    /// It may be absent.
    Optional,
    /// It is one of these texts.
    OneOf(&'static [&'static str]),
    /// It is a number between these.
    Range(super::Range),
    /// Its JSON is at most this many bytes long; of a text what stands between the quotes.
    MaxLength(usize),
    /// It may only be in an encrypted token.
    Confidential,
    /// A function of the type takes it; its path.
    Passes(&'static str),
    /// It is sealed in one of these formats.
    Formats(Vec<&'static str>),
    /// It is at most this many bytes long.
    Length(usize),
    /// Its payload holds at most this much JSON.
    Json(JsonLimits),
}

/// Somebody that a claim names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Party {
    /// One of these.
    Named(Vec<String>),
    /// Nobody: a token that names somebody is refused.
    Nobody,
    /// Anybody or nobody, which `allow` says.
    Anybody,
    /// Whom the builder of the issuer or verifier names, which has to.
    Unsaid,
}

/// What becomes of claims that a type does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unknown {
    /// The token is accepted and they are dropped (RFC 7519 §4: must be ignored unless said otherwise).
    Ignored,
    /// The token is refused, which `deny_unknown` says.
    Refused,
    /// A field takes them, which `flatten` says.
    Kept,
}

/// What a deployment changes about what the type says.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) token_type: Option<String>,
    pub(crate) issuer: Party,
    pub(crate) audience: Party,
    pub(crate) leeway: Duration,
    pub(crate) max_ttl: Duration,
    pub(crate) revocable: bool,
    /// What is known of the token around the claims: its formats, its length, its JSON.
    pub(crate) token: Option<(Vec<&'static str>, usize, JsonLimits)>,
}

impl Settings {
    fn of(schema: &Schema) -> Self {
        Self {
            token_type: schema.token_type.map(str::to_owned),
            issuer: Party::of(schema.issuer.map(|issuer| vec![issuer.to_owned()])),
            audience: Party::of(schema.audience.map(|names| names.iter().map(|name| (*name).to_owned()).collect())),
            leeway: schema.leeway,
            max_ttl: longest_life(schema),
            revocable: false,
            token: None,
        }
    }
}

impl Party {
    fn of(said: Expectation<Vec<String>>) -> Self {
        match said {
            Expectation::Unsaid => Self::Unsaid,
            Expectation::None => Self::Nobody,
            Expectation::Declared(names) => Self::Named(names),
        }
    }

    /// Those that a policy names, which has nobody left to name.
    pub(crate) fn named(names: Option<Vec<String>>) -> Self {
        names.map_or(Self::Nobody, Self::Named)
    }

    fn or_tolerated(self, schema: &Schema, whom: Tolerated) -> Self {
        if self == Self::Nobody && schema.tolerated.contains(&whom) { Self::Anybody } else { self }
    }
}

impl Enforced {
    /// What a type says.
    pub(crate) fn of<C: ClaimsType + ?Sized>() -> Self {
        Self::with::<C>(Settings::of(C::SCHEMA))
    }

    /// What a type says with the settings of a deployment.
    pub(crate) fn with<C: ClaimsType + ?Sized>(settings: Settings) -> Self {
        let schema = C::SCHEMA;
        let mut rules = Vec::new();
        let mut rule = |claim, demand| rules.push(Rule { claim, demand });
        let any_type = schema.tolerated.contains(&Tolerated::TokenType);
        rule("typ", settings.token_type.map_or(Demand::Untyped { any: any_type }, Demand::TokenType));
        rule("iss", Demand::Issuer(settings.issuer.or_tolerated(schema, Tolerated::Issuer)));
        rule("aud", Demand::Audience(settings.audience.or_tolerated(schema, Tolerated::Audience)));
        let at_most = (settings.max_ttl != Duration::MAX).then_some(settings.max_ttl);
        rule("exp", Demand::Expires { required: !schema.never_expires, at_most, issued: schema.ttl });
        rule("nbf", Demand::NotBefore);
        rule("iat", Demand::IssuedAt { required: !schema.no_issued_at || settings.revocable });
        rule(TOKEN, Demand::Leeway(settings.leeway));
        if settings.revocable {
            rule("jti", Demand::NotRevoked);
        }
        if let Some(version) = schema.version {
            rule("ver", Demand::Version(version));
        }
        rule(OTHER, Demand::Unknown(unknown(schema)));
        let required = required::<C>();
        for claim in schema.claims {
            // What the policy demands of these four stands above.
            let judged = [Role::Issuer, Role::Audience, Role::Expires, Role::IssuedAt];
            if !claim.role.is_some_and(|role| judged.contains(&role)) {
                let demand = if required.find(claim.name).is_some() { Demand::Required } else { Demand::Optional };
                rule(claim.name, demand);
            }
            demands(claim.bounds).for_each(|demand| rule(claim.name, demand));
            if claim.confidential {
                rule(claim.name, Demand::Confidential);
            }
        }
        schema.checks.iter().for_each(|(claim, function)| rule(claim, Demand::Passes(function)));
        if let Some((formats, length, json)) = settings.token {
            rule(TOKEN, Demand::Formats(formats));
            rule(TOKEN, Demand::Length(length));
            rule(TOKEN, Demand::Json(json));
        }
        Self(rules)
    }

    /// The rules that a committed schema says.
    #[cfg(feature = "cli")]
    pub(crate) fn of_rules(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    /// The rules, in the order in which they are shown.
    pub fn iter(&self) -> std::slice::Iter<'_, Rule> {
        self.0.iter()
    }
}

/// The claims that a token has to have for its struct to be made.
///
/// Only the type of a field knows whether it can do without its claim, and the derive sees no types. So the struct is built of a token that
/// has no claim at all, and tells what it misses.
pub(crate) fn required<C: ClaimsType + ?Sized>() -> ClaimErrors {
    let mut errors = ClaimErrors::default();
    let slots = <C::At<'static> as Claims<'static>>::slots();
    // Nothing is made of it, whatever the defaults of the fields are.
    drop(<C::At<'static> as Claims<'static>>::build(slots, &mut errors));
    debug_assert!(errors.iter().all(|error| error.problem == Problem::Missing), "nothing was read");
    errors
}

fn demands(bounds: Bounds) -> impl Iterator<Item = Demand> {
    let one_of = (!bounds.one_of.is_empty()).then_some(Demand::OneOf(bounds.one_of));
    [one_of, bounds.range.map(Demand::Range), bounds.max_len.map(Demand::MaxLength)].into_iter().flatten()
}

fn unknown(schema: &Schema) -> Unknown {
    match (schema.takes_rest, schema.deny_unknown) {
        (true, _) => Unknown::Kept,
        (_, true) => Unknown::Refused,
        _ => Unknown::Ignored,
    }
}

impl<'e> IntoIterator for &'e Enforced {
    type Item = &'e Rule;
    type IntoIter = std::slice::Iter<'e, Rule>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What a rule is about that is about the token around the claims.
const TOKEN: &str = "(token)";
