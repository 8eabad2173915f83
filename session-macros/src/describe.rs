//! What is enforced, as documentation on the generated impl, in the words of the runtime's `ClaimsType::policy`.
//!
//! Only what the attributes say and a reader of the struct would ask for; what holds for every type stands in the runtime's documentation.
//! Each line has a token of the type as its subject. A constant is named by its path, since nobody knows its value while deriving.

use quote::ToTokens;

use crate::{
    ast::{Field, Model},
    value::{Life, Range, Text},
    vocab::Setting,
};

pub(crate) fn lines(model: &Model<'_>) -> Vec<String> {
    let settings = &model.settings;
    let mut lines = Vec::new();
    let mut rule = |text: String| lines.push(format!(" - {text}"));
    if let Some(token_type) = &settings.token_type {
        rule(format!("says `typ` {}", name(token_type)));
    }
    if let Some(issuer) = &settings.issuer {
        rule(format!("is issued by {}", name(issuer)));
    }
    if !settings.audience.is_empty() {
        rule(format!("is for {}", names(&settings.audience)));
    }
    rule(expiry(model));
    if settings.words.has(Setting::DenyUnknown) {
        rule("has no claim that the type does not name".to_owned());
    }
    for Field { name: claim, one_of, range, max_len, .. } in model.fields.iter().flatten() {
        if !one_of.is_empty() {
            rule(format!("has `{claim}` only as {}", names(one_of)));
        }
        if let Some(range) = range {
            rule(format!("has `{claim}` only {}", span(range)));
        }
        if let Some(max_len) = max_len {
            rule(format!("has `{claim}` of at most {} bytes", code(max_len)));
        }
    }
    for Field { name: claim, check, .. } in model.fields.iter().flatten() {
        if let Some(check) = check {
            rule(format!("passes `{}` with `{claim}`", path(check)));
        }
    }
    if let Some(check) = &settings.check {
        rule(format!("passes `{}`", path(check)));
    }
    lines
}

fn expiry(model: &Model<'_>) -> String {
    let settings = &model.settings;
    let has = if settings.words.has(Setting::NeverExpires) { "may have `exp`, and then lives" } else { "has `exp` and lives" };
    let at_most = settings.max_ttl.as_ref().map_or_else(|| "24 h".to_owned(), life);
    let issued = settings.ttl.as_ref().map(|ttl| format!("; one that is issued lives {}", life(ttl)));
    format!("{has} at most {at_most}{}", issued.unwrap_or_default())
}

/// A time in its largest whole unit, as the runtime writes it. None is 0, which is a mistake in every setting that is described.
fn life(life: &Life) -> String {
    match life {
        Life::Literal(_, seconds) if seconds.is_multiple_of(3_600) => format!("{} h", seconds / 3_600),
        Life::Literal(_, seconds) if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        Life::Literal(_, seconds) => format!("{seconds} s"),
        Life::Constant(constant) => format!("`{}`", path(constant)),
    }
}

fn name(text: &Text) -> String {
    match text {
        Text::Literal(literal) => format!("`{}`", literal.value()),
        Text::Constant(constant) => format!("`{}`", path(constant)),
    }
}

fn names(texts: &[Text]) -> String {
    let names: Vec<_> = texts.iter().map(name).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
        None => String::new(),
    }
}

fn span(Range { least, most, exclusive }: &Range) -> String {
    let to = if *exclusive { "to below" } else { "to" };
    match (least, most) {
        (Some(least), Some(most)) => format!("from {} {to} {}", code(least), code(most)),
        (Some(least), None) => format!("from {}", code(least)),
        (None, Some(most)) => format!("{to} {}", code(most)),
        (None, None) => "as any number".to_owned(),
    }
}

/// A number as it is, a constant in backticks.
fn code(tokens: &impl ToTokens) -> String {
    let text = path(tokens);
    if text.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit()) { text.replace('_', "") } else { format!("`{text}`") }
}

fn path(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(' ', "")
}

#[cfg(test)]
mod tests {
    use syn::{DeriveInput, parse_quote};

    use super::*;
    use crate::diag::Diagnostics;

    #[track_caller]
    fn check(ttl: &str, want: &str) {
        let input: DeriveInput = parse_quote! { #[claims(untyped, ttl = #ttl)] struct Access {} };
        let model = Model::parse(&input, &mut Diagnostics::default());
        assert_eq!(expiry(&model), format!("has `exp` and lives at most 24 h; one that is issued lives {want}"));
    }

    #[test]
    fn times_stand_in_their_largest_whole_unit() {
        check("1s", "1 s");
        check("90s", "90 s");
        check("60s", "1 min");
        check("90m", "90 min");
        check("3600s", "1 h");
        check("1d", "24 h");
    }
}
