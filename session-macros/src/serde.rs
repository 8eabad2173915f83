//! `#[serde(…)]` on a struct that has it already: words that mean something for claims become the derive's own, and any other one is a
//! mistake, since serde's derive does not read these structs and nobody else would say that the word has no effect.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, ExprAssign, Meta, Token, parse::Parser, punctuated::Punctuated};

use crate::{
    attr::{Item, Value, Words, fitting, ungrouped},
    diag::Diagnostics,
    vocab::{FieldWord, Setting, Vocabulary},
};

/// What serde's words mean for the words of one position.
pub(crate) trait OfSerde: Vocabulary {
    /// What they are called here.
    const HONOURED: &'static [(&'static str, Self)];
    /// Those that only concern the code that serde's derive writes.
    const IGNORED: &'static [&'static str];
    /// Those that mean nothing here, with the way out.
    const REFUSED: &'static [(&'static str, &'static str)];
}

impl OfSerde for Setting {
    const HONOURED: &'static [(&'static str, Self)] = &[("rename_all", Self::RenameAll), ("deny_unknown_fields", Self::DenyUnknown)];
    const IGNORED: &'static [&'static str] = &["crate", "bound"];
    const REFUSED: &'static [(&'static str, &'static str)] = &[
        ("default", "write `#[claim(default)]` on each field whose claim may be absent"),
        ("rename", "a token says what it is by `#[claims(token_type = \"at+jwt\")]`"),
        ("rename_all_fields", "write `#[claims(rename_all = \"camelCase\")]`"),
        ("tag", ONE_TYPE),
        ("content", ONE_TYPE),
        ("untagged", ONE_TYPE),
        ("transparent", "a token holds one JSON object; take the word off"),
        ("from", BY_FIELDS),
        ("try_from", BY_FIELDS),
        ("into", "claims are written from the fields; convert before you issue"),
        ("remote", "derive `Claims` on the struct itself"),
        ("expecting", "errors name the claim that does not fit; take the word off"),
    ];
}

impl OfSerde for FieldWord {
    const HONOURED: &'static [(&'static str, Self)] = &[
        ("rename", Self::Rename),
        ("alias", Self::Alias),
        ("default", Self::Default),
        ("skip", Self::Skip),
        ("skip_serializing_if", Self::SkipIf),
        ("with", Self::With),
        ("serialize_with", Self::WriteBy),
        ("deserialize_with", Self::ReadBy),
        ("flatten", Self::Flatten),
    ];
    // Whether a field borrows is seen by its type.
    const IGNORED: &'static [&'static str] = &["borrow", "bound"];
    const REFUSED: &'static [(&'static str, &'static str)] = &[
        ("skip_serializing", BOTH_WAYS),
        ("skip_deserializing", BOTH_WAYS),
        ("getter", "derive `Claims` on the struct itself"),
        ("other", "write `#[claim(flatten)]` on a map that takes unknown claims"),
        ("tag", ONE_TYPE),
        ("untagged", ONE_TYPE),
    ];
}

/// Adds what one attribute says.
pub(crate) fn read<W: OfSerde>(words: &mut Words<W>, meta: &Meta, diag: &mut Diagnostics) {
    let metas = meta.require_list().and_then(|list| Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone()));
    let Ok(metas) = metas else {
        let help = "write serde's words with commas between them, as in `#[serde(rename = \"org\", default)]`";
        return diag.error(meta, "cannot read `#[serde(…)]`", help);
    };
    for meta in metas {
        let Some(typed) = meta.path().get_ident() else {
            diag.error(meta.path(), "expected a serde attribute", W::accepted());
            continue;
        };
        let text = typed.to_string();
        if let Some((_, word)) = W::HONOURED.iter().find(|(of_serde, _)| *of_serde == text) {
            if let Some(value) = value(*word, typed, &meta, diag) {
                words.add(Item { word: *word, typed: typed.clone(), by_serde: true, value }, diag);
            }
        } else if !W::IGNORED.contains(&text.as_str()) {
            let help = W::REFUSED.iter().find(|(of_serde, _)| *of_serde == text);
            let help = help.map_or_else(W::accepted, |(_, help)| (*help).to_owned());
            diag.error(&meta, format!("`#[serde({text})]` means nothing for claims"), help);
        }
    }
}

/// The value of a word, in the form that the same value has in the derive's own attributes.
fn value<W: Vocabulary>(word: W, typed: &Ident, meta: &Meta, diag: &mut Diagnostics) -> Option<Value> {
    let value = match meta {
        Meta::Path(_) => Value::Nothing,
        Meta::NameValue(meta) if word.text() == FieldWord::Alias.text() => Value::Several(vec![ungrouped(meta.value.clone())]),
        Meta::NameValue(meta) => Value::One(ungrouped(meta.value.clone())),
        Meta::List(_) if [FieldWord::Rename.text(), Setting::RenameAll.text()].contains(&word.text()) => return split(word, meta, diag),
        Meta::List(list) => match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(list.tokens.clone()) {
            Ok(values) => Value::Several(values.into_iter().collect()),
            Err(_) => Value::Nothing,
        },
    };
    fitting(word, typed, value, diag)
}

/// `rename(serialize = "…", deserialize = "…")`
fn split<W: Vocabulary>(word: W, meta: &Meta, diag: &mut Diagnostics) -> Option<Value> {
    let list = meta.require_list().ok()?;
    let parts = Punctuated::<ExprAssign, Token![,]>::parse_terminated.parse2(list.tokens.clone()).unwrap_or_default();
    let part = |name: &str| {
        let mut parts = parts.iter().filter(|part| part.left.to_token_stream().to_string() == name);
        parts.next_back().map(|part| ungrouped((*part.right).clone()))
    };
    let (read, write) = (part("deserialize"), part("serialize"));
    if parts.is_empty() || usize::from(read.is_some()).saturating_add(usize::from(write.is_some())) != parts.len() {
        let text = word.text();
        let help = format!("write `{}`, or `{text}(serialize = \"…\", deserialize = \"…\")`", word.form());
        diag.error(meta, format!("cannot read the value of `{text}`"), help);
        return None;
    }
    Some(Value::Split(read, write))
}

const ONE_TYPE: &str = "claims are one struct; give each kind of token a type of its own, told apart by `token_type`";
const BY_FIELDS: &str = "claims are read by the fields; judge the whole with `#[claims(check = …)]`, or convert what was verified";
const BOTH_WAYS: &str = "a claim is written and read; write `#[claim(skip)]` for neither, or `#[claim(skip_if = …)]`";
