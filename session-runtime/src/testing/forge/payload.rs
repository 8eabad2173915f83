//! A payload as a list of members, so that a forger can change one and leave the rest as the issuer wrote it.

use serde_json::Value;

use crate::{claims::json::Object, limits::JsonLimits};

/// The members in their order: each name with its quotes, and the JSON of its value.
#[derive(Debug, Clone)]
pub(super) struct Payload(Vec<(String, String)>);

impl Payload {
    /// `None` for what no issuer of ours writes.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut object = Object::open(std::str::from_utf8(bytes).ok()?, JsonLimits::CAP).ok()?;
        let mut members = Vec::new();
        while let Some(member) = object.next_member().ok()? {
            members.push((quoted(&member.name), member.value.to_owned()));
        }
        Some(Self(members))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The JSON of a member of the outer object.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let name = quoted(name);
        self.0.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
    }

    /// Another value for the member, or one more member.
    pub(super) fn with(&self, name: &str, json: &str) -> Self {
        let mut changed = self.clone();
        let name = quoted(name);
        match changed.0.iter_mut().find(|(found, _)| *found == name) {
            Some((_, value)) => json.clone_into(value),
            None => changed.0.push((name, json.to_owned())),
        }
        changed
    }

    /// One more member, whatever is there; `name` with its quotes, in any spelling.
    pub(super) fn and(&self, name: &str, json: &str) -> Self {
        let mut changed = self.clone();
        changed.0.push((name.to_owned(), json.to_owned()));
        changed
    }

    pub(super) fn without(&self, name: &str) -> Self {
        let name = quoted(name);
        Self(self.0.iter().filter(|(found, _)| *found != name).cloned().collect())
    }

    /// Another value for a nested claim, or none; `None` when it is not there.
    pub(super) fn at(&self, path: &[&str], json: Option<&str>) -> Option<Self> {
        let (outer, inner) = path.split_first()?;
        let value = self.value(outer)?;
        let Some((last, groups)) = inner.split_last() else {
            return Some(match json {
                Some(json) => self.with(outer, json),
                None => self.without(outer),
            });
        };
        let mut whole: Value = serde_json::from_str(value).ok()?;
        let group = groups.iter().try_fold(&mut whole, |group, name| group.get_mut(*name))?.as_object_mut()?;
        group.remove(*last)?;
        if let Some(json) = json {
            group.insert((*last).to_owned(), serde_json::from_str(json).ok()?);
        }
        Some(self.with(outer, &whole.to_string()))
    }

    pub(super) fn text(&self) -> String {
        let members: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
