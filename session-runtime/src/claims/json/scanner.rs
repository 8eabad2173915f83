//! The grammar of RFC 8259, byte by byte, with the limits: passes over one value after another and builds none.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::NotStrict;
use crate::limits::JsonLimits;

/// A place in a text.
#[derive(Debug)]
pub(super) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    pub(super) limits: JsonLimits,
}

/// Whether a text stands in a string as it is.
#[inline]
pub(crate) fn is_literal(text: &str) -> bool {
    let (eights, _) = text.as_bytes().as_chunks();
    // The last eight may overlap the ones before, since here only whether matters and not where.
    let end = match text.as_bytes().last_chunk() {
        Some(end) => specials(u64::from_le_bytes(*end)) == 0,
        None => literal_at_the_end(text.as_bytes()) == text.len(),
    };
    end && eights.iter().all(|eight| specials(u64::from_le_bytes(*eight)) == 0)
}

/// How many of the first bytes stand in a string as they are: all up to a quote, a backslash or a control character.
///
/// Eight at a time in one register; `docs/performance.md` has what that brought.
#[inline]
pub(super) fn literal(bytes: &[u8]) -> usize {
    let (eights, last) = bytes.as_chunks();
    for (index, eight) in eights.iter().enumerate() {
        let marked = specials(u64::from_le_bytes(*eight));
        if marked != 0 {
            return (index << 3) | (marked.trailing_zeros() >> 3) as usize;
        }
    }
    (eights.len() << 3) | literal_at_the_end(last)
}

/// The same for the last bytes of a text, one by one. Seldom needed while reading, since a payload ends in more than its last string.
#[inline(never)]
fn literal_at_the_end(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| !matches!(byte, 0..0x20 | b'"' | b'\\')).count()
}

/// Marks the top bit of each byte that cannot stand in a string as it is.
///
/// A borrow out of a marked byte may mark the byte above it wrongly, so only the lowest mark counts, and that one is exact.
#[inline]
fn specials(eight: u64) -> u64 {
    const fn of(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    // With this bit turned over a quote is 0x20, a space 0x22, and control characters stay below 0x20.
    let controls_and_quotes = (eight ^ of(b'"' ^ 0x20)).wrapping_sub(of(0x21));
    let backslashes = (eight ^ of(b'\\')).wrapping_sub(of(1));
    // The subtractions also leave a top bit where there was one before, in a byte of a character beyond ASCII.
    (controls_and_quotes | backslashes) & !eight & of(0x80)
}

impl<'t> Scanner<'t> {
    #[inline]
    pub(super) fn new(text: &'t str, limits: JsonLimits) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, limits }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        if there {
            self.step();
        }
        there
    }

    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), NotStrict> {
        if self.take(byte) { Ok(()) } else { Err(NotStrict) }
    }

    #[inline]
    pub(super) fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.step();
        }
    }

    /// Takes a text that stands `skip` bytes from here.
    #[inline]
    pub(super) fn take_text(&mut self, skip: usize, text: &str) -> Option<&'t str> {
        let start = self.at.saturating_add(skip);
        let found = self.text.get(start..)?.get(..text.len()).filter(|found| *found == text)?;
        self.at = start.saturating_add(text.len());
        Some(found)
    }

    /// A member's name and the colon after it, up to the value.
    #[inline]
    pub(super) fn name(&mut self) -> Result<Cow<'t, str>, NotStrict> {
        let name = self.string_value()?;
        self.white_space();
        self.expect(b':')?;
        self.white_space();
        Ok(name)
    }

    /// A string, unescaped.
    #[inline]
    pub(super) fn string_value(&mut self) -> Result<Cow<'t, str>, NotStrict> {
        let start = self.at;
        match self.string()? {
            Some(plain) => Ok(Cow::Borrowed(plain)),
            None => self.unescaped(start).map(Cow::Owned),
        }
    }

    #[cold]
    fn unescaped(&self, start: usize) -> Result<String, NotStrict> {
        let quoted = self.text.get(start..self.at).ok_or(NotStrict)?;
        serde_json::from_str(quoted).map_err(|_| NotStrict)
    }

    /// Passes over one value; gives its text, and what stands between the quotes of a string without escapes.
    #[inline]
    pub(super) fn value(&mut self, depth: usize) -> Result<(&'t str, Option<&'t str>), NotStrict> {
        let start = self.at;
        let mut plain = None;
        match self.peek() {
            Some(b'"') => plain = self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b't') => self.word(b"true")?,
            Some(b'f') => self.word(b"false")?,
            Some(b'n') => self.word(b"null")?,
            _ => return Err(NotStrict),
        }
        Ok((self.text.get(start..self.at).ok_or(NotStrict)?, plain))
    }

    /// Passes over a string; gives what stands between its quotes when it has no escape.
    ///
    /// Most strings of a token are short, so what is rare is kept out of the way, and no call is made: it would cost more than the scan.
    #[inline(always)]
    fn string(&mut self) -> Result<Option<&'t str>, NotStrict> {
        self.expect(b'"')?;
        let start = self.at;
        let length = literal(self.bytes.get(start..).ok_or(NotStrict)?);
        let end = start.saturating_add(length);
        if length > self.limits.string || self.bytes.get(end) != Some(&b'"') {
            return self.string_with_escapes().map(|()| None);
        }
        self.at = end.saturating_add(1);
        self.text.get(start..end).map(Some).ok_or(NotStrict)
    }

    /// The rest of a string from behind its first quote.
    #[cold]
    fn string_with_escapes(&mut self) -> Result<(), NotStrict> {
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..).ok_or(NotStrict)?;
            self.at = self.at.saturating_add(literal(rest));
            if self.at.saturating_sub(start) > self.limits.string {
                return Err(NotStrict);
            }
            if self.take(b'"') {
                return Ok(());
            }
            // A control character is neither, and has to be escaped (RFC 8259 §7).
            self.expect(b'\\')?;
            self.escape()?;
        }
    }

    /// What follows a backslash. A surrogate has to be one half of a pair: half a character is no Unicode text.
    #[cold]
    fn escape(&mut self) -> Result<(), NotStrict> {
        let kind = self.peek().ok_or(NotStrict)?;
        self.step();
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => match self.hexadecimal()? {
                0xD800..=0xDBFF => {
                    self.expect(b'\\')?;
                    self.expect(b'u')?;
                    if matches!(self.hexadecimal()?, 0xDC00..=0xDFFF) { Ok(()) } else { Err(NotStrict) }
                }
                0xDC00..=0xDFFF => Err(NotStrict),
                _ => Ok(()),
            },
            _ => Err(NotStrict),
        }
    }

    fn hexadecimal(&mut self) -> Result<u16, NotStrict> {
        let end = self.at.saturating_add(4);
        let digits = self.text.get(self.at..end).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())).ok_or(NotStrict)?;
        self.at = end;
        u16::from_str_radix(digits, 16).map_err(|_| NotStrict)
    }

    /// RFC 8259 §6: no leading zero, no plus, a digit on each side of the point.
    #[inline]
    fn number(&mut self) -> Result<(), NotStrict> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        if self.at.saturating_sub(start) > self.limits.string { Err(NotStrict) } else { Ok(()) }
    }

    #[inline]
    fn digits(&mut self) -> Result<(), NotStrict> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.step();
        }
        if self.at > start { Ok(()) } else { Err(NotStrict) }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), NotStrict> {
        let end = self.at.saturating_add(word.len());
        if self.bytes.get(self.at..end) != Some(word) {
            return Err(NotStrict);
        }
        self.at = end;
        Ok(())
    }

    /// A nested object, names compared here: quadratic in at most `members`, and linear scanning beats hashing at these sizes.
    fn object(&mut self, depth: usize) -> Result<(), NotStrict> {
        let depth = depth.checked_sub(1).ok_or(NotStrict)?;
        let mut names: SmallVec<[Cow<'t, str>; 8]> = SmallVec::new();
        self.step();
        self.white_space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.white_space();
            let name = self.name()?;
            if names.len() >= self.limits.members || names.contains(&name) {
                return Err(NotStrict);
            }
            names.push(name);
            self.value(depth)?;
            self.white_space();
            if self.take(b'}') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), NotStrict> {
        let depth = depth.checked_sub(1).ok_or(NotStrict)?;
        self.step();
        self.white_space();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.white_space();
            self.value(depth)?;
            self.white_space();
            if self.take(b']') {
                return Ok(());
            }
            self.expect(b',')?;
        }
    }
}
