//! The names of claims: each is free, each can be written, and each leads to one field.

use std::borrow::Cow;

use quote::ToTokens;

use crate::{
    ast::{Field, Kind, Model},
    diag::Diagnostics,
    value::needs_escape,
    vocab::{FieldWord, RESERVED, Setting, Vocabulary},
};

pub(super) fn all(model: &Model<'_>, diag: &mut Diagnostics) {
    namespace_is_there(model, diag);
    for field in model.claims() {
        path_is_one(field, diag);
        names_are_writable(field, diag);
        names_are_free(model, field, diag);
    }
    names_are_unique(model, diag);
    paths_end_in_claims(model, diag);
}

/// One name by which a claim is read or written, and the object that holds it.
struct Name<'m> {
    parents: &'m [String],
    text: Cow<'m, str>,
    said: &'m dyn ToTokens,
    is_alias: bool,
    field: &'m Field<'m>,
}

fn names<'m>(field: &'m Field<'m>) -> impl Iterator<Item = Name<'m>> {
    let own = [Some(field.last_name()), field.written.as_deref()].into_iter().flatten();
    let own = own.map(move |text| Name { parents: field.parents(), text: text.into(), said: &field.said, is_alias: false, field });
    // An alias stands in the outer object, for nested claims, too.
    let aliases = field.aliases.iter();
    own.chain(aliases.map(move |alias| Name { parents: &[], text: alias.value().into(), said: alias, is_alias: true, field }))
}

/// A namespace that is taken off has to be there.
fn namespace_is_there(model: &Model<'_>, diag: &mut Diagnostics) {
    if model.settings.words.has(Setting::Namespace) || diag.meant(&[Setting::Namespace.text()]) {
        return;
    }
    for item in model.claims().filter_map(|field| field.words.get(FieldWord::Namespace)) {
        if item.value_tokens().to_string() == "\"\"" {
            let help = format!("write `#[claims({})]` on the struct, or take this off", Setting::Namespace.form());
            diag.error(&item.value_tokens(), "there is no namespace to take off", help);
        }
    }
}

/// One spelling for one meaning.
fn path_is_one(field: &Field<'_>, diag: &mut Diagnostics) {
    if let ([name], Kind::Custom) = (field.path.as_slice(), field.kind) {
        let help = format!("write `rename = {name:?}`, or `{}`", FieldWord::Path.form());
        diag.error(&field.said, format!("path `{name}` has one name only"), help);
    }
}

/// The writer copies names without escaping them.
fn names_are_writable(field: &Field<'_>, diag: &mut Diagnostics) {
    if field.kind != Kind::Custom {
        return;
    }
    let of_path = field.parents().iter().map(|text| (Cow::from(text), &field.said as &dyn ToTokens, "path"));
    let own = names(field).map(|Name { text, said, is_alias, .. }| {
        let what = match (is_alias, field.path.is_empty()) {
            (true, _) => "alias",
            (false, true) => "name",
            (false, false) => "path",
        };
        (text, said, what)
    });
    for (text, said, what) in of_path.chain(own) {
        if text.is_empty() {
            let (wrong, word) = match what {
                "alias" => ("an alias is empty", FieldWord::Alias),
                "path" => ("a name in the path is empty", FieldWord::Path),
                _ => ("a claim name is empty", FieldWord::Rename),
            };
            return diag.error(&said, wrong, format!("write `#[claim({})]`", word.form()));
        }
        if text.contains(needs_escape) {
            let wrong = format!("claim name `{}` would need an escape", text.escape_debug());
            return diag.error(&said, wrong, "use no quotation marks, backslashes or control characters");
        }
    }
}

/// A claim under a registered name that the policy does not judge looks protected and is not; reserved names are stamped by the runtime.
fn names_are_free(model: &Model<'_>, field: &Field<'_>, diag: &mut Diagnostics) {
    // Inside of an object, names are the type's own.
    let outer = field.path.split_first().filter(|(_, inner)| !inner.is_empty()).map(|(first, _)| first);
    let object = outer.map(|first| (Cow::from(first), &field.said as &dyn ToTokens, Some("path")));
    let own = names(field).filter(|name| name.parents.is_empty());
    let own = own.map(|Name { text, said, is_alias, .. }| (text, said, is_alias.then_some("alias")));
    for (name, said, what) in object.into_iter().chain(own) {
        if field.kind != Kind::Custom || diag.meant(&[&name]) {
            continue;
        }
        if FieldWord::find(&name).is_some_and(|word| word.role().is_some()) {
            let help = match what {
                None => format!("write `#[claim({name})]`"),
                Some("alias") => format!("it is nobody's other name; a field with `#[claim({name})]` holds it"),
                Some(_) => "it holds one value and no object; begin the path with another name".to_owned(),
            };
            diag.error(&said, format!("`{name}` is a registered claim"), help);
        } else if let Some((_, held)) = RESERVED.iter().find(|(reserved, _)| *reserved == name) {
            let version = model.settings.words.get(Setting::Version);
            let help = match (&*name, version) {
                // Tokens of others have such claims, and nothing is stamped beside them.
                ("ver", None) if model.settings.words.has(Setting::Untyped) => continue,
                _ if what == Some("path") => format!("it holds {held}; begin the path with another name"),
                _ => format!("it holds {held}; give the claim a name of your own with `rename`"),
            };
            diag.error(&said, format!("`{name}` is a reserved claim"), help);
            if let ("ver", Some(version)) = (&*name, version) {
                diag.also(&version.typed, "`version` writes it");
            }
        }
    }
}

/// RFC 7519 §4: claim names are unique; with two, readers disagree on which one counts.
fn names_are_unique(model: &Model<'_>, diag: &mut Diagnostics) {
    let mut seen: Vec<Name<'_>> = Vec::new();
    for name in model.claims().flat_map(names) {
        let same = |first: &&Name<'_>| first.text == name.text && first.parents == name.parents;
        let Some(first) = seen.iter().find(same) else {
            seen.push(name);
            continue;
        };
        let Name { parents, text, said, is_alias, field } = name;
        match (field.kind, std::ptr::eq(field, first.field)) {
            // What is written may be read by an alias.
            (_, true) if !first.is_alias && field.written.as_deref() == Some(&*text) => {}
            (_, true) if first.is_alias => diag.error(&said, format!("alias `{text}` is named twice"), "write it once"),
            (_, true) => {
                diag.error(&said, format!("alias `{text}` is the claim's own name"), "an alias is another name under which it is read");
            }
            (Kind::Registered(role, _), false) => {
                let what = role.role().map(|(_, what)| what).unwrap_or_default();
                let wrong = format!("claim `{text}` is already held by field `{}`", first.field.ident);
                diag.error(&said, wrong, format!("a token has one {what}; remove one `#[claim({text})]`"));
                diag.also(&first.said, format!("`{text}` is first held here"));
            }
            (Kind::Custom | Kind::Skipped | Kind::Rest, false) => {
                let help = match (is_alias || first.is_alias, field.path.is_empty()) {
                    (true, _) => "a name leads to one field; take it off one of them",
                    (false, true) => "give one of them another name with `rename`",
                    (false, false) => "give one of them another `path`",
                };
                let whole = parents.iter().map(String::as_str).chain([&*text]).collect::<Vec<_>>().join(".");
                diag.error(&said, format!("claim name `{whole}` is used twice"), help);
                diag.also(&first.said, format!("`{whole}` is first used here"));
            }
        }
    }
}

/// A claim is a value or an object with claims, not both: two fields would write it.
fn paths_end_in_claims(model: &Model<'_>, diag: &mut Diagnostics) {
    for field in model.claims().filter(|field| !field.parents().is_empty()) {
        let through = |other: &Name<'_>| match field.parents().split_at_checked(other.parents.len()) {
            Some((before, [next, ..])) => before == other.parents && *next == other.text,
            _ => false,
        };
        let claims = model.claims().filter(|other| other.kind == Kind::Custom).flat_map(names);
        if let Some(other) = claims.into_iter().find(through) {
            let wrong = format!("path `{}` runs through claim `{}`", field.name, other.text);
            diag.error(&field.said, wrong, "a claim is a value, or an object with claims; give one of them another name");
            diag.also(&other.said, format!("`{}` is a claim here", other.text));
        }
    }
}
