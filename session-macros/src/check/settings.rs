//! Words of the struct.

use std::collections::BTreeSet;

use quote::ToTokens;

use crate::{
    ast::Settings,
    diag::{Diagnostics, nearest_of},
    value::Text,
    vocab::{Setting, Vocabulary, limits},
};

pub(super) fn all(settings: &Settings, diag: &mut Diagnostics) {
    contradictions(settings, diag);
    texts(settings, diag);
    durations(settings, diag);
    allowances(settings, diag);
    formats(settings, diag);
    version(settings, diag);
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

/// `allow` takes the edge off one word, and without that word there is none.
fn allowances(settings: &Settings, diag: &mut Diagnostics) {
    const NEEDS: [(&str, Setting, Setting); 3] = [
        ("iss", Setting::NoIssuer, Setting::Issuer),
        ("aud", Setting::NoAudience, Setting::Audience),
        ("typ", Setting::Untyped, Setting::TokenType),
    ];
    let mut seen = BTreeSet::new();
    for name in &settings.allow {
        let text = name.to_string();
        let Some((_, needed, opposite)) = NEEDS.iter().find(|(known, ..)| *known == text) else {
            let near =
                nearest_of(&text, &NEEDS.map(|(known, ..)| known)).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            diag.error(name, format!("`allow` cannot allow `{text}`"), format!("{near}it may name iss, aud, typ"));
            continue;
        };
        if !seen.insert(text.clone()) {
            diag.error(name, format!("`allow` names `{text}` twice"), "write it once");
        } else if !settings.words.has(*needed) && !diag.meant(&[needed.text()]) {
            let wrong = format!("`allow({text})` needs `{}`", needed.text());
            diag.error(name, wrong, format!("what `{}` says is always judged; it is tolerated where nothing is said", opposite.text()));
            if let Some(opposite) = settings.words.get(*opposite) {
                diag.also(&opposite.typed, format!("`{}` is here", opposite.typed));
            }
        }
    }
}

fn formats(settings: &Settings, diag: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for format in &settings.formats {
        let text = format.to_token_stream().to_string().replace(' ', "");
        if !seen.insert(text.clone()) {
            diag.error(format, format!("`format` names `{text}` twice"), "write it once");
        }
    }
}

/// A token without `ver` is of version 1, so there is nothing before it.
fn version(settings: &Settings, diag: &mut Diagnostics) {
    let Some((number, older)) = &settings.version else { return };
    match (number.base10_parse::<u32>(), older) {
        (Ok(0), _) => diag.error(number, "versions begin at 1", format!("write `{}`", Setting::Version.form())),
        (Ok(1), Some(older)) => {
            let help = "write `version(1)`, or the number that follows the older type's";
            diag.error(older, "version 1 is the first, and has no older type", help);
        }
        (Ok(_), _) if !matches!(number.suffix(), "" | "u32") => {
            diag.error(number, format!("version `{number}` is no `u32`"), "write the number alone");
        }
        (Ok(_), _) => {}
        (Err(_), _) => diag.error(number, format!("version `{number}` is no `u32`"), format!("versions go from 1 to {}", u32::MAX)),
    }
}
