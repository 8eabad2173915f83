//! The way out: one JSON object, written member by member, and what the policy has to know of it.

use serde::Serialize;

use super::{
    audience::{Audience, may_be_array},
    bounds, json,
    plain::Plain,
    reader::OTHER,
    schema::Schema,
    spec::{Role, Spec},
    times::{self, TimeEncoding},
};
use crate::{
    error::{ClaimErrors, IssueError, Problem},
    ids::TokenId,
    limits::JsonLimits,
    time::Timestamp,
};

mod inside;

/// The serializer that field values and `with` modules are handed.
pub type JsonSerializer<'s, 'b> = &'s mut serde_json::Serializer<&'b mut Vec<u8>>;

/// Collects the members of one payload.
///
/// Claims of the user's type are appended as they come. Of the registered ones it keeps what the policy compares and stamps.
#[derive(Debug)]
pub struct Writer<'b> {
    out: &'b mut Vec<u8>,
    times: TimeEncoding,
    limits: JsonLimits,
    /// The longest text that is written without a look at it; none where values have bounds, so that types without pay nothing for them.
    unseen: Option<usize>,
    schema: &'b Schema,
    /// The names of the objects that are open inside of the payload.
    path: Vec<&'static str>,
    /// Whether claims were written that the type does not name.
    rest: bool,
    pub(crate) written: Written,
}

/// The registered claims that the user's value brought.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) issuer: Option<Box<str>>,
    pub(crate) audience: Option<Audience>,
    pub(crate) subject: bool,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) token_id: Option<Box<str>>,
}

impl<'b> Writer<'b> {
    /// Starts an object.
    pub(crate) fn new(out: &'b mut Vec<u8>, schema: &'b Schema, times: TimeEncoding, limits: JsonLimits) -> Self {
        out.push(b'{');
        let unseen = (!schema.bounded).then_some(limits.string);
        Self { out, times, limits, unseen, schema, path: Vec::new(), rest: false, written: Written::default() }
    }

    /// Ends the object.
    ///
    /// # Errors
    /// [`IssueError::BeyondLimits`] when claims that the type does not name make the object larger than a reader takes.
    pub(crate) fn finish(self) -> Result<(), IssueError> {
        self.out.push(b'}');
        // Once all is written, what the policy stamped included. One level more, since the object itself is the first.
        let limits = JsonLimits { depth: self.limits.depth.saturating_add(1), ..self.limits };
        if self.rest && !std::str::from_utf8(self.out).is_ok_and(|payload| json::is_readable(payload, limits)) {
            return Err(IssueError::BeyondLimits { claim: OTHER });
        }
        Ok(())
    }

    /// Writes the name of the next member. Names come from the schema, where the derive allows no character that needs an escape.
    #[inline]
    fn name(&mut self, name: &str) {
        // No value ends in a brace that opens, so that one is of the object itself.
        let first = self.out.last() == Some(&b'{');
        self.out.extend_from_slice(if first { b"\"" } else { b",\"" });
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// Writes one member, or nothing for `null`; gives the range of its value.
    fn member<F>(&mut self, claim: &'static str, write: F) -> Result<Option<std::ops::Range<usize>>, IssueError>
    where
        F: FnOnce(&mut Vec<u8>) -> Result<Value, serde_json::Error>,
    {
        let before = self.out.len();
        self.name(claim);
        let start = self.out.len();
        // The error's text may hold the value, so it is dropped here.
        let kind = write(self.out).map_err(|_| IssueError::Unwritable { claim: self.full(claim) })?;
        let value = self.out.get(start..).unwrap_or_default();
        if value == b"null" {
            self.out.truncate(before);
            return Ok(None);
        }
        // What no verifier would read is not issued. A short scalar or list of texts cannot break a limit, and a `with` module or a
        // map can.
        let simple = kind == Value::Plain || !matches!(value.first(), Some(b'{' | b'['));
        if !(simple && self.is_unseen(value.len())) {
            self.look(claim, start)?;
        }
        Ok(Some(start..self.out.len()))
    }

    /// Whether a text of this length may be written without a look at it.
    #[inline]
    fn is_unseen(&self, length: usize) -> bool {
        self.unseen.is_some_and(|longest| length <= longest)
    }

    /// Looks at the value that was written last as a verifier will: at the limits of the reader, and at the claim's bounds.
    #[inline(never)]
    fn look(&self, claim: &'static str, start: usize) -> Result<(), IssueError> {
        let value = self.out.get(start..).unwrap_or_default();
        if !std::str::from_utf8(value).is_ok_and(|value| json::is_readable(value, self.limits)) {
            return Err(IssueError::BeyondLimits { claim: self.full(claim) });
        }
        if self.schema.bounded { self.bounds(claim, start) } else { Ok(()) }
    }

    /// Holds the claim whose value was written last to the bounds of its attributes.
    fn bounds(&self, claim: &str, start: usize) -> Result<(), IssueError> {
        let value = self.out.get(start..).and_then(|value| std::str::from_utf8(value).ok()).unwrap_or_default();
        match self.spec(claim).and_then(|spec| Some((spec.name, bounds::judge(&spec.bounds, value)?))) {
            Some((name, broken)) => Err(problem(name, broken)),
            None => Ok(()),
        }
    }

    /// The claim of the type that is written under this name in the object that is open.
    fn spec(&self, name: &str) -> Option<&'b Spec> {
        self.schema.claims.iter().find(|claim| match claim.path.split_last() {
            Some((last, objects)) => *last == name && objects == self.path,
            None => self.path.is_empty() && claim.written.unwrap_or(claim.name) == name,
        })
    }

    /// The name under which errors know a claim.
    #[cold]
    fn full(&self, name: &'static str) -> &'static str {
        self.spec(name).map_or(name, |spec| spec.name)
    }

    /// Writes a claim by a `with` module.
    pub(crate) fn custom<F>(&mut self, claim: &'static str, write: F) -> Result<(), IssueError>
    where
        F: FnOnce(JsonSerializer<'_, '_>) -> Result<(), serde_json::Error>,
    {
        self.member(claim, |out| write(&mut serde_json::Serializer::new(out)).map(|()| Value::Any)).map(drop)
    }

    /// Writes a claim by the value's own `Serialize`, which is run twice unless it is plain.
    #[inline]
    pub(crate) fn value<T: Serialize + ?Sized>(&mut self, claim: &'static str, value: &T) -> Result<(), IssueError> {
        self.member(claim, |out| Value::write(out, value)).map(drop)
    }

    pub(crate) fn text<T: Serialize + ?Sized>(&mut self, role: Role, value: &T) -> Result<(), IssueError> {
        let Some(value) = self.member(role.name(), |out| Value::write(out, value))? else { return Ok(()) };
        let json = self.out.get(value).unwrap_or_default();
        // An empty subject or token id would make one revocation entry stand for everybody.
        if json.first() != Some(&b'"') || json == br#""""# {
            return Err(problem(role.name(), Problem::Mistyped { expected: "a string that is not empty" }));
        }
        match role {
            Role::Subject => self.written.subject = true,
            Role::Issuer => self.written.issuer = text_of(json),
            Role::TokenId => self.written.token_id = text_of(json),
            _ => {}
        }
        Ok(())
    }

    /// `None` when no claim can hold the user's value, `Some(None)` when it is left to the policy.
    pub(crate) fn time(&mut self, role: Role, time: Option<Option<Timestamp>>) -> Result<(), IssueError> {
        let time = time.ok_or_else(|| problem(role.name(), Problem::Mistyped { expected: times::EXPECTED_ON_ISSUE }))?;
        let Some(time) = time else { return Ok(()) };
        self.stamp_time(role, time)?;
        match role {
            Role::Expires => self.written.expires_at = Some(time),
            Role::NotBefore => self.written.not_before = Some(time),
            _ => self.written.issued_at = Some(time),
        }
        Ok(())
    }

    pub(crate) fn audience(&mut self, audience: Option<Audience>) -> Result<(), IssueError> {
        let Some(audience) = audience else { return Ok(()) };
        if audience.iter().next().is_none() {
            return Err(problem(Role::Audience.name(), Problem::Missing));
        }
        self.permit_audiences(audience.iter().count())?;
        self.value(Role::Audience.name(), &audience)?;
        self.written.audience = Some(audience);
        Ok(())
    }

    /// Writes a text that the policy stamps on every token; `member` is its name and value, written once.
    pub(crate) fn stamp_prepared(&mut self, role: Role, text: &str, member: &str) -> Result<(), IssueError> {
        // What might be longer than a reader takes goes the way where that is found out.
        if !self.is_unseen(member.len()) {
            return self.stamp_text(role, text);
        }
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        self.out.extend_from_slice(member.as_bytes());
        Ok(())
    }

    /// Writes a random token id, whose text is never looked at: base64url needs no escape.
    pub(crate) fn stamp_fresh_id(&mut self, id: &TokenId) -> Result<(), IssueError> {
        let text = id.as_bytes();
        if !self.is_unseen(text.len()) {
            return self.stamp_text(Role::TokenId, id.as_str());
        }
        self.name(Role::TokenId.name());
        [b"\"", text, b"\""].into_iter().for_each(|piece| self.out.extend_from_slice(piece));
        Ok(())
    }

    /// Writes a text that the policy stamps.
    pub(crate) fn stamp_text(&mut self, role: Role, text: &str) -> Result<(), IssueError> {
        self.value(role.name(), text)
    }

    /// Writes the audience that the policy stamps: a string when there is one, an array otherwise.
    pub(crate) fn stamp_audience<S: AsRef<str> + Serialize>(&mut self, names: &[S]) -> Result<(), IssueError> {
        match names {
            [one] => self.stamp_text(Role::Audience, one.as_ref()),
            names => {
                self.permit_audiences(names.len())?;
                self.value(Role::Audience.name(), names)
            }
        }
    }

    fn permit_audiences(&self, count: usize) -> Result<(), IssueError> {
        if count == 1 || may_be_array(self.times) {
            return Ok(());
        }
        Err(problem(Role::Audience.name(), Problem::Mistyped { expected: "one audience, which is all that a PASETO has room for" }))
    }

    /// Writes a time in the format's encoding.
    pub(crate) fn stamp_time(&mut self, role: Role, time: Timestamp) -> Result<(), IssueError> {
        self.name(role.name());
        times::write(self.out, time, self.times)
            .ok_or_else(|| problem(role.name(), Problem::Mistyped { expected: times::EXPECTED_ON_ISSUE }))
    }

    /// Writes a number that the policy stamps.
    pub(crate) fn stamp_number(&mut self, claim: &'static str, number: u64) -> Result<(), IssueError> {
        self.value(claim, &number)
    }
}

/// What was written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    /// A string without escapes, or a list of such.
    Plain,
    Any,
}

impl Value {
    #[inline]
    fn write<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<Self, serde_json::Error> {
        let start = out.len();
        if value.serialize(Plain::new(out)).is_ok() {
            return Ok(Self::Plain);
        }
        out.truncate(start);
        value.serialize(&mut serde_json::Serializer::new(out)).map(|()| Self::Any)
    }
}

fn problem(claim: &'static str, problem: Problem) -> IssueError {
    let mut errors = ClaimErrors::default();
    errors.push(claim, problem);
    IssueError::Claims(errors)
}

fn text_of(json: &[u8]) -> Option<Box<str>> {
    serde_json::from_slice(json).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::json::Object, *};

    const TOO_MUCH: IssueError = IssueError::BeyondLimits { claim: "claim" };

    #[track_caller]
    fn check(value: &serde_json::Value, want: Result<(), IssueError>) {
        let mut out = Vec::new();
        let schema = Schema::untyped();
        let mut writer = Writer::new(&mut out, &schema, TimeEncoding::NumericDate, JsonLimits::DEFAULT);
        let got = writer.value("claim", value);
        writer.finish().unwrap();
        assert_eq!(got, want, "{value}");
        if got.is_ok() {
            let text = String::from_utf8(out).unwrap();
            let mut object = Object::open(&text, JsonLimits::DEFAULT).unwrap();
            while object.next_member().unwrap().is_some() {}
        }
    }

    /// What is issued can be read: the limits of the reader hold for the writer.
    #[test]
    fn nothing_is_written_that_no_verifier_reads() {
        let nested = |depth| (1..depth).fold(json!([]), |inner, _| json!([inner]));
        let wide = |members: usize| (0..members).map(|index| (index.to_string(), json!(1))).collect::<serde_json::Map<_, _>>();
        check(&json!("x".repeat(JsonLimits::DEFAULT.string)), Ok(()));
        check(&json!("x".repeat(JsonLimits::DEFAULT.string + 1)), Err(TOO_MUCH));
        check(&json!({ "a": ["x".repeat(JsonLimits::DEFAULT.string + 1)] }), Err(TOO_MUCH));
        check(&nested(JsonLimits::DEFAULT.depth - 1), Ok(()));
        check(&nested(JsonLimits::DEFAULT.depth), Err(TOO_MUCH));
        check(&wide(JsonLimits::DEFAULT.members).into(), Ok(()));
        check(&wide(JsonLimits::DEFAULT.members + 1).into(), Err(TOO_MUCH));
        check(&serde_json::Value::Null, Ok(()));
    }
}
