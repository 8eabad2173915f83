//! A strict reader for the JSON that a token carries: one object, its members one by one, everything inside them checked.
//!
//! serde_json alone would be laxer (duplicate names pass in ignored values and in maps, depth 128, no limit on members) and
//! slower, because it looks at every byte by itself. This reader decides what is JSON, within which limits, and that
//! every name of every object is there once; the single values then go on to serde. It builds nothing and allocates nothing
//! unless a name is spelled with escapes.

use std::borrow::Cow;

use smallvec::SmallVec;

use scanner::Scanner;
pub(super) use scanner::is_literal;

use crate::limits::JsonLimits;

mod scanner;

/// The text is not strict JSON within the limits, or a name stands twice in one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotStrict;

/// A value as written, without white space around it, and what stands between its quotes when it is a string without any escape.
pub(super) type Value<'t> = (&'t str, Option<&'t str>);

/// One member of the outer object.
#[derive(Debug)]
pub(crate) struct Member<'t> {
    /// Its name, unescaped.
    pub(crate) name: Cow<'t, str>,
    /// Its value as written, without white space around it.
    pub(crate) value: &'t str,
    /// What stands between the quotes when the value is a string without any escape.
    pub(crate) plain: Option<&'t str>,
}

/// Reads the members of one object in turn.
#[derive(Debug)]
pub(crate) struct Object<'t> {
    scanner: Scanner<'t>,
    members: usize,
    depth: usize,
}

impl<'t> Object<'t> {
    /// Starts on a text that has to be exactly one object within the limits.
    pub(crate) fn open(text: &'t str, limits: JsonLimits) -> Result<Self, NotStrict> {
        let mut scanner = Scanner::new(text, limits);
        scanner.white_space();
        scanner.expect(b'{')?;
        Ok(Self { scanner, members: 0, depth: limits.depth.checked_sub(1).ok_or(NotStrict)? })
    }

    /// The next member; `None` after the last, once nothing but white space follows the object.
    ///
    /// Names are *not* compared with each other here: the caller, who knows its names, does it with one bit each.
    #[inline]
    pub(crate) fn next_member(&mut self) -> Result<Option<Member<'t>>, NotStrict> {
        let scanner = &mut self.scanner;
        scanner.white_space();
        if scanner.take(b'}') {
            // An object that ends after a comma never gets here: a name is required after each one.
            scanner.white_space();
            return if scanner.peek().is_none() { Ok(None) } else { Err(NotStrict) };
        }
        if self.members > 0 {
            scanner.expect(b',')?;
            scanner.white_space();
        }
        self.members = self.members.saturating_add(1);
        if self.members > scanner.limits.members {
            return Err(NotStrict);
        }
        let name = scanner.name()?;
        let (value, plain) = scanner.value(self.depth)?;
        Ok(Some(Member { name, value, plain }))
    }
}

impl<'t> Object<'t> {
    /// Takes a text that begins the next member, as it was compared, if that is what comes next.
    #[inline]
    pub(super) fn take_text(&mut self, text: &str) -> Option<&'t str> {
        let scanner = &mut self.scanner;
        let comma = usize::from(self.members > 0);
        if (comma > 0 && scanner.peek() != Some(b',')) || self.members >= scanner.limits.members {
            return None;
        }
        let taken = scanner.take_text(comma, text)?;
        self.members = self.members.saturating_add(1);
        Some(taken)
    }

    /// The value of a member whose name was taken.
    #[inline]
    pub(super) fn value(&mut self) -> Result<Value<'t>, NotStrict> {
        self.scanner.white_space();
        self.scanner.value(self.depth)
    }
}

/// The elements of a value that was already read and has to be an array of strings; `None` when it is not one.
pub(crate) fn strings(array: &str) -> Option<SmallVec<[Cow<'_, str>; 4]>> {
    let mut elements = Elements::open(array)?;
    let mut strings = SmallVec::new();
    while let Some((text, plain)) = elements.next_element().ok()? {
        strings.push(match plain {
            Some(plain) => Cow::Borrowed(plain),
            None => string(text)?,
        });
    }
    Some(strings)
}

/// Reads the elements of one array in turn.
#[derive(Debug)]
pub(crate) struct Elements<'t> {
    scanner: Scanner<'t>,
    first: bool,
}

impl<'t> Elements<'t> {
    /// Starts on a value that was already read; `None` when it is no array.
    #[inline]
    pub(crate) fn open(value: &'t str) -> Option<Self> {
        let mut scanner = Scanner::new(value, JsonLimits::CAP);
        scanner.take(b'[').then_some(Self { scanner, first: true })
    }

    /// The next element as [`Member`] has its value; `None` after the last.
    #[inline]
    pub(crate) fn next_element(&mut self) -> Result<Option<(&'t str, Option<&'t str>)>, NotStrict> {
        let scanner = &mut self.scanner;
        scanner.white_space();
        // It is left there, so that the end can be asked for twice.
        if scanner.peek() == Some(b']') {
            return Ok(None);
        }
        if !self.first {
            scanner.expect(b',')?;
            scanner.white_space();
        }
        self.first = false;
        scanner.value(scanner.limits.depth).map(Some)
    }
}

/// Whether a value is one that [`Object`] would read as a member of the outer object.
pub(crate) fn is_readable(value: &str, limits: JsonLimits) -> bool {
    let mut scanner = Scanner::new(value, limits);
    scanner.value(limits.depth.saturating_sub(1)).is_ok() && scanner.peek().is_none()
}

/// The text of a value that was already read; `None` when the value is not a string.
pub(crate) fn string(value: &str) -> Option<Cow<'_, str>> {
    Scanner::new(value, JsonLimits::CAP).string_value().ok()
}

#[cfg(test)]
mod tests;
