//! What is different between two descriptions of a type, and what that does to live tokens.

use super::described::{Claim, Described};
use crate::claims::Role;

/// One difference, in words.
pub(super) struct Change {
    pub(super) what: String,
    pub(super) strands: bool,
}

/// What is different, and whether tokens that were issued under the old schema are refused under the new one.
pub(super) fn changes(old: &Described, new: &Described, older: Option<&Described>) -> Vec<Change> {
    // A token without `ver` is of version 1.
    let (before, now) = (old.version.unwrap_or(1), new.version.unwrap_or(1));
    if before != now {
        let reader = older.filter(|older| older.version.unwrap_or(1) == before);
        let mut all = vec![Change { what: format!("version: {before}, now {now}"), strands: false }];
        match reader {
            // The tokens of the committed version are read by the older type, so that is what has to be able to.
            Some(reader) => all.extend(changes(old, reader, None).into_iter().filter(|change| change.strands)),
            None => {
                all.push(Change { what: format!("version {before}: read by no type that the macro was given with `from`"), strands: true })
            }
        }
        return all;
    }
    let mut all = Vec::new();
    let mut change = |what: String, strands: bool| all.push(Change { what, strands });
    let settings = [
        ("token_type", format!("{:?}", old.token_type), format!("{:?}", new.token_type), true),
        ("issuer", format!("{:?}", old.issuer), format!("{:?}", new.issuer), true),
        ("audience", format!("{:?}", old.audience), format!("{:?}", new.audience), !audience_stays(old, new)),
        ("ttl", format!("{:?}", old.ttl), format!("{:?}", new.ttl), false),
        ("max_ttl", old.max_ttl.to_string(), new.max_ttl.to_string(), new.max_ttl < longest_issued(old)),
        ("expires", old.expires.to_string(), new.expires.to_string(), new.expires),
        ("issued_at", old.issued_at.to_string(), new.issued_at.to_string(), new.issued_at),
        // An issuer writes what its type names, and what a `flatten` field brings.
        (
            "unknown_claims",
            old.unknown_claims.clone(),
            new.unknown_claims.clone(),
            new.unknown_claims == "refused" && old.unknown_claims == "kept",
        ),
        (
            "tolerated",
            format!("{:?}", old.tolerated),
            format!("{:?}", new.tolerated),
            old.tolerated.iter().any(|one| !new.tolerated.contains(one)),
        ),
        ("version", format!("{:?}", old.version), format!("{:?}", new.version), false),
    ];
    for (name, before, now, strands) in settings {
        if before != now {
            change(format!("{name}: {before}, now {now}"), strands);
        }
    }
    for claim in &old.claims {
        for key in claim.keys() {
            if !new.claims.iter().any(|other| other.keys().contains(&key)) {
                change(format!("claim `{}`: no longer read", key.join(".")), true);
            }
        }
    }
    for claim in &new.claims {
        let Some(before) = old.claims.iter().find(|before| claim.keys().contains(&before.key())) else {
            let what = if claim.required { "new and required" } else { "new and optional" };
            change(format!("claim `{}`: {what}", claim.name), claim.required);
            continue;
        };
        before.compare(claim, &mut change);
    }
    if all.is_empty() {
        all.push(Change { what: "the order of the claims, or their spelling in the file".to_owned(), strands: false });
    }
    all
}

fn audience_stays(old: &Described, new: &Described) -> bool {
    match (&old.audience, &new.audience) {
        (Some(old), Some(new)) => !old.is_empty() && old.iter().all(|name| new.contains(name)),
        (old, new) => old == new,
    }
}

/// The longest life that a live token can have.
fn longest_issued(old: &Described) -> u64 {
    let says = |role: Role| old.claims.iter().any(|claim| claim.name == role.name());
    old.ttl.filter(|_| !says(Role::Expires)).unwrap_or(old.max_ttl)
}

impl Claim {
    /// Where it is written.
    fn key(&self) -> Vec<&str> {
        if self.path.is_empty() {
            vec![self.written.as_ref().unwrap_or(&self.name)]
        } else {
            self.path.iter().map(String::as_str).collect()
        }
    }

    /// Where it is read.
    fn keys(&self) -> Vec<Vec<&str>> {
        let own = if self.path.is_empty() { vec![self.name.as_str()] } else { self.path.iter().map(String::as_str).collect() };
        self.aliases.iter().map(|alias| vec![alias.as_str()]).chain([own]).collect()
    }

    fn compare(&self, new: &Self, change: &mut impl FnMut(String, bool)) {
        let name = &new.name;
        if self.required != new.required {
            change(format!("claim `{name}`: {}", if new.required { "now required" } else { "now optional" }), new.required);
        }
        if self.key() != new.key() {
            change(format!("claim `{name}`: written as `{}` before, now as `{}`", self.key().join("."), new.key().join(".")), false);
        }
        if self.aliases != new.aliases {
            change(format!("claim `{name}`: aliases {:?}, now {:?}", self.aliases, new.aliases), false);
        }
        if self.one_of != new.one_of {
            let narrower = !new.one_of.is_empty() && (self.one_of.is_empty() || self.one_of.iter().any(|one| !new.one_of.contains(one)));
            change(format!("claim `{name}`: one of {:?}, now {:?}", self.one_of, new.one_of), narrower);
        }
        if self.range != new.range {
            let (old, new) = (self.range.unwrap_or_default(), new.range.unwrap_or_default());
            let narrower = new.0.is_some_and(|least| old.0.is_none_or(|old| old < least))
                || new.1.is_some_and(|most| old.1.is_none_or(|old| old > most));
            change(format!("claim `{name}`: range {old:?}, now {new:?}"), narrower);
        }
        if self.max_len != new.max_len {
            let narrower = new.max_len.is_some_and(|bytes| self.max_len.is_none_or(|old| old > bytes));
            change(format!("claim `{name}`: max_len {:?}, now {:?}", self.max_len, new.max_len), narrower);
        }
        if self.confidential != new.confidential {
            let what = if new.confidential { "confidential, so that signed tokens are not accepted" } else { "no longer confidential" };
            change(format!("claim `{name}`: {what}"), new.confidential);
        }
        for kind in self.takes.difference(&new.takes).filter(|kind| *kind != "none of the samples") {
            change(format!("claim `{name}`: no longer takes {kind}"), true);
        }
        for kind in new.takes.difference(&self.takes) {
            change(format!("claim `{name}`: takes {kind}"), false);
        }
        if self.takes_whole_numbers != new.takes_whole_numbers {
            let narrower = self.takes_whole_numbers.is_some_and(|(least, most)| {
                new.takes_whole_numbers.is_none_or(|(new_least, new_most)| new_least > least || new_most < most)
            });
            let words = |numbers: Option<(i64, u64)>| numbers.map_or("none".to_owned(), |(least, most)| format!("{least} to {most}"));
            change(
                format!("claim `{name}`: whole numbers {}, now {}", words(self.takes_whole_numbers), words(new.takes_whole_numbers)),
                narrower,
            );
        }
    }
}
