//! What needs more than one word to be judged: flat lists of small checks, each with its reason.

use crate::{
    ast::Model,
    diag::Diagnostics,
    vocab::{FieldWord, Setting, Vocabulary, limits},
};

mod bounds;
mod fields;
mod names;
mod settings;

pub(crate) fn all(model: &Model<'_>, diag: &mut Diagnostics) {
    settings::all(&model.settings, diag);
    lifetimes(model, diag);
    // What a struct lacks cannot be known of something that is no struct.
    let Some(fields) = &model.fields else { return };
    says_its_type(model, diag);
    says_its_life(model, diag);
    for field in fields {
        fields::all(field, diag);
        bounds::all(field, diag);
    }
    rest_is_one(model, diag);
    context_is_handed_on(model, diag);
    names::all(model, diag);
    claims_are_few(model, diag);
}

/// All borrowed fields borrow from the text of one token.
fn lifetimes(model: &Model<'_>, diag: &mut Diagnostics) {
    let mut lifetimes = model.generics.lifetimes().map(|parameter| &parameter.lifetime);
    if let (Some(first), Some(second)) = (lifetimes.next(), lifetimes.next()) {
        let wrong = format!("claims borrow from one text, found `{first}` and `{second}`");
        diag.error(second, wrong, format!("use `{first}` for all fields"));
    }
}

/// RFC 8725 §3.11: without a type, a token for one purpose passes for another one.
fn says_its_type(model: &Model<'_>, diag: &mut Diagnostics) {
    let words = [Setting::TokenType, Setting::Untyped];
    if !words.iter().any(|word| model.settings.words.has(*word)) && !diag.meant(&words.map(Vocabulary::text)) {
        let help = "write `#[claims(token_type = \"at+jwt\")]`, or `untyped` for tokens of others that do not say it";
        diag.error(model.ident, "a token needs a type, so that no other token can pass for it", help);
    }
}

/// A lifetime that nobody chose is the one thing that cannot be repaired once tokens are out.
fn says_its_life(model: &Model<'_>, diag: &mut Diagnostics) {
    let words = [Setting::Ttl, Setting::NeverExpires];
    let said = words.iter().any(|word| model.settings.words.has(*word)) || model.holds(FieldWord::Expires);
    if !said && !diag.meant(&words.map(Vocabulary::text)) && !diag.meant(&[FieldWord::Expires.text()]) {
        let help = "write `#[claims(ttl = \"15m\")]`, or a field with `#[claim(exp)]`, or `never_expires`";
        diag.error(model.ident, "this token would never expire", help);
    }
}

/// Two fields cannot both take what no other field names, and with `deny_unknown` there is nothing to take.
fn rest_is_one(model: &Model<'_>, diag: &mut Diagnostics) {
    let mut flattened = model.fields.iter().flatten().filter_map(|field| field.words.get(FieldWord::Flatten));
    let Some(first) = flattened.next() else { return };
    for second in flattened {
        diag.error(&second.typed, "`flatten` stands on two fields", "keep one: it takes all claims that no other field names");
        diag.also(&first.typed, "`flatten` is first written here");
    }
    if let Some(deny) = model.settings.words.get(Setting::DenyUnknown) {
        let wrong = format!("`{}` leaves nothing to `{}`", deny.typed, first.typed);
        diag.error(&first.typed, wrong, "keep one of them: unknown claims are refused, or they are taken");
        diag.also(&deny.typed, format!("`{}` is here", deny.typed));
    }
}

/// A context that no function sees would have to be handed over at every call for nothing.
fn context_is_handed_on(model: &Model<'_>, diag: &mut Diagnostics) {
    let Some(context) = model.settings.words.get(Setting::Context) else { return };
    // The checks of an older version are handed the same context.
    let older = matches!(model.settings.version, Some((_, Some(_))));
    let checks = model.settings.check.is_some() || model.fields.iter().flatten().any(|field| field.check.is_some());
    if !checks && !older && !diag.meant(&[Setting::Check.text()]) {
        let help = format!("write `{}` on the struct or on a field, or take `context` off", Setting::Check.form());
        diag.error(&context.typed, "`context` is handed to checks, and there is none", help);
    }
}

/// The reader marks what it has seen in a set of bits.
fn claims_are_few(model: &Model<'_>, diag: &mut Diagnostics) {
    if let Some(field) = model.claims().nth(limits::CLAIMS) {
        let wrong = format!("a struct holds at most {} claims, found {}", limits::CLAIMS, model.claims().count());
        diag.error(field.ident, wrong, "group some of them in a struct of their own");
    }
}

#[cfg(test)]
mod tests;
