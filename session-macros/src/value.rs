//! What the values of attributes mean: texts, durations, paths and cases.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, ExprPath, ExprRange, ExprUnary, Lit, LitStr, Path, RangeLimits, UnOp, token::PathSep};

use crate::{
    attr::{Item, ungrouped},
    case::Case,
    diag::Diagnostics,
    vocab::{FieldWord, Takes, Vocabulary},
};

/// A text, known while deriving or in a constant.
pub(crate) enum Text {
    Literal(LitStr),
    Constant(ExprPath),
}

/// A duration, known while deriving or in a constant.
pub(crate) enum Life {
    Literal(LitStr, u64),
    Constant(ExprPath),
}

/// A range of numbers, as it was written.
pub(crate) struct Range {
    pub(crate) least: Option<Expr>,
    pub(crate) most: Option<Expr>,
    pub(crate) exclusive: bool,
}

impl Life {
    /// The literal and its seconds.
    pub(crate) fn known(&self) -> Option<(&LitStr, u64)> {
        match self {
            Self::Literal(literal, seconds) => Some((literal, *seconds)),
            Self::Constant(_) => None,
        }
    }
}

impl ToTokens for Text {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(literal) => literal.to_tokens(tokens),
            Self::Constant(path) => path.to_tokens(tokens),
        }
    }
}

impl ToTokens for Life {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(_, seconds) => {
                let seconds = Literal::u64_unsuffixed(*seconds);
                tokens.extend(quote!(__rt::Duration::from_secs(#seconds)));
            }
            Self::Constant(path) => path.to_tokens(tokens),
        }
    }
}

/// All values of a word as texts.
pub(crate) fn texts<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Vec<Text> {
    let Some(item) = item else { return Vec::new() };
    let read = |value: &Expr| match value {
        Expr::Path(path) => Some(Text::Constant(path.clone())),
        value => string(value).map(|literal| Text::Literal(literal.clone())).or_else(|| refuse(item, value, diag)),
    };
    item.values().iter().filter_map(read).collect()
}

/// The value of a word as a string in the attribute itself.
pub(crate) fn literal<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Option<LitStr> {
    let (item, value) = only(item)?;
    string(value).cloned().or_else(|| refuse(item, value, diag))
}

/// The value of a word that serde lets differ between reading and writing.
pub(crate) fn split<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> [Option<LitStr>; 2] {
    let Some(item) = item else { return [None, None] };
    if let [_] = item.values() {
        let both = literal(Some(item), diag);
        return [both.clone(), both];
    }
    item.split().map(|value| value.and_then(|value| string(value).cloned().or_else(|| refuse(item, value, diag))))
}

/// All values of a word as strings in the attribute itself.
pub(crate) fn literals<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Vec<LitStr> {
    let Some(item) = item else { return Vec::new() };
    item.values().iter().filter_map(|value| string(value).cloned().or_else(|| refuse(item, value, diag))).collect()
}

/// The names of a path: one string with dots between them, or each in a string of its own, which may hold dots.
pub(crate) fn segments<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Vec<String> {
    match literals(item, diag).as_slice() {
        [one] => one.value().split('.').map(str::to_owned).collect(),
        several => several.iter().map(LitStr::value).collect(),
    }
}

/// The value of a word as a number or the path of a constant.
pub(crate) fn number<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Option<Expr> {
    let (item, value) = only(item)?;
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(_), .. }) | Expr::Path(_) => Some(value.clone()),
        _ => refuse(item, value, diag),
    }
}

/// The value of a word as a range of numbers.
pub(crate) fn range<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Option<Range> {
    let (item, value) = only(item)?;
    let Expr::Range(ExprRange { start, end, limits, .. }) = value else { return refuse(item, value, diag) };
    let mut end_of = |end: &Option<Box<Expr>>| match end.as_ref().map(|end| ungrouped((**end).clone())) {
        Some(end) if !matches!(end, Expr::Path(_)) && integer(&end).is_none() => {
            diag.error(&end, "`range` takes whole numbers of 64 bits", format!("write `{}`, or the path of an `i64`", item.word.form()));
            Err(())
        }
        end => Ok(end),
    };
    let (least, most) = (end_of(start), end_of(end));
    Some(Range { least: least.ok()?, most: most.ok()?, exclusive: matches!(limits, RangeLimits::HalfOpen(_)) })
}

/// A literal of the type that the runtime compares, with its sign.
pub(crate) fn integer(value: &Expr) -> Option<i64> {
    let (sign, literal) = match value {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => ("-", &**expr),
        value => ("", value),
    };
    match literal {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) if matches!(literal.suffix(), "" | "i64") => {
            format!("{sign}{}", literal.base10_digits()).parse().ok()
        }
        _ => None,
    }
}

/// The value of a word as names without quotes.
pub(crate) fn names<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Vec<Ident> {
    let Some(item) = item else { return Vec::new() };
    let name = |value: &Expr| match value {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    item.values().iter().filter_map(|value| name(value).or_else(|| refuse(item, value, diag))).collect()
}

/// The value of a word as a duration.
pub(crate) fn life<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Option<Life> {
    let (item, value) = only(item)?;
    if let Expr::Path(path) = value {
        return Some(Life::Constant(path.clone()));
    }
    let Some(literal) = string(value) else { return refuse(item, value, diag) };
    let seconds = seconds(&literal.value());
    if seconds.is_none() {
        let help = "write digits and one of `s`, `m`, `h`, `d`, as in `15m`";
        diag.error(literal, format!("cannot read duration `{}`", literal.value()), help);
    }
    Some(Life::Literal(literal.clone(), seconds?))
}

/// The value of a word as the path of an item; a string is read as one.
pub(crate) fn path<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Option<ExprPath> {
    let (item, value) = only(item)?;
    let read = match value {
        Expr::Path(path) => Some(path.clone()),
        value => string(value).and_then(|literal| literal.parse().ok()),
    };
    read.or_else(|| refuse(item, value, diag))
}

/// The value of `crate`, as it was written and as what it has to be: a path that means the same inside of generated code.
pub(crate) fn crate_path<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Option<Path> {
    let mut found = path(item, diag)?.path;
    let first = found.segments.first().map(|first| first.ident.to_string()).unwrap_or_default();
    if found.leading_colon.is_none() && !matches!(first.as_str(), "crate" | "$crate") {
        let help = "generated code stands in a scope of its own; start the path with `::` or `crate`";
        diag.error(only(item)?.1, "`crate` needs an absolute path", help);
        // What was meant, so that the code that stands in finds it.
        found.leading_colon = (!matches!(first.as_str(), "self" | "super")).then(PathSep::default);
    }
    Some(found)
}

/// The value of `rename_all`: the case for reading and the one for writing.
pub(crate) fn cases<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> [Case; 2] {
    let [read, write] = split(item, diag);
    // One literal for both is one mistake.
    let same = matches!(item, Some(item) if item.values().len() == 1);
    let mut case = |literal: Option<LitStr>| literal.and_then(|literal| case(&literal, diag));
    let read = case(read);
    let write = if same { read } else { case(write) };
    [read, write].map(Option::unwrap_or_default)
}

fn case(literal: &LitStr, diag: &mut Diagnostics) -> Option<Case> {
    let found = Case::ALL.iter().find(|(name, _)| *name == literal.value());
    if found.is_none() {
        let names: Vec<_> = Case::ALL.iter().map(|(name, _)| *name).collect();
        diag.error(literal, format!("unknown case `{}`", literal.value()), format!("write one of {}", names.join(", ")));
    }
    found.map(|(_, case)| *case)
}

/// The value of `namespace`, unless nothing good could come of it.
pub(crate) fn namespace<W: Vocabulary>(item: Option<&Item<W>>, diag: &mut Diagnostics) -> Option<LitStr> {
    let literal = literal(item, diag)?;
    let value = literal.value();
    let wrong = match value.chars().last() {
        // On a field it takes the struct's off; on the struct there is nothing to take off.
        None if W::ATTRIBUTE == FieldWord::ATTRIBUTE => return Some(literal),
        None => "`namespace` is empty".to_owned(),
        Some(_) if value.contains(needs_escape) => format!("namespace `{}` would need an escape", value.escape_debug()),
        // `https://example.comroles` is what nobody meant.
        Some(last) if last.is_alphanumeric() => format!("namespace `{value}` runs into the names behind it"),
        Some(_) => return Some(literal),
    };
    diag.error(&literal, wrong, "write what stands before every name, to its last sign, as in `namespace = \"https://example.com/\"`");
    None
}

/// What the writer, which copies names as they are, cannot copy.
pub(crate) fn needs_escape(letter: char) -> bool {
    letter.is_control() || matches!(letter, '"' | '\\')
}

fn only<W>(item: Option<&Item<W>>) -> Option<(&Item<W>, &Expr)> {
    item.and_then(|item| Some((item, item.values().first()?)))
}

fn string(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) => Some(literal),
        _ => None,
    }
}

/// Records that a value is of the wrong kind.
fn refuse<W: Vocabulary, T>(item: &Item<W>, value: &Expr, diag: &mut Diagnostics) -> Option<T> {
    let (text, form) = (item.word.text(), item.word.form());
    let (what, several) = match item.word.takes() {
        Takes::Nothing => ("no value", String::new()),
        Takes::One(what) | Takes::NothingOrOne(what) => (what, String::new()),
        Takes::OneOrSeveral(what) => (what, format!(", or `{text}(…, …)` for several")),
        Takes::Several(what) | Takes::Type(what) | Takes::Types(what) | Takes::Version(what) => (what, String::new()),
    };
    diag.error(value, format!("`{text}` takes {what}"), format!("write `{form}`{several}"));
    None
}

/// `15m` in seconds.
fn seconds(text: &str) -> Option<u64> {
    let unit = match text.bytes().last()? {
        b's' => 1,
        b'm' => 60,
        b'h' => 60 * 60,
        b'd' => 24 * 60 * 60,
        _ => return None,
    };
    let digits = text.get(..text.len().checked_sub(1)?)?;
    // `parse` alone would take a sign.
    let number: u64 = digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())??;
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use syn::{DeriveInput, parse_quote};

    use super::*;
    use crate::derive::derive;

    /// `path` is a mistake, and what stands in looks for the runtime in `meant`.
    #[track_caller]
    fn check(path: &str, meant: &str) {
        let input: DeriveInput = parse_quote! { #[claims(untyped, never_expires, crate = #path)] struct Access {} };
        let expansion = derive(&input).to_string();
        assert!(expansion.contains("`crate` needs an absolute path"), "{expansion}");
        assert!(expansion.contains(&format!("use {meant} :: __private as __rt")), "{expansion}");
    }

    #[test]
    fn a_relative_path_of_the_runtime_is_read_as_it_was_meant() {
        check("renamed", ":: renamed");
        check("self::runtime", "self :: runtime");
        check("super::runtime", "super :: runtime");
    }

    #[test]
    fn durations_are_digits_and_a_unit() {
        for (text, want) in [("0s", 0), ("1s", 1), ("15m", 900), ("12h", 43_200), ("7d", 604_800)] {
            assert_eq!(seconds(text), Some(want), "{text}");
        }
        for refused in
            ["", "s", "15", "15 m", "15mins", "1h30m", "-1s", "+1s", "1.5h", "1M", "١s", "99999999999999999999s", "213503982334602d"]
        {
            assert_eq!(seconds(refused), None, "{refused}");
        }
    }
}
