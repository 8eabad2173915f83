//! The way in: one pass over a payload fills the registered claims and the user's slots together.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{
    Claims, Raw, Role, Schema, TimeEncoding,
    audience::may_be_array,
    bounds,
    expected::Expected,
    json::{self, NotStrict, Object},
    names::{GENERATION, Names, Place, VERSION},
    nested, times,
};
use crate::{
    error::{ClaimErrors, Problem},
    limits::JsonLimits,
    time::Timestamp,
};

/// The registered claims of one payload, as far as they were well formed. What was malformed stands in the errors.
#[derive(Debug, Default)]
pub(crate) struct Registered<'t> {
    pub(crate) issuer: Option<Cow<'t, str>>,
    pub(crate) subject: Option<Cow<'t, str>>,
    pub(crate) audience: Option<Members<'t>>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) token_id: Option<Cow<'t, str>>,
    /// `sid`, whether the type knows it or not.
    pub(crate) session_id: Option<Cow<'t, str>>,
    /// `gen`: up to where its issuer knew the revocation log.
    pub(crate) generation: Option<u64>,
    /// `ver`: the version of the claims type, read where the type has one.
    pub(crate) version: Option<u32>,
}

/// The members of `aud`.
pub(crate) type Members<'t> = SmallVec<[Cow<'t, str>; 4]>;

/// The name under which claims are reported that the type does not know: their own names are the token's text.
pub(crate) const OTHER: &str = "(other)";

/// How one payload is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'r> {
    pub(crate) schema: &'r Schema,
    pub(crate) expected: &'r [Expected],
    pub(crate) times: TimeEncoding,
    pub(crate) limits: JsonLimits,
}

/// Reads one payload into `registered` and `slots`, which are both empty and are not handed back, since moving them costs more than
/// filling them.
///
/// # Errors
/// [`NotStrict`] when it is not one strict JSON object, or when a name that the type does not know stands twice. Everything
/// about single claims is recorded in `errors`, so that all of it can be reported at once.
#[inline]
pub(crate) fn read<'t, C: Claims<'t>>(
    text: &'t str,
    reading: &Reading<'_>,
    registered: &mut Registered<'t>,
    slots: &mut C::Slots,
    errors: &mut ClaimErrors,
) -> Result<(), NotStrict> {
    let Reading { schema, expected, times, limits } = *reading;
    let mut names = Names::new(schema, expected);
    let mut object = Object::open(text, limits)?;
    while let Some((name, (value, plain))) = names.next_member(&mut object)? {
        let value = Raw::new(value, plain, times);
        if let Some(role) = name.role {
            if !names.first_of_role(role) {
                errors.push(role.name(), Problem::Duplicate);
                continue;
            }
            if let Err(expected) = registered.take(role, value) {
                errors.push(role.name(), Problem::Mistyped { expected });
                continue;
            }
        }
        if name.place == Place::Session {
            // A session that was revoked is refused by every type. What is no text names no session of ours.
            registered.session_id = self::text(value).filter(|text| !text.is_empty());
        }
        match name.place {
            Place::Claim(index) => {
                // A registered claim was already counted by its role.
                if name.role.is_none() && !names.first_of_claim(index) {
                    errors.push(schema.name(index), Problem::Duplicate);
                } else {
                    claim::<C>(schema, slots, value.of(index), errors);
                }
            }
            Place::Group(index) => nested::read::<C>(schema, index, value, &mut names, slots, errors),
            Place::Generation => {
                if !names.first_generation() {
                    errors.push(GENERATION, Problem::Duplicate);
                } else {
                    registered.generation = value.json().parse().ok();
                    if registered.generation.is_none() {
                        errors.push(GENERATION, Problem::Mistyped { expected: "a whole number" });
                    }
                }
            }
            Place::Version => {
                if !names.first_version() {
                    errors.push(VERSION, Problem::Duplicate);
                } else {
                    registered.version = value.json().parse().ok();
                    if registered.version.is_none() {
                        errors.push(VERSION, Problem::Mistyped { expected: "a whole number" });
                    }
                }
            }
            Place::Nowhere if name.role.is_some() => {}
            Place::Nowhere | Place::Session if schema.takes_rest => names.keep(value),
            Place::Nowhere | Place::Session => unknown(schema, errors),
        }
    }
    if schema.takes_rest && C::read_rest(slots, names.rest()).is_none() {
        errors.push(OTHER, Problem::Mistyped { expected: FIELD });
    }
    Ok(())
}

/// Reads one claim into its slot.
#[inline]
pub(super) fn claim<'t, C: Claims<'t>>(schema: &Schema, slots: &mut C::Slots, value: Raw<'t>, errors: &mut ClaimErrors) {
    if schema.bounded
        && let Some(problem) = bounds::broken(schema, value)
    {
        errors.push(schema.name(value.claim()), problem);
    } else if C::read(slots, value).is_none() {
        errors.push(schema.name(value.claim()), Problem::Mistyped { expected: FIELD });
    }
}

/// Says once that there are claims that the type does not know, if that is anything to say.
pub(super) fn unknown(schema: &Schema, errors: &mut ClaimErrors) {
    if schema.deny_unknown && errors.find(OTHER).is_none() {
        errors.push(OTHER, Problem::Unexpected);
    }
}

/// What a value has to be that its field does not take, in words.
pub(super) const FIELD: &str = "what its field holds";

impl<'t> Registered<'t> {
    /// Takes one claim; says what it would have to be when it is not that. Malformed is never absent (CVE-2026-25537).
    #[inline]
    fn take(&mut self, role: Role, value: Raw<'t>) -> Result<(), &'static str> {
        match role {
            Role::Issuer => self.issuer = Some(text(value).ok_or("a string")?),
            // An empty subject or token id would share one revocation entry among all who have it.
            Role::Subject => self.subject = Some(text(value).filter(|text| !text.is_empty()).ok_or("a string that is not empty")?),
            Role::TokenId => self.token_id = Some(text(value).filter(|text| !text.is_empty()).ok_or("a string that is not empty")?),
            // Nobody judges it here, but the revocation log.
            Role::SessionId => self.session_id = Some(text(value).filter(|text| !text.is_empty()).ok_or("a string that is not empty")?),
            Role::Audience if may_be_array(value.times()) => self.audience = audience(value).ok_or("a string or an array of strings")?,
            Role::Audience => self.audience = Some(Members::from_iter([text(value).ok_or("a string")?])),
            Role::Expires => self.expires_at = Some(times::read(value, role).ok_or(A_TIME)?),
            Role::NotBefore => self.not_before = Some(times::read(value, role).ok_or(A_TIME)?),
            Role::IssuedAt => self.issued_at = Some(times::read(value, role).ok_or(A_TIME)?),
        }
        Ok(())
    }
}

const A_TIME: &str = "a time in the token's format";

#[inline]
fn text(value: Raw<'_>) -> Option<Cow<'_, str>> {
    match value.plain() {
        Some(text) => Some(Cow::Borrowed(text)),
        None => json::string(value.json()),
    }
}

/// `[]` names nobody and counts as absent; the outer `None` is a malformed claim.
#[inline]
fn audience(value: Raw<'_>) -> Option<Option<Members<'_>>> {
    if let Some(one) = text(value) {
        let mut members = Members::new();
        members.push(one);
        return Some(Some(members));
    }
    let members = json::strings(value.json())?;
    Some((!members.is_empty()).then_some(members))
}
