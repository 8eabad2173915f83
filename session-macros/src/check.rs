//! What needs more than one word to be judged: a flat list of small checks, each with its reason.

use syn::Type;

use crate::{
    ast::{Field, Kind, Model, Settings},
    diag::Diagnostics,
    value::Text,
    vocab::{FieldWord, Held, RESERVED, Setting, Vocabulary, limits},
};

pub(crate) fn all(model: &Model<'_>, diag: &mut Diagnostics) {
    contradictions(&model.settings, diag);
    texts(&model.settings, diag);
    durations(&model.settings, diag);
    lifetimes(model, diag);
    // What a struct lacks cannot be known of something that is no struct.
    let Some(fields) = &model.fields else { return };
    says_its_type(model, diag);
    says_its_life(model, diag);
    for field in fields {
        skip_stands_alone(field, diag);
        one_role(field, diag);
        role_is_plain(field, diag);
        expiry_has_no_default(field, diag);
        name_is_writable(field, diag);
        name_is_free(field, diag);
        type_can_be_read(field, diag);
    }
    names_are_unique(model, diag);
    claims_are_few(model, diag);
}

/// Two words of which each takes back the other: whichever won, half of the readers would expect the other one.
fn contradictions(settings: &Settings, diag: &mut Diagnostics) {
    const PAIRS: [[Setting; 2]; 4] = [
        [Setting::Issuer, Setting::NoIssuer],
        [Setting::Audience, Setting::NoAudience],
        [Setting::TokenType, Setting::Untyped],
        [Setting::Ttl, Setting::NeverExpires],
    ];
    for pair in PAIRS {
        let mut said = settings.words.iter().filter(|item| pair.contains(&item.word));
        if let (Some(first), Some(second)) = (said.next(), said.next()) {
            let (first, second, place) = (&first.typed, &second.typed, &first.typed);
            diag.error(second, format!("`{second}` contradicts `{first}`"), "keep one of them");
            diag.also(place, format!("`{first}` is here"));
        }
    }
}

/// An empty issuer or audience equals nothing that a careful peer sends, and everything that a careless one leaves out.
fn texts(settings: &Settings, diag: &mut Diagnostics) {
    let words = [(Setting::Issuer, settings.issuer.as_slice()), (Setting::Audience, &settings.audience)];
    let words = words.into_iter().chain([(Setting::TokenType, settings.token_type.as_slice())]);
    for (word, texts) in words {
        let mut seen = Vec::new();
        for text in texts {
            let Text::Literal(literal) = text else { continue };
            let value = literal.value();
            if value.is_empty() {
                diag.error(literal, format!("`{}` is empty", word.text()), format!("write `{}`", word.form()));
            } else if seen.contains(&value) {
                diag.error(literal, format!("{} `{value}` is named twice", word.text()), "write it once");
            } else if word == Setting::TokenType && !value.bytes().all(|byte| byte.is_ascii_graphic() && !br#""\"#.contains(&byte)) {
                // RFC 7515 §4.1.9: `typ` is a media type, so there is nothing to escape and no case but ASCII's to fold.
                diag.error(literal, format!("token type `{value}` is not a media type"), format!("write `{}`", word.form()));
            }
            seen.push(value);
        }
    }
}

/// The runtime's limits, where a literal already shows that they are broken; it judges constants by `assert_lifetimes`.
fn durations(settings: &Settings, diag: &mut Diagnostics) {
    for (word, life) in [(Setting::Ttl, &settings.ttl), (Setting::MaxTtl, &settings.max_ttl)] {
        if let Some((literal, 0)) = life.as_ref().and_then(|life| life.known()) {
            let wrong = format!("`{}` of `{}` is under the limit of 1 s", word.text(), literal.value());
            diag.error(literal, wrong, "a token that is dead when it is issued helps nobody");
        }
    }
    if let Some((literal, seconds)) = settings.leeway.as_ref().and_then(|life| life.known())
        && seconds > limits::LEEWAY
    {
        let wrong = format!("`leeway` of `{}` is over the limit of {} s", literal.value(), limits::LEEWAY);
        diag.error(literal, wrong, "clocks that differ by more than a few minutes need repair (RFC 7519 §4.1.4)");
    }
    let Some((ttl, seconds)) = settings.ttl.as_ref().and_then(|life| life.known()) else { return };
    match settings.max_ttl.as_ref().map(|life| life.known()) {
        Some(Some((max_ttl, max))) if seconds > max => {
            let wrong = format!("`ttl` of `{}` is over the `max_ttl` of `{}`", ttl.value(), max_ttl.value());
            diag.error(ttl, wrong, "no token that is issued would be accepted; shorten `ttl` or raise `max_ttl`");
            diag.also(max_ttl, "`max_ttl` is here");
        }
        None if seconds > limits::MAX_TTL && !settings.words.has(Setting::MaxTtl) && !diag.meant(&[Setting::MaxTtl.text()]) => {
            let wrong = format!("`ttl` of `{}` is over the limit of 24 h", ttl.value());
            let help = format!("a revocation is kept as long as a token may live; allow more with `max_ttl = \"{}\"`", ttl.value());
            diag.error(ttl, wrong, help);
        }
        _ => {}
    }
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

/// A skipped field is not in the token, so there is nothing that another word could say about it.
fn skip_stands_alone(field: &Field<'_>, diag: &mut Diagnostics) {
    if field.kind != Kind::Skipped {
        return;
    }
    for item in field.words.iter().filter(|item| item.word != FieldWord::Skip) {
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
            (FieldWord::Rename, _) => format!("a registered claim has its own name; write `#[claim({})]` alone", role.text()),
            (FieldWord::With, Held::Time) => "the token's format says how times are written; use a type that holds a time".to_owned(),
            (FieldWord::With, _) => "a registered claim has one form; give the field a type that serializes to it".to_owned(),
            _ => continue,
        };
        diag.error(&item.typed, format!("`{}` cannot be combined with `{}`", role.text(), item.typed), help);
    }
}

/// The default would stand in for what makes the token end.
fn expiry_has_no_default(field: &Field<'_>, diag: &mut Diagnostics) {
    if let (Kind::Registered(FieldWord::Expires, _), Some(default)) = (field.kind, field.words.get(FieldWord::Default)) {
        let help = "write `never_expires` on the struct and an `Option` here, if tokens may really lack it";
        diag.error(&default.typed, "a defaulted `exp` would hide a missing expiry", help);
    }
}

/// The writer copies names without escaping them.
fn name_is_writable(field: &Field<'_>, diag: &mut Diagnostics) {
    if field.kind != Kind::Custom {
        return;
    }
    if field.name.is_empty() {
        diag.error(&field.name_tokens(), "a claim name is empty", format!("write `#[claim({})]`", FieldWord::Rename.form()));
    } else if field.name.contains(|letter: char| letter.is_control() || matches!(letter, '"' | '\\')) {
        let wrong = format!("claim name `{}` would need an escape", field.name.escape_debug());
        diag.error(&field.name_tokens(), wrong, "use no quotation marks, backslashes or control characters");
    }
}

/// A claim under a registered name that the policy does not judge looks protected and is not; reserved names are stamped by the runtime.
fn name_is_free(field: &Field<'_>, diag: &mut Diagnostics) {
    if field.kind != Kind::Custom || diag.meant(&[&field.name]) {
        return;
    }
    let name = &field.name;
    if FieldWord::find(name).is_some_and(|word| word.role().is_some()) {
        diag.error(&field.name_tokens(), format!("`{name}` is a registered claim"), format!("write `#[claim({name})]`"));
    } else if let Some((_, what)) = RESERVED.iter().find(|(reserved, _)| reserved == name) {
        let help = format!("it holds {what}; give the claim a name of your own with `rename`");
        diag.error(&field.name_tokens(), format!("`{name}` is a reserved claim"), help);
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

/// RFC 7519 §4: claim names are unique; with two, readers disagree on which one counts.
fn names_are_unique(model: &Model<'_>, diag: &mut Diagnostics) {
    let mut seen: Vec<&Field<'_>> = Vec::new();
    for field in model.claims() {
        let Some(first) = seen.iter().find(|first| first.name == field.name) else {
            seen.push(field);
            continue;
        };
        let name = &field.name;
        match field.kind {
            Kind::Registered(role, _) => {
                let what = role.role().map(|(_, what)| what).unwrap_or_default();
                let wrong = format!("claim `{name}` is already held by field `{}`", first.ident);
                diag.error(&field.name_tokens(), wrong, format!("a token has one {what}; remove one `#[claim({name})]`"));
                diag.also(&first.name_tokens(), format!("`{name}` is first held here"));
            }
            Kind::Custom | Kind::Skipped | Kind::Rest => {
                let wrong = format!("claim name `{name}` is used twice");
                diag.error(&field.name_tokens(), wrong, "give one of them another name with `rename`");
                diag.also(&first.name_tokens(), format!("`{name}` is first used here"));
            }
        }
    }
}

/// The reader marks what it has seen in a set of bits.
fn claims_are_few(model: &Model<'_>, diag: &mut Diagnostics) {
    if let Some(field) = model.claims().nth(limits::CLAIMS) {
        let wrong = format!("a struct holds at most {} claims, found {}", limits::CLAIMS, model.claims().count());
        diag.error(field.ident, wrong, "group some of them in a struct of their own");
    }
}
