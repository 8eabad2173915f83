//! What `one_of`, `range` and `max_len` allow: bounds that no value meets are mistakes.

use std::collections::BTreeSet;

use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, Lit};

use crate::{
    ast::Field,
    diag::Diagnostics,
    value::{Range, Text, integer},
    vocab::{FieldWord, Vocabulary},
};

pub(super) fn all(field: &Field<'_>, diag: &mut Diagnostics) {
    texts_differ(field, diag);
    range_holds_something(field, diag);
    length_is_some(field, diag);
}

fn texts_differ(field: &Field<'_>, diag: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for text in &field.one_of {
        let spelled = match text {
            Text::Literal(literal) => literal.value(),
            // A constant is told from a text by what no path begins with.
            Text::Constant(path) => format!("\0{}", path.to_token_stream()),
        };
        if !seen.insert(spelled.clone()) {
            let spelled = spelled.trim_start_matches('\0').to_owned();
            diag.error(text, format!("`one_of` names `{}` twice", spelled.escape_debug()), "write it once");
        }
    }
}

fn range_holds_something(field: &Field<'_>, diag: &mut Diagnostics) {
    let Some(Range { least, most, exclusive }) = &field.range else { return };
    let sign = if *exclusive { quote!(..) } else { quote!(..=) };
    let range = quote!(#least #sign #most);
    let help = format!("write the lesser number first, as in `{}`", FieldWord::Range.form());
    let number = |end: &Option<Expr>| end.as_ref().and_then(integer);
    if least.is_none() && most.is_none() {
        let at = field.words.get(FieldWord::Range).map(|item| item.value_tokens()).unwrap_or_default();
        let help = format!("write at least one end, as in `{}`", FieldWord::Range.form());
        diag.error(&at, "`range` without ends allows every number", help);
    } else if let (Some(least), Some(most)) = (number(least), number(most))
        && (least > most || (*exclusive && least == most))
    {
        let sign = if *exclusive { ".." } else { "..=" };
        diag.error(&range, format!("range `{least}{sign}{most}` holds no number"), help);
    }
}

fn length_is_some(field: &Field<'_>, diag: &mut Diagnostics) {
    let Some(Expr::Lit(ExprLit { lit: Lit::Int(literal), .. })) = &field.max_len else { return };
    let help = format!("write how many bytes the claim may have, as in `{}`", FieldWord::MaxLen.form());
    match literal.base10_parse::<u32>() {
        Ok(0) => diag.error(literal, "`max_len` of 0 leaves no room for a value", help),
        Ok(_) if matches!(literal.suffix(), "" | "usize") => {}
        _ => diag.error(literal, format!("`max_len` cannot be `{literal}`"), help),
    }
}
