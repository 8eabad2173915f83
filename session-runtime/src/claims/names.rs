//! What the names of a payload stand for, and which of them were there already.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{
    Raw, Role, Schema,
    expected::Expected,
    json::{NotStrict, Object, Value},
    rest::Rest,
};

/// `gen`: up to where its issuer knew the revocation log.
pub(crate) const GENERATION: &str = "gen";

/// `ver`: the version of the claims type.
pub(crate) const VERSION: &str = "ver";

/// Whether a name is for registered claims and for what the runtime stamps, so that a claim of the type's own cannot have it.
///
/// `ver` is free in the tokens of others, which are of no version of ours.
pub(super) fn is_reserved(name: &str, schema: &Schema) -> bool {
    match name {
        "iss" | "sub" | "aud" | "exp" | "nbf" | "iat" | "jti" | "sid" | GENERATION | "rg" => true,
        VERSION => schema.token_type.is_some() || schema.version.is_some(),
        _ => false,
    }
}

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
    /// An object that nested claims are in, of which this is the first.
    Group(u16),
    Generation,
    Version,
    /// `sid` of a token whose type does not know it: for revocation, and for whatever becomes of unknown claims.
    Session,
    Nowhere,
}

impl Found {
    /// What a name of the outer object stands for; of one that neither the type nor the policy knows, nothing.
    ///
    /// A claim of the type whose alias or object has the name of a registered claim is not found by it: the name is the policy's.
    pub(super) fn of(name: &str, schema: &Schema) -> Option<Self> {
        // Registered names have one length, so that telling them apart costs a comparison of numbers; a claim of the type under
        // such a name has its role.
        let role = match name {
            "iss" => Some(Role::Issuer),
            "sub" => Some(Role::Subject),
            "aud" => Some(Role::Audience),
            "exp" => Some(Role::Expires),
            "nbf" => Some(Role::NotBefore),
            "iat" => Some(Role::IssuedAt),
            "jti" => Some(Role::TokenId),
            "sid" if schema.has(Role::SessionId) => Some(Role::SessionId),
            _ => None,
        };
        let mut claims = (0..).zip(schema.claims);
        if role.is_some() {
            let place = claims.find(|(_, claim)| claim.role == role).map_or(Place::Nowhere, |(index, _)| Place::Claim(index));
            return Some(Self { role, place });
        }
        if name == GENERATION {
            return Some(Self { role, place: Place::Generation });
        }
        let found = claims.find_map(|(index, claim)| match claim.path.first() {
            Some(object) if *object == name => Some(Self { role, place: Place::Group(index) }),
            None if claim.role.is_none() && claim.name == name => Some(Self { role, place: Place::Claim(index) }),
            // By whatever name it is found, a registered claim goes to the policy.
            _ if claim.aliases.contains(&name) => Some(Self { role: claim.role, place: Place::Claim(index) }),
            _ => None,
        });
        let versioned = schema.version.is_some() && name == VERSION;
        found.or_else(|| versioned.then_some(Self { role, place: Place::Version }))
    }
}

/// Finds names and remembers which were there.
pub(super) struct Names<'t, 's> {
    schema: &'s Schema,
    expected: &'s [Expected],
    /// The next of the expected ones.
    next: usize,
    seen: u128,
    /// The objects that were there, by the claims that they are named after.
    groups: u128,
    unknown: SmallVec<[Cow<'t, str>; 8]>,
    /// The values of the unknown names, for a type that takes them.
    rest: Vec<Raw<'t>>,
}

/// Bits of [`Names`]: first the roles, then what the runtime stamps, then the claims of the schema (at most 112, which the derive keeps).
const GENERATION_BIT: u32 = 8;
const VERSION_BIT: u32 = 9;
const CLAIMS: u32 = 16;

impl<'t, 's> Names<'t, 's> {
    pub(super) fn new(schema: &'s Schema, expected: &'s [Expected]) -> Self {
        Self { schema, expected, next: 0, seen: 0, groups: 0, unknown: SmallVec::new(), rest: Vec::new() }
    }

    /// Whether this role was not there before.
    #[inline]
    pub(super) fn first_of_role(&mut self, role: Role) -> bool {
        first(&mut self.seen, role as u32)
    }

    /// Whether this claim was not there before, under any of its names.
    #[inline]
    pub(super) fn first_of_claim(&mut self, index: u16) -> bool {
        first(&mut self.seen, u32::from(index).saturating_add(CLAIMS))
    }

    /// Whether the object that is named after this claim was not there before.
    pub(super) fn first_of_group(&mut self, index: u16) -> bool {
        first(&mut self.groups, u32::from(index))
    }

    pub(super) fn first_generation(&mut self) -> bool {
        first(&mut self.seen, GENERATION_BIT)
    }

    pub(super) fn first_version(&mut self) -> bool {
        first(&mut self.seen, VERSION_BIT)
    }

    /// Keeps the value of the unknown name that was found last.
    pub(super) fn keep(&mut self, value: Raw<'t>) {
        self.rest.push(value);
    }

    /// What was kept.
    pub(super) fn rest(&self) -> Rest<'_, 't> {
        Rest::new(&self.unknown, &self.rest, self.schema)
    }

    /// The next member: by a comparison with the one that our own issuers write here, or else by its name.
    #[inline]
    pub(super) fn next_member(&mut self, object: &mut Object<'t>) -> Result<Option<(Found, Value<'t>)>, NotStrict> {
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
        if let Some(found) = Found::of(&name, self.schema) {
            return Ok(found);
        }
        if self.unknown.contains(&name) {
            return Err(NotStrict);
        }
        let place = if name == "sid" { Place::Session } else { Place::Nowhere };
        self.unknown.push(name);
        Ok(Found { role: None, place })
    }
}

/// Sets a bit; whether it was not set before.
#[inline]
fn first(seen: &mut u128, bit: u32) -> bool {
    let bit = 1_u128.checked_shl(bit).unwrap_or(0);
    let first = *seen & bit == 0;
    *seen |= bit;
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::Spec;

    /// No alias and no path is a way past the policy.
    #[test]
    fn registered_names_are_the_policys() {
        const SCHEMA: Schema = Schema::new("at+jwt").claims(&[
            Spec::role(Role::Subject).aliases(&["uid"]),
            Spec::custom("org").aliases(&["tenant", "exp", "gen"]),
            Spec::custom("iss.x").path(&["iss", "x"]),
            Spec::custom("a.b").path(&["a", "b"]).aliases(&["ab"]),
        ]);
        #[track_caller]
        fn check(name: &str, want: Option<(Option<Role>, Place)>) {
            assert_eq!(Found::of(name, &SCHEMA), want.map(|(role, place)| Found { role, place }), "{name}");
        }
        check("sub", Some((Some(Role::Subject), Place::Claim(0))));
        check("uid", Some((Some(Role::Subject), Place::Claim(0))));
        check("tenant", Some((None, Place::Claim(1))));
        check("exp", Some((Some(Role::Expires), Place::Nowhere)));
        check("iss", Some((Some(Role::Issuer), Place::Nowhere)));
        check("gen", Some((None, Place::Generation)));
        check("a", Some((None, Place::Group(3))));
        check("ab", Some((None, Place::Claim(3))));
        for unknown in ["a.b", "iss.x", "b", "Sub", "ver", "rg", "sid"] {
            check(unknown, None);
        }
    }
}
