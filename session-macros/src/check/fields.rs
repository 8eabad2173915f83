//! Words of one field that contradict each other.

use syn::Type;

use crate::{
    ast::{Field, Kind},
    diag::Diagnostics,
    vocab::{FieldWord, Held, Vocabulary},
};

pub(super) fn all(field: &Field<'_>, diag: &mut Diagnostics) {
    skip_stands_alone(field, diag);
    one_role(field, diag);
    role_is_plain(field, diag);
    expiry_has_no_default(field, diag);
    rest_is_plain(field, diag);
    contradictions(field, diag);
    type_can_be_read(field, diag);
}

/// A skipped field is not in the token, so there is nothing that another word could say about it.
fn skip_stands_alone(field: &Field<'_>, diag: &mut Diagnostics) {
    let Some(skip) = field.words.get(FieldWord::Skip) else { return };
    // Serde's `skip` takes a `default`, with what the field is filled.
    let filled = |word| word == FieldWord::Default && skip.by_serde;
    for item in field.words.iter().filter(|item| item.word != FieldWord::Skip && !(item.by_serde && filled(item.word))) {
        let wrong = format!("`skip` cannot be combined with `{}`", item.typed);
        diag.error(&item.typed, wrong, "a skipped field is no claim: it is filled by `Default` and never written");
    }
}

/// One value cannot be judged as two claims.
fn one_role(field: &Field<'_>, diag: &mut Diagnostics) {
    let mut roles = field.words.iter().filter(|item| item.word.role().is_some());
    let Some(first) = roles.next() else { return };
    for other in roles {
        let wrong = format!("a field holds one registered claim, found `{}` and `{}`", first.typed, other.typed);
        diag.error(&other.typed, wrong, "give each claim a field of its own");
    }
}

/// Registered claims have the name and the form that every other reader of the token expects.
fn role_is_plain(field: &Field<'_>, diag: &mut Diagnostics) {
    let Kind::Registered(role, held) = field.kind else { return };
    for item in field.words.iter() {
        let help = match (item.word, held) {
            (FieldWord::Rename | FieldWord::Alias | FieldWord::Path | FieldWord::Namespace, _) => {
                format!("a registered claim has its own name; write `#[claim({})]` alone", role.text())
            }
            (FieldWord::SkipIf, _) => "an `Option` that is `None` is left out, or to the policy".to_owned(),
            (FieldWord::With | FieldWord::ReadBy | FieldWord::WriteBy, Held::Time) => {
                "the token's format says how times are written; use a type that holds a time".to_owned()
            }
            (FieldWord::With | FieldWord::ReadBy | FieldWord::WriteBy, _) => {
                "a registered claim has one form; give the field a type that serializes to it".to_owned()
            }
            (FieldWord::Range, Held::Time) => "the policy judges times by `ttl`, `max_ttl` and `leeway` on the struct".to_owned(),
            (FieldWord::Range, _) => format!("`{}` is a text; bound it with `one_of` or `max_len`", role.text()),
            (FieldWord::OneOf | FieldWord::MaxLen, Held::Time) => format!("`{}` is a time, and no text", role.text()),
            (FieldWord::Confidential, _) if is_judged(role) => {
                "the policy judges it in the open; `sub`, `jti`, `sid` and claims of your own may be confidential".to_owned()
            }
            _ => continue,
        };
        diag.error(&item.typed, format!("`{}` cannot be combined with `{}`", role.text(), item.typed), help);
    }
}

/// Whether the policy compares the claim with something, so that refusals tell of it.
fn is_judged(role: FieldWord) -> bool {
    !matches!(role, FieldWord::Subject | FieldWord::TokenId | FieldWord::SessionId)
}

/// The default would stand in for what makes the token end.
fn expiry_has_no_default(field: &Field<'_>, diag: &mut Diagnostics) {
    if let (Kind::Registered(FieldWord::Expires, _), Some(default)) = (field.kind, field.words.get(FieldWord::Default)) {
        let help = "write `never_expires` on the struct and an `Option` here, if tokens may really lack it";
        diag.error(&default.typed, "a defaulted `exp` would hide a missing expiry", help);
    }
}

/// What a field takes that no other field names has many names and forms, and none of its own.
fn rest_is_plain(field: &Field<'_>, diag: &mut Diagnostics) {
    let Some(flatten) = field.words.get(FieldWord::Flatten).filter(|_| field.kind == Kind::Rest) else { return };
    for item in field.words.iter() {
        let help = match item.word {
            FieldWord::Flatten | FieldWord::Default | FieldWord::Confidential | FieldWord::Check => continue,
            word if word.role().is_some() => "unknown claims have no role; give the registered claim a field of its own",
            FieldWord::SkipIf => "an empty map writes nothing; take it off",
            _ => "it takes all claims that no other field names, as they are; judge them with `check`",
        };
        diag.error(&item.typed, format!("`{}` cannot be combined with `{}`", flatten.typed, item.typed), help);
        diag.also(&flatten.typed, format!("`{}` is here", flatten.typed));
    }
}

/// Two words that say where the value stands, how it is converted, or what it may be.
fn contradictions(field: &Field<'_>, diag: &mut Diagnostics) {
    const PAIRS: [([FieldWord; 2], &str); 4] = [
        ([FieldWord::Path, FieldWord::Rename], "keep one of them: the last name of a `path` is the claim's name"),
        ([FieldWord::OneOf, FieldWord::Range], "keep one of them: a claim is one of some texts, or a number in a range"),
        ([FieldWord::With, FieldWord::ReadBy], "keep one of them: `with` names a module with both functions"),
        ([FieldWord::With, FieldWord::WriteBy], "keep one of them: `with` names a module with both functions"),
    ];
    // Elsewhere, each of the two is refused already.
    if field.kind != Kind::Custom {
        return;
    }
    for (pair, help) in PAIRS {
        let mut said = field.words.iter().filter(|item| pair.contains(&item.word));
        if let (Some(first), Some(second)) = (said.next(), said.next()) {
            diag.error(&second.typed, format!("`{}` contradicts `{}`", second.typed, first.typed), help);
            diag.also(&first.typed, format!("`{}` is here", first.typed));
        }
    }
}

/// No token lives as long as the program. The one type that is judged by its spelling: what the compiler says of it is unreadable.
fn type_can_be_read(field: &Field<'_>, diag: &mut Diagnostics) {
    let Type::Reference(reference) = field.ty else { return };
    let is_static = reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
    if is_static && field.read_by.is_none() && field.kind != Kind::Skipped {
        let help = "own the value (`String`), or give the struct a lifetime to borrow from the token's text";
        diag.error(field.ty, "a claim cannot be borrowed for `'static`", help);
    }
}
