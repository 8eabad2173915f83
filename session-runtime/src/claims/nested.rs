//! Claims inside of objects of the payload: `path = "…"`.

use super::{
    Claims, Raw, Schema, Spec, Writer,
    json::Object,
    names::Names,
    reader::{claim, unknown},
};
use crate::{
    error::{ClaimErrors, IssueError, Problem},
    limits::JsonLimits,
};

/// Writes the claims inside of one object; an object that would be empty is left out.
///
/// # Errors
/// Those of its claims, and [`IssueError::BeyondLimits`] when they are too many or too deep together.
#[inline]
pub fn within<'b>(
    out: &mut Writer<'b>,
    object: &'static str,
    members: impl FnOnce(&mut Writer<'b>) -> Result<(), IssueError>,
) -> Result<(), IssueError> {
    out.within(object, members)
}

/// Reads what stands in an object of the payload that is named after the claim of this index, the first of those inside.
///
/// The payload was scanned with everything in it, so it is strict, within the limits, and has no name twice.
#[inline(never)]
pub(super) fn read<'t, C: Claims<'t>>(
    schema: &Schema,
    first: u16,
    value: Raw<'t>,
    names: &mut Names<'t, '_>,
    slots: &mut C::Slots,
    errors: &mut ClaimErrors,
) {
    if !names.first_of_group(first) {
        errors.push(schema.name(first), Problem::Duplicate);
        return;
    }
    let path = schema.claims.get(usize::from(first)).and_then(|claim| claim.path.get(..1)).unwrap_or_default();
    level::<C>(schema, path, value, names, slots, errors);
}

/// Reads one object, whose own name is the last of `path`. As deep as the longest path of the type, whatever the token says.
fn level<'t, C: Claims<'t>>(
    schema: &Schema,
    path: &[&str],
    value: Raw<'t>,
    names: &mut Names<'t, '_>,
    slots: &mut C::Slots,
    errors: &mut ClaimErrors,
) {
    // Absent, and so are the claims inside.
    if value.json() == "null" {
        return;
    }
    let inside = || (0..).zip(schema.claims).filter(|(_, claim)| claim.role.is_none() && claim.path.starts_with(path));
    let Ok(mut object) = Object::open(value.json(), JsonLimits::CAP) else {
        inside().for_each(|(_, claim)| errors.push(claim.name, Problem::Mistyped { expected: "inside of an object" }));
        return;
    };
    while let Ok(Some(member)) = object.next_member() {
        let found = inside().find(|(_, claim)| claim.path.get(path.len()).is_some_and(|name| *name == member.name));
        let member_value = Raw::new(member.value, member.plain, value.times());
        match found {
            // `find` left nothing but names below this object, so the claim is this member or stands in it.
            Some((index, Spec { path: whole, .. })) if whole.len() == path.len().saturating_add(1) => {
                if names.first_of_claim(index) {
                    claim::<C>(schema, slots, member_value.of(index), errors);
                } else {
                    errors.push(schema.name(index), Problem::Duplicate);
                }
            }
            Some((_, Spec { path: whole, .. })) => {
                let path = whole.get(..path.len().saturating_add(1)).unwrap_or_default();
                level::<C>(schema, path, member_value, names, slots, errors);
            }
            None => unknown(schema, errors),
        }
    }
}
