//! The way in: one pass over a payload fills the registered claims and the user's slots together.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{
    Claims, Raw, Role, Schema, Spec, TimeEncoding,
    audience::may_be_array,
    json::{self, NotStrict, Object},
    times,
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
    /// `gen`: up to where its issuer knew the revocation log.
    pub(crate) generation: Option<u64>,
}

/// The members of `aud`.
pub(crate) type Members<'t> = SmallVec<[Cow<'t, str>; 4]>;

/// The name under which claims are reported that the type does not know: their own names are the token's text.
pub(crate) const OTHER: &str = "(other)";

/// `gen` in [`Registered`].
pub(crate) const GENERATION: &str = "gen";

/// Reads one payload into `registered` and `slots`, which are both empty and are not handed back, since moving them costs more than
/// filling them.
///
/// # Errors
/// [`NotStrict`] when it is not one strict JSON object, or when a name that the type does not know stands twice. Everything
/// about single claims is recorded in `errors`, so that all of it can be reported at once.
#[inline]
pub(crate) fn read<'t, C: Claims<'t>>(
    text: &'t str,
    schema: &Schema,
    times: TimeEncoding,
    limits: JsonLimits,
    registered: &mut Registered<'t>,
    slots: &mut C::Slots,
    errors: &mut ClaimErrors,
) -> Result<(), NotStrict> {
    let mut names = Names::new(schema);
    let mut object = Object::open(text, limits)?;
    while let Some(member) = object.next_member()? {
        let value = Raw::new(member.value, member.plain, times);
        let name = names.find(member.name)?;
        if let Some(role) = name.role {
            if !names.first(role as u32) {
                errors.push(role.name(), Problem::Duplicate);
                continue;
            }
            if let Err(expected) = registered.take(role, value) {
                errors.push(role.name(), Problem::Mistyped { expected });
                continue;
            }
        }
        match name.place {
            Place::Claim(index, claim) => {
                // A registered claim was already counted by its role.
                if name.role.is_none() && !names.first(index.saturating_add(ROLES)) {
                    errors.push(claim, Problem::Duplicate);
                } else if C::read(slots, usize::try_from(index).unwrap_or(usize::MAX), value).is_none() {
                    errors.push(claim, Problem::Mistyped { expected: "what its field holds" });
                }
            }
            Place::Generation => {
                if !names.first(GENERATION_BIT) {
                    errors.push(GENERATION, Problem::Duplicate);
                } else {
                    registered.generation = value.json().parse().ok();
                    if registered.generation.is_none() {
                        errors.push(GENERATION, Problem::Mistyped { expected: "a whole number" });
                    }
                }
            }
            Place::Nowhere if schema.deny_unknown && name.role.is_none() => {
                if errors.find(OTHER).is_none() {
                    errors.push(OTHER, Problem::Unexpected);
                }
            }
            Place::Nowhere => {}
        }
    }
    Ok(())
}

impl<'t> Registered<'t> {
    /// Takes one claim; says what it would have to be when it is not that. Malformed is never absent (CVE-2026-25537).
    #[inline]
    fn take(&mut self, role: Role, value: Raw<'t>) -> Result<(), &'static str> {
        match role {
            Role::Issuer => self.issuer = Some(text(value).ok_or("a string")?),
            // An empty subject or token id would share one revocation entry among all who have it.
            Role::Subject => self.subject = Some(text(value).filter(|text| !text.is_empty()).ok_or("a string that is not empty")?),
            Role::TokenId => self.token_id = Some(text(value).filter(|text| !text.is_empty()).ok_or("a string that is not empty")?),
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

/// Bits of [`Names`]: first the roles, then `gen`, then the claims of the schema (at most 120, which the derive keeps).
const GENERATION_BIT: u32 = 7;
const ROLES: u32 = 8;

struct Found {
    role: Option<Role>,
    place: Place,
}

enum Place {
    Claim(u32, &'static str),
    Generation,
    Nowhere,
}

/// Finds names in a schema and remembers which were there.
struct Names<'t> {
    schema: &'t Schema,
    seen: u128,
    /// The claim after the last one found: our own issuers write claims in the order of the schema.
    next: usize,
    unknown: SmallVec<[Cow<'t, str>; 8]>,
}

impl<'t> Names<'t> {
    fn new(schema: &'t Schema) -> Self {
        Self { schema, seen: 0, next: 0, unknown: SmallVec::new() }
    }

    /// Whether this bit was not there before.
    #[inline]
    fn first(&mut self, bit: u32) -> bool {
        let bit = 1_u128.checked_shl(bit).unwrap_or(0);
        let first = self.seen & bit == 0;
        self.seen |= bit;
        first
    }

    #[inline]
    fn found(&mut self, index: usize, claim: &Spec) -> Result<Found, NotStrict> {
        self.next = index.saturating_add(1);
        let index = u32::try_from(index).map_err(|_| NotStrict)?;
        Ok(Found { role: claim.role, place: Place::Claim(index, claim.name) })
    }

    #[inline]
    fn find(&mut self, name: Cow<'t, str>) -> Result<Found, NotStrict> {
        let claims = self.schema.claims;
        let text = &*name;
        if let Some(claim) = claims.get(self.next).filter(|claim| claim.name == text) {
            return self.found(self.next, claim);
        }
        // Registered names have one length, so that telling them apart costs a comparison of numbers; a claim of the type under
        // such a name has its role.
        let role = match text {
            "iss" => Some(Role::Issuer),
            "sub" => Some(Role::Subject),
            "aud" => Some(Role::Audience),
            "exp" => Some(Role::Expires),
            "nbf" => Some(Role::NotBefore),
            "iat" => Some(Role::IssuedAt),
            "jti" => Some(Role::TokenId),
            _ => None,
        };
        let of_type = |claim: &Spec| if role.is_some() { claim.role == role } else { claim.name == text };
        if let Some(index) = claims.iter().position(of_type)
            && let Some(claim) = claims.get(index)
        {
            return self.found(index, claim);
        }
        if text == GENERATION {
            return Ok(Found { role: None, place: Place::Generation });
        }
        if role.is_none() {
            if self.unknown.contains(&name) {
                return Err(NotStrict);
            }
            self.unknown.push(name);
        }
        Ok(Found { role, place: Place::Nowhere })
    }
}
