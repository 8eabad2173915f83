//! Collects mistakes, so that all of a struct are reported at once, and finds the word that was meant.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

use crate::vocab::{SAID_ELSEWHERE, Vocabulary};

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Diagnostics {
    mistakes: Option<Error>,
    meant: Vec<&'static str>,
}

impl Diagnostics {
    /// Records a mistake: where, what is wrong in words of the grammar, and the way out, without which no mistake is recorded.
    pub(crate) fn error(&mut self, at: &impl ToTokens, wrong: impl Display, help: impl Display) {
        // `compile_error!` has no help lines of its own; the indent puts this one below the text of the first.
        self.add(at.to_token_stream(), format!("{wrong}\nhelp: {help}"));
    }

    /// Records the other place of the mistake that was recorded before.
    pub(crate) fn also(&mut self, at: &impl ToTokens, note: impl Display) {
        self.add(at.to_token_stream(), note.to_string());
    }

    fn add(&mut self, at: TokenStream, text: String) {
        let mistake = Error::new_spanned(at, text);
        match &mut self.mistakes {
            Some(mistakes) => mistakes.combine(mistake),
            none => *none = Some(mistake),
        }
    }

    /// Notes a word that is recorded as mistyped, misplaced or malformed, so that nobody is told it is missing as well.
    pub(crate) fn note_meant(&mut self, word: &'static str) {
        self.meant.push(word);
    }

    /// Whether the user has tried to write one of `words`.
    pub(crate) fn meant(&self, words: &[&str]) -> bool {
        self.meant.iter().any(|meant| words.contains(meant))
    }

    /// What was recorded, in its order, each with the line and the column of its first letter.
    #[cfg(test)]
    pub(crate) fn messages(self) -> impl Iterator<Item = (String, String)> {
        let place = |mistake: &Error| (mistake.span().start().line, mistake.span().start().column.saturating_add(1));
        self.mistakes.into_iter().flatten().map(move |mistake| {
            let (line, column) = place(&mistake);
            (mistake.to_string(), format!("{line}:{column}"))
        })
    }

    /// The first lines of what was recorded.
    #[cfg(test)]
    pub(crate) fn first_lines(self) -> Vec<String> {
        self.messages().map(|(message, _)| message.lines().next().unwrap_or_default().to_owned()).collect()
    }

    /// All mistakes, if there are any.
    pub(crate) fn finish(self) -> Option<TokenStream> {
        self.mistakes.map(|mistakes| mistakes.to_compile_error())
    }
}

/// The nearest word of a vocabulary, if one is near enough to be meant.
pub(crate) fn nearest<W: Vocabulary>(typed: &str) -> Option<W> {
    let limit = (typed.len() / 3).clamp(1, 3);
    let near = W::ALL.iter().copied().map(|word| (distance(typed, word.text()), word)).filter(|(distance, _)| *distance <= limit);
    let elsewhere = || SAID_ELSEWHERE.iter().find(|(other, _)| *other == typed).and_then(|(_, ours)| W::find(ours));
    // `subject` for `sub` is too far to count as mistyped, and is still clear.
    let longer = |word: &W| typed.len() >= 3 && (typed.starts_with(word.text()) || word.text().starts_with(typed));
    near.min_by_key(|(distance, _)| *distance).map(|(_, word)| word).or_else(elsewhere).or_else(|| W::ALL.iter().copied().find(longer))
}

/// The nearest of some names, if one is near enough to be meant.
pub(crate) fn nearest_of(typed: &str, names: &[&'static str]) -> Option<&'static str> {
    let near = names.iter().map(|name| (distance(typed, name), *name)).filter(|(distance, _)| *distance <= 1);
    let longer = || names.iter().copied().find(|name| typed.starts_with(name));
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name).or_else(longer)
}

/// Levenshtein's distance, except that letters in the wrong order are one mistake (`usb`).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i.saturating_add(1);
        let mut cells = row.iter_mut();
        if let Some(first) = cells.next() {
            *first = left;
        }
        for (cell, y) in cells.zip(b.bytes()) {
            let above = *cell;
            left = diagonal.saturating_add(usize::from(x != y)).min(above.min(left).saturating_add(1));
            diagonal = std::mem::replace(cell, left);
        }
    }
    let sorted = |text: &str| {
        let mut letters: Vec<u8> = text.bytes().collect();
        letters.sort_unstable();
        letters
    };
    if a != b && sorted(a) == sorted(b) { 1 } else { row.last().copied().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::{FieldWord, Setting};

    #[track_caller]
    fn check<W: Vocabulary>(typed: &str, want: Option<&str>) {
        assert_eq!(nearest::<W>(typed).map(W::text), want, "{typed}");
    }

    #[test]
    fn a_mistyped_word_suggests_the_nearest() {
        check::<FieldWord>("isss", Some("iss"));
        check::<FieldWord>("usb", Some("sub"));
        check::<FieldWord>("epx", Some("exp"));
        check::<FieldWord>("renmae", Some("rename"));
        check::<FieldWord>("defualt", Some("default"));
        check::<FieldWord>("subject", Some("sub"));
        check::<Setting>("isuer", Some("issuer"));
        check::<Setting>("audiance", Some("audience"));
        check::<Setting>("tokenType", Some("token_type"));
        check::<Setting>("typ", Some("token_type"));
        check::<Setting>("expires_in", Some("ttl"));
        check::<Setting>("deny_unknown_fields", Some("deny_unknown"));
    }

    #[test]
    fn a_foreign_word_suggests_nothing() {
        check::<FieldWord>("encrypted", None);
        check::<FieldWord>("x", None);
        check::<Setting>("algorithm", None);
        // Never the word that takes the protection away.
        check::<Setting>("exp", None);
        check::<Setting>("expire", None);
        check::<Setting>("", None);
    }
}
