//! `version(2, from = AccessV1)`: tokens of the version before are read as what they are, and converted.

use super::{
    Claims, ClaimsType, Schema,
    names::VERSION,
    reader::{self, Reading, Registered},
};
use crate::error::{ClaimErrors, Problem};

/// The version that a token is of which does not say.
const FIRST: u32 = 1;

/// A payload that was read as the newest version and is of another.
pub struct Payload<'p, 'de> {
    pub(crate) text: &'de str,
    pub(crate) reading: Reading<'p>,
    pub(crate) version: u32,
    /// What the older type reads of the registered claims: the policy judges it, and revocation is asked about it.
    pub(crate) registered: &'p mut Registered<'de>,
    /// The policy of the verifier's own type, which judges the registered claims whatever the version.
    pub(crate) judge: &'p dyn Fn(&Registered<'_>, &mut ClaimErrors),
    pub(crate) errors: &'p mut ClaimErrors,
}

impl std::fmt::Debug for Payload<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload").field("version", &self.version).finish_non_exhaustive()
    }
}

impl Payload<'_, '_> {
    /// Records that no type here is of this version.
    pub(crate) fn unknown_version(&mut self) {
        self.errors.push(VERSION, Problem::UnknownVersion);
    }
}

/// The version of a token that another type than `schema`'s has to read. A malformed `ver` is already recorded, and is none.
#[inline]
pub(crate) fn other(schema: &Schema, registered: &Registered<'_>, errors: &ClaimErrors) -> Option<u32> {
    let own = schema.version?;
    let found = registered.version.unwrap_or(FIRST);
    (found != own && errors.find(VERSION).is_none()).then_some(found)
}

/// What the checks of an older version are handed: the context of the newer one, or nothing where they need none.
#[diagnostic::on_unimplemented(
    message = "the checks of an older version need a `{Self}`, and the newer one is handed a `{Newer}`",
    label = "an older version with another context",
    note = "use one `context` for both versions, or take it off the older one"
)]
pub trait HandedOn<Newer, Way> {
    /// It.
    fn of(newer: &Newer) -> &Self;
}

/// The same context for both.
#[derive(Debug)]
pub enum Same {}

/// Nothing for the older one.
#[derive(Debug)]
pub enum Nothing {}

impl<T> HandedOn<T, Same> for T {
    fn of(newer: &T) -> &Self {
        newer
    }
}

impl<T> HandedOn<T, Nothing> for () {
    fn of(_: &T) -> &Self {
        &()
    }
}

/// Fails to compile when `Newer` cannot be the next version of `Older`.
pub const fn follows<Older: ClaimsType, Newer: ClaimsType>() {
    Newer::SCHEMA.assert_follows(Older::SCHEMA);
}

/// The value from a token of version `Older`, or of one before that.
///
/// All that holds for a token of `Older` holds here: it is read anew by names, and its own checks run. Then those of `Newer` run on what
/// it became, so that no old token gets around a check that came later.
#[cold]
pub fn upgrade<'de, Older, Newer, Way>(payload: &mut Payload<'_, 'de>, context: &Newer::Context) -> Option<Newer>
where
    Older: Claims<'de>,
    Newer: Claims<'de> + From<Older>,
    Older::Context: HandedOn<Newer::Context, Way>,
{
    const { follows::<Older, Newer>() };
    let handed = HandedOn::of(context);
    let own = payload.version == Older::SCHEMA.version.unwrap_or(FIRST);
    let older = if own { reread::<Older>(payload, handed) } else { Older::older(payload, handed) };
    let newer = Newer::from(older.filter(|_| payload.errors.is_empty())?);
    newer.check(context, payload.errors);
    Some(newer)
}

/// Steps 4 to 6 for the type that the token is of.
fn reread<'de, C: Claims<'de>>(payload: &mut Payload<'_, 'de>, context: &C::Context) -> Option<C> {
    let Payload { text, reading, registered, judge, errors, .. } = payload;
    // `ver` is known here, whether this type says its version or is the first and says none.
    let schema = Schema { version: Some(payload.version), ..*C::SCHEMA };
    let reading = Reading { schema: &schema, expected: &[], ..*reading };
    let mut slots = C::slots();
    **registered = Registered::default();
    // It was strict JSON a moment ago. Names that the newer type knows and this one does not may be there twice.
    if reader::read::<C>(text, &reading, registered, &mut slots, errors).is_err() {
        errors.push(reader::OTHER, Problem::Duplicate);
        return None;
    }
    judge(registered, errors);
    let claims = C::build(slots, errors)?;
    claims.check(context, errors);
    Some(claims)
}
