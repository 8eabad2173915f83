//! The way in: one pass over a payload fills the registered claims and the user's slots together.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{
    Claims, Raw, Role, Schema, TimeEncoding,
    audience::may_be_array,
    expected::Expected,
    json::{self, NotStrict, Object, Value},
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
            Place::Claim(index) => {
                // A registered claim was already counted by its role.
                if name.role.is_none() && !names.first(u32::from(index).saturating_add(ROLES)) {
                    errors.push(schema.name(index), Problem::Duplicate);
                } else if C::read(slots, value.of(index)).is_none() {
                    errors.push(schema.name(index), Problem::Mistyped { expected: "what its field holds" });
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
            // Nobody judges it here; its field holds it.
            Role::SessionId => drop(text(value).filter(|text| !text.is_empty()).ok_or("a string that is not empty")?),
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

/// Bits of [`Names`]: first the roles, then what the runtime stamps, then the claims of the schema (at most 112, which the derive keeps).
const GENERATION_BIT: u32 = 8;
const ROLES: u32 = 16;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) role: Option<Role>,
    pub(super) place: Place,
}

/// Where the value goes. A few bytes, since it is handed back for every member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The claim of that index in the schema.
    Claim(u16),
    Generation,
    Nowhere,
}

/// Finds names and remembers which were there.
struct Names<'t, 's> {
    schema: &'s Schema,
    expected: &'s [Expected],
    /// The next of the expected ones.
    next: usize,
    seen: u128,
    unknown: SmallVec<[Cow<'t, str>; 8]>,
}

impl<'t, 's> Names<'t, 's> {
    fn new(schema: &'s Schema, expected: &'s [Expected]) -> Self {
        Self { schema, expected, next: 0, seen: 0, unknown: SmallVec::new() }
    }

    /// Whether this bit was not there before.
    #[inline]
    fn first(&mut self, bit: u32) -> bool {
        let bit = 1_u128.checked_shl(bit).unwrap_or(0);
        let first = self.seen & bit == 0;
        self.seen |= bit;
        first
    }

    /// The next member: by a comparison with the one that our own issuers write here, or else by its name.
    #[inline]
    fn next_member(&mut self, object: &mut Object<'t>) -> Result<Option<(Found, Value<'t>)>, NotStrict> {
        if let Some(expected) = self.expected.get(self.next)
            && let Some(value) = expected.take(object)?
        {
            self.next = self.next.saturating_add(1);
            return Ok(Some((expected.found, value)));
        }
        self.by_name(object)
    }

    #[inline(never)]
    fn by_name(&mut self, object: &mut Object<'t>) -> Result<Option<(Found, Value<'t>)>, NotStrict> {
        let Some(member) = object.next_member()? else { return Ok(None) };
        let found = self.find(member.name)?;
        if let Some(index) = self.expected.iter().position(|expected| expected.found == found) {
            self.next = index.saturating_add(1);
        }
        Ok(Some((found, (member.value, member.plain))))
    }

    fn find(&mut self, name: Cow<'t, str>) -> Result<Found, NotStrict> {
        let claims = self.schema.claims;
        let text = &*name;
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
            "sid" if self.schema.has(Role::SessionId) => Some(Role::SessionId),
            _ => None,
        };
        let mut of_type = (0..).zip(claims).filter(|(_, claim)| if role.is_some() { claim.role == role } else { claim.name == text });
        if let Some((index, _)) = of_type.next() {
            return Ok(Found { role, place: Place::Claim(index) });
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
