//! Objects inside of the payload, and members that the type does not name.

use serde::Serialize;

use super::{Writer, problem};
use crate::{
    claims::{
        json::{self, Object},
        names::{self, Found},
        reader::OTHER,
    },
    error::{IssueError, Problem},
};

impl Writer<'_> {
    /// Writes an object and its members; one without any is left out.
    pub(crate) fn within<F>(&mut self, object: &'static str, members: F) -> Result<(), IssueError>
    where
        F: FnOnce(&mut Self) -> Result<(), IssueError>,
    {
        // The policy stamps such a name, so it would be there twice.
        if self.path.is_empty() && names::is_reserved(object, self.schema) {
            return Err(problem(object, Problem::Unexpected));
        }
        let before = self.out.len();
        self.name(object);
        let start = self.out.len();
        self.out.push(b'{');
        self.path.push(object);
        members(self)?;
        self.path.pop();
        if self.out.last() == Some(&b'{') {
            self.out.truncate(before);
            return Ok(());
        }
        self.out.push(b'}');
        // Each claim fits by itself; inside of others it may be too deep, and all together too many.
        let value = self.out.get(start..).unwrap_or_default();
        if self.path.is_empty() && !std::str::from_utf8(value).is_ok_and(|value| json::is_readable(value, self.limits)) {
            return Err(IssueError::BeyondLimits { claim: object });
        }
        Ok(())
    }

    /// Writes the members of a value that the type does not name.
    pub(crate) fn rest<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), IssueError> {
        let first = self.out.last() == Some(&b'{');
        let before = self.out.len();
        value.serialize(&mut serde_json::Serializer::new(&mut *self.out)).map_err(|_| IssueError::Unwritable { claim: OTHER })?;
        let text = self.out.get(before..).and_then(|value| std::str::from_utf8(value).ok()).unwrap_or_default();
        let empty = text == "null" || text == "{}";
        if !empty {
            let refused = |refused| problem(OTHER, refused);
            if !(text.starts_with('{') && text.ends_with('}')) {
                return Err(refused(Problem::Mistyped { expected: "an object" }));
            }
            // What breaks a limit or has a name twice is found here, and in `finish` what does so beside the other claims.
            let beyond = |_| IssueError::BeyondLimits { claim: OTHER };
            let mut object = Object::open(text, self.limits).map_err(beyond)?;
            while let Some(member) = object.next_member().map_err(beyond)? {
                let name = &*member.name;
                let written = self.schema.claims.iter().any(|claim| claim.written == Some(name));
                if written || names::is_reserved(name, self.schema) || Found::of(name, self.schema).is_some() {
                    return Err(refused(Problem::Unexpected));
                }
            }
        }
        // The members become those of the payload, whose brace is open already.
        match (empty, self.out.get_mut(before)) {
            (false, Some(brace)) if !first => *brace = b',',
            (false, _) => drop(self.out.remove(before)),
            (true, _) => self.out.truncate(before),
        }
        if !empty {
            self.out.pop();
            self.rest = true;
        }
        Ok(())
    }
}
