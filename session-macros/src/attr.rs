//! The syntax of attributes: `#[claims(…)]` and `#[claim(…)]` become lists of words with values; what they mean is decided later.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Expr, LitInt, Meta, Token, Type,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
    token,
};

use crate::{
    diag::{Diagnostics, nearest},
    serde::{self, OfSerde},
    vocab::{Takes, Vocabulary},
};

/// One word as it was typed, with its value.
pub(crate) struct Item<W> {
    pub(crate) word: W,
    pub(crate) typed: Ident,
    /// Whether `#[serde(…)]` says it.
    pub(crate) by_serde: bool,
    pub(crate) value: Value,
}

/// What stands behind a word.
pub(crate) enum Value {
    Nothing,
    One(Expr),
    Several(Vec<Expr>),
    Types(Vec<Type>),
    Version(LitInt, Option<Type>),
    /// Of serde's `rename`: for reading, and for writing.
    Split(Option<Expr>, Option<Expr>),
}

impl<W> Item<W> {
    /// The values; always as many as the word takes.
    pub(crate) fn values(&self) -> &[Expr] {
        match &self.value {
            Value::One(value) => std::slice::from_ref(value),
            Value::Several(values) => values,
            Value::Nothing | Value::Types(_) | Value::Version(..) | Value::Split(..) => &[],
        }
    }

    /// The values as they were written.
    pub(crate) fn value_tokens(&self) -> TokenStream {
        let values = self.values();
        quote!(#(#values)*)
    }

    /// The types of a word that takes types.
    pub(crate) fn types(&self) -> &[Type] {
        match &self.value {
            Value::Types(types) => types,
            _ => &[],
        }
    }

    /// The number of `version`, and the older type.
    pub(crate) fn version(&self) -> Option<(&LitInt, Option<&Type>)> {
        match &self.value {
            Value::Version(number, older) => Some((number, older.as_ref())),
            _ => None,
        }
    }

    /// What is said for reading, and for writing, where it is not one value for both.
    pub(crate) fn split(&self) -> [Option<&Expr>; 2] {
        match &self.value {
            Value::Split(read, write) => [read.as_ref(), write.as_ref()],
            _ => [None, None],
        }
    }
}

/// The words of one struct or field, each at most once.
pub(crate) struct Words<W>(Vec<Item<W>>);

impl<W: OfSerde> Words<W> {
    pub(crate) fn get(&self, word: W) -> Option<&Item<W>> {
        self.iter().find(|item| item.word == word)
    }

    pub(crate) fn has(&self, word: W) -> bool {
        self.get(word).is_some()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Item<W>> {
        self.0.iter()
    }

    /// Reads all attributes of one position; `Other` are the words of the other one.
    pub(crate) fn parse<Other: Vocabulary>(attributes: &[Attribute], diag: &mut Diagnostics) -> Self {
        let mut words = Self(Vec::new());
        for attribute in attributes {
            if attribute.path().is_ident(W::ATTRIBUTE) {
                words.read::<Other>(&attribute.meta, diag);
            } else if attribute.path().is_ident(Other::ATTRIBUTE) {
                misplaced::<W, Other>(&attribute.meta, diag);
            } else if attribute.path().is_ident("serde") {
                serde::read(&mut words, &attribute.meta, diag);
            }
        }
        words
    }

    fn read<Other: Vocabulary>(&mut self, meta: &Meta, diag: &mut Diagnostics) {
        let Meta::List(list) = meta else {
            diag.error(meta, format!("`#[{}]` needs words in parentheses", W::ATTRIBUTE), W::accepted());
            // Whatever the struct lacks now may be what stands here.
            return W::ALL.iter().for_each(|word| diag.note_meant(word.text()));
        };
        let items = |input: ParseStream<'_>| {
            while !input.is_empty() {
                // A mistake in one word hides none in the words after it.
                if self.item::<Other>(input, diag).is_none() {
                    while !at_end(input) {
                        input.parse::<TokenTree>()?;
                    }
                }
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(())
        };
        if let Err(error) = items.parse2(list.tokens.clone()) {
            diag.error(&list.path, error, W::accepted());
        }
    }

    /// Reads one word with its value; `None` when a mistake is recorded, somewhere before the next comma.
    fn item<Other: Vocabulary>(&mut self, input: ParseStream<'_>, diag: &mut Diagnostics) -> Option<()> {
        let Ok(typed) = input.call(Ident::parse_any) else {
            let found = next(input);
            diag.error(&found, format!("expected a {}, found `{found}`", W::KIND), W::accepted());
            return None;
        };
        let text = typed.unraw().to_string();
        let Some(word) = W::find(&text) else {
            unknown::<W, Other>(&typed, &text, diag);
            return None;
        };
        let Some(value) = value(word, &typed, input, diag) else {
            diag.note_meant(word.text());
            return None;
        };
        self.add(Item { word, typed, by_serde: false, value }, diag);
        Some(())
    }

    /// Adds a word that is there once, unless it is serde's `alias`, which may be there several times.
    pub(crate) fn add(&mut self, item: Item<W>, diag: &mut Diagnostics) {
        let Some(first) = self.0.iter_mut().find(|first| first.word == item.word) else { return self.0.push(item) };
        let attribute = |item: &Item<W>| format!("`#[{}({})]`", if item.by_serde { "serde" } else { W::ATTRIBUTE }, item.typed);
        match (&mut first.value, item.value) {
            (Value::Several(names), Value::Several(more)) if first.by_serde && item.by_serde => names.extend(more),
            (_, value) if first.by_serde != item.by_serde => {
                let item = Item { value, ..item };
                let wrong = format!("{} and {} say one thing twice", attribute(&item), attribute(first));
                diag.error(&item.typed, wrong, "keep one of them: what `#[serde(…)]` says holds for claims, too");
                diag.also(&first.typed, format!("{} is here", attribute(first)));
            }
            _ => {
                let kind = if item.by_serde { "serde attribute" } else { W::KIND };
                diag.error(&item.typed, format!("duplicate {kind} `{}`", item.typed.unraw()), "write it once");
            }
        }
    }
}

/// Reads what follows a word; `None` when that is not what the word takes.
fn value<W: Vocabulary>(word: W, typed: &Ident, input: ParseStream<'_>, diag: &mut Diagnostics) -> Option<Value> {
    let text = word.text();
    let help = format!("write `{}`", word.form());
    let start = input.fork();
    let Ok(value) = any_value(word.takes(), input) else {
        let broken = start.parse::<Option<Token![=]>>().map(|_| next(&start)).unwrap_or_default();
        let (wrong, broken) = match word.takes() {
            _ if at_end(&start) => (format!("cannot read the value of `{text}`"), typed.to_token_stream()),
            Takes::Type(what) | Takes::Types(what) | Takes::Version(what) => (format!("`{text}` takes {what}"), broken),
            _ => (format!("cannot read the value of `{text}`"), broken),
        };
        diag.error(&broken, wrong, help);
        return None;
    };
    if !at_end(input) {
        let found = next(input);
        if input.peek(Ident::peek_any) {
            diag.error(&found, format!("expected a comma after `{text}`"), "separate words by commas");
        } else {
            diag.error(&found, format!("expected a comma after `{text}`, found `{found}`"), help);
            return None;
        }
    }
    fitting(word, typed, value, diag)
}

/// The value, when it is what the word takes.
pub(crate) fn fitting<W: Vocabulary>(word: W, typed: &Ident, value: Value, diag: &mut Diagnostics) -> Option<Value> {
    let wrong = match (&value, word.takes()) {
        (Value::Nothing, Takes::Nothing | Takes::NothingOrOne(_))
        | (Value::One(_), Takes::One(_) | Takes::NothingOrOne(_) | Takes::OneOrSeveral(_)) => return Some(value),
        (Value::Several(values), Takes::OneOrSeveral(_) | Takes::Several(_)) if !values.is_empty() => return Some(value),
        (Value::Types(types), Takes::Type(_)) if types.len() > 1 => "takes one type",
        (Value::Types(_), Takes::Type(_) | Takes::Types(_)) | (Value::Version(..), Takes::Version(_)) => return Some(value),
        (Value::One(_), Takes::Several(_)) => "takes its values in parentheses",
        (_, Takes::Nothing) => "takes no value",
        (Value::Several(values), Takes::One(_) | Takes::NothingOrOne(_)) if !values.is_empty() => "takes one value",
        _ => "needs a value",
    };
    let wrong = format!("`{typed}` {wrong}");
    let help = format!("write `{}`", word.form());
    match &value {
        Value::One(value) => diag.error(value, wrong, help),
        Value::Several(values) if !values.is_empty() => diag.error(&quote!(#(#values)*), wrong, help),
        Value::Types(types) => diag.error(&quote!(#(#types)*), wrong, help),
        _ => diag.error(typed, wrong, help),
    }
    None
}

fn any_value(takes: Takes, input: ParseStream<'_>) -> syn::Result<Value> {
    if let Takes::Version(_) = takes {
        return version(input);
    }
    if input.parse::<Option<Token![=]>>()?.is_some() {
        if let Takes::Type(_) | Takes::Types(_) = takes {
            return Punctuated::<Type, Token![|]>::parse_separated_nonempty(input).map(|types| Value::Types(types.into_iter().collect()));
        }
        input.parse().map(|value| Value::One(ungrouped(value)))
    } else if input.peek(token::Paren) {
        let values = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(parenthesized(input)?)?;
        Ok(Value::Several(values.into_iter().map(ungrouped).collect()))
    } else {
        Ok(Value::Nothing)
    }
}

/// The tokens in parentheses, for a parser of their own: what it leaves behind is its mistake, and not one of the whole attribute.
fn parenthesized(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let content;
    syn::parenthesized!(content in input);
    content.parse()
}

/// `(2)` or `(2, from = Older)`
fn version(input: ParseStream<'_>) -> syn::Result<Value> {
    let content = parenthesized(input)?;
    let parts = |content: ParseStream<'_>| {
        let number = content.parse()?;
        let mut older = None;
        if content.parse::<Option<Token![,]>>()?.is_some() && !content.is_empty() {
            let from: Ident = content.parse()?;
            if from != "from" {
                return Err(syn::Error::new_spanned(from, "not `from`"));
            }
            content.parse::<Token![=]>()?;
            older = Some(content.parse()?);
            content.parse::<Option<Token![,]>>()?;
        }
        Ok(Value::Version(number, older))
    };
    parts.parse2(content)
}

/// Whether a word ends here.
fn at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

/// A struct that `macro_rules!` has made holds its `$literal`s in invisible groups.
pub(crate) fn ungrouped(value: Expr) -> Expr {
    match value {
        Expr::Group(group) => ungrouped(*group.expr),
        value => value,
    }
}

/// The next token as it stands; nothing at the end.
fn next(input: ParseStream<'_>) -> TokenStream {
    input.fork().parse::<TokenTree>().map(TokenTree::into_token_stream).unwrap_or_default()
}

fn unknown<W: Vocabulary, Other: Vocabulary>(typed: &Ident, text: &str, diag: &mut Diagnostics) {
    if let Some(other) = Other::find(text) {
        let here = nearest::<W>(text).map(|word| format!(", or `{}` on {}", word.text(), W::PLACE)).unwrap_or_default();
        let help = format!("write `#[{}({})]` on {}{here}", Other::ATTRIBUTE, other.form(), Other::PLACE);
        diag.error(typed, format!("`{text}` belongs on {}", Other::PLACE), help);
        diag.note_meant(other.text());
        return;
    }
    let near = nearest::<W>(text);
    let meant = near.map(|word| format!("did you mean `{}`? ", word.text())).unwrap_or_default();
    diag.error(typed, format!("unknown {} `{text}`", W::KIND), format!("{meant}{}", W::accepted()));
    near.into_iter().for_each(|word| diag.note_meant(word.text()));
}

/// The attribute of the other position, as a whole.
fn misplaced<W: Vocabulary, Other: Vocabulary>(meta: &Meta, diag: &mut Diagnostics) {
    let help = format!("{} takes `#[{}(…)]`", W::PLACE, W::ATTRIBUTE);
    diag.error(meta.path(), format!("`#[{}]` belongs on {}", Other::ATTRIBUTE, Other::PLACE), help);
    for (text, _) in words_of(meta) {
        W::find(&text).into_iter().for_each(|word| diag.note_meant(word.text()));
        Other::find(&text).into_iter().for_each(|word| diag.note_meant(word.text()));
    }
}

/// The words of any list attribute, each with all of its tokens.
fn words_of(meta: &Meta) -> Vec<(String, TokenStream)> {
    let Meta::List(list) = meta else { return Vec::new() };
    let tokens: Vec<TokenTree> = list.tokens.clone().into_iter().collect();
    tokens
        .split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','))
        .filter_map(|part| Some((part.first()?.to_string(), part.iter().cloned().collect())))
        .collect()
}

#[cfg(test)]
mod tests;
