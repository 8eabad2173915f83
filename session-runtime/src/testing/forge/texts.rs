//! Good tokens whose text was damaged.

use super::{
    Answer, Bad, FixedKeys,
    workshop::{Workshop, base64, unbase64},
};
use crate::{
    error::IssueError,
    format::{Envelope, Parts},
};

impl<F: FixedKeys> Workshop<F> {
    pub(super) fn forge_texts(&mut self) -> Result<(), IssueError> {
        let (good, limit) = (self.token.clone(), self.tools.length);
        let last = good.rsplit('.').next().unwrap_or_default();
        // One more character begins a group of four, which cannot be of one; elsewhere it is one more byte, which belongs to a JSON
        // text where it is a footer's.
        let footer = matches!(Parts::split(&good, limit), Ok(Parts::Paseto { footer, .. }) if !footer.is_empty());
        let longer = if footer || last.len().is_multiple_of(GROUP) { Answer::Malformed } else { Answer::BadSeal };
        self.add(Bad::OneCharacterMore, None, longer, format!("{good}A"));
        self.add(Bad::Padded, None, Answer::Malformed, format!("{good}="));
        self.add(Bad::SpaceBefore, None, Answer::Malformed, format!(" {good}"));
        self.add(Bad::SpaceAfter, None, Answer::Malformed, format!("{good} "));
        self.add(Bad::TooManyParts, None, Answer::Malformed, format!("{good}.AAAA.AAAA"));
        self.add(Bad::Empty, None, Answer::Malformed, String::new());
        let missing = limit.saturating_add(1).saturating_sub(good.len());
        self.add(Bad::TooLong, None, Answer::Malformed, format!("{good}{}", "A".repeat(missing)));
        match Parts::split(&good, limit) {
            Ok(Parts::Jws { header, payload, signature, .. }) => self.forge_jws_texts(header, payload, signature)?,
            Ok(Parts::Paseto { version, body, .. }) => self.forge_paseto_texts(version, body)?,
            Err(_) => {}
        }
        Ok(())
    }

    fn forge_jws_texts(&mut self, header: &str, payload: &str, signature: &str) -> Result<(), IssueError> {
        self.cut(Answer::Malformed, header);
        self.cut(Answer::Malformed, &format!("{header}.{}", half(payload)));
        self.cut(Answer::Malformed, &format!("{header}.{payload}"));
        self.cut(Answer::BadSeal, &format!("{header}.{payload}.{}", half(signature)));
        self.add(Bad::TooFewParts, None, Answer::Malformed, format!("{payload}.{signature}"));
        self.add(Bad::AnotherFormat, None, Answer::Malformed, format!("v2.local.{payload}.{signature}"));
        let json = format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#);
        self.add(Bad::JsonSerialization, None, Answer::Malformed, json);
        // A seal of whole groups of four has no loose bits; the header then gets a space until it has some, and is sealed so.
        if let Some(signature) = respelled(signature) {
            self.add(Bad::AnotherSpelling, None, Answer::Malformed, format!("{header}.{payload}.{signature}"));
            return Ok(());
        }
        let text = String::from_utf8(unbase64(header)).unwrap_or_default();
        let mut spaced = (0..GROUP).map(|spaces| base64(text.replacen('{', &format!("{{{}", " ".repeat(spaces)), 1)));
        if let Some(header) = spaced.find_map(|header| respelled(&header)) {
            let token = self.seal_in(&self.bytes, &Envelope { text: header.into(), ..self.tools.envelope() })?;
            self.add(Bad::AnotherSpelling, None, Answer::Malformed, token);
        }
        Ok(())
    }

    fn forge_paseto_texts(&mut self, version: &str, body: &str) -> Result<(), IssueError> {
        self.cut(Answer::Malformed, version.trim_end_matches('.'));
        // What is cut off names the key, too.
        self.cut(if self.tools.named { Answer::UnknownKey } else { Answer::BadSeal }, &format!("{version}{}", half(body)));
        self.add(Bad::TooFewParts, None, Answer::Malformed, version.trim_end_matches('.').to_owned());
        let rest = self.token.strip_prefix(version).unwrap_or_default().to_owned();
        self.add(Bad::AnotherFormat, None, Answer::Malformed, format!("v2.local.{rest}"));
        // A space in the payload makes a body of another length, if this one has no loose bits.
        for spaces in 0..GROUP {
            let payload = self.payload.text().replacen('{', &format!("{{{}", " ".repeat(spaces)), 1);
            let token = self.seal(payload.as_bytes())?;
            let Ok(Parts::Paseto { body, footer, .. }) = Parts::split(&token, self.tools.length) else { break };
            if let Some(body) = respelled(body) {
                let end = if footer.is_empty() { String::new() } else { format!(".{footer}") };
                self.add(Bad::AnotherSpelling, None, Answer::Malformed, format!("{version}{body}{end}"));
                break;
            }
        }
        Ok(())
    }

    fn cut(&mut self, answer: Answer, text: &str) {
        self.add(Bad::Truncated, None, answer, text.to_owned());
    }
}

/// The first half of a part, in whole groups of four, so that it is still base64url.
fn half(part: &str) -> &str {
    let groups = part.len().div_euclid(GROUP).div_euclid(2);
    part.get(..groups.saturating_mul(GROUP)).unwrap_or_default()
}

/// The same bytes in another spelling, for a lax reader: the last character holds two or four bits that say nothing.
fn respelled(part: &str) -> Option<String> {
    if part.len().is_multiple_of(GROUP) {
        return None;
    }
    let (before, last) = part.split_at_checked(part.len().checked_sub(1)?)?;
    let at = ALPHABET.find(last)?;
    // The bits are zero, so the index is even.
    let other = ALPHABET.get(at.checked_add(1)?..at.checked_add(2)?)?;
    Some(format!("{before}{other}"))
}

/// Characters that stand for three bytes.
const GROUP: usize = 4;
const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
