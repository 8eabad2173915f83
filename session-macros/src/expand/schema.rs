//! The attributes as data, in the order in which the runtime's documentation lists them.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, Ident};

use crate::{
    ast::{Field, Kind, Model},
    value::Range,
    vocab::{FieldWord, Setting, Vocabulary},
};

pub(super) fn schema(model: &Model<'_>) -> TokenStream {
    let settings = &model.settings;
    let mut schema = match &settings.token_type {
        Some(text) => quote!(__rt::Schema::new(#text)),
        None => quote!(__rt::Schema::untyped()),
    };
    if let Some(issuer) = &settings.issuer {
        schema.extend(quote!(.issuer(#issuer)));
    }
    if !settings.audience.is_empty() {
        let audience = &settings.audience;
        schema.extend(quote!(.audience(&[#(#audience),*])));
    }
    let durations = [(Setting::Ttl, &settings.ttl), (Setting::MaxTtl, &settings.max_ttl), (Setting::Leeway, &settings.leeway)];
    for (word, duration) in durations {
        if let Some(duration) = duration {
            let method = method(word);
            schema.extend(quote!(.#method(#duration)));
        }
    }
    let flags = [Setting::NoIssuer, Setting::NoAudience, Setting::NeverExpires, Setting::NoIssuedAt, Setting::DenyUnknown];
    for word in flags.into_iter().filter(|word| settings.words.has(*word)) {
        let method = method(word);
        schema.extend(quote!(.#method()));
    }
    if !settings.allow.is_empty() {
        let allow = settings.allow.iter().map(tolerated);
        schema.extend(quote!(.allow(&[#(#allow),*])));
    }
    if let Some((number, _)) = &settings.version {
        schema.extend(quote!(.version(#number)));
    }
    if model.rest().is_some() {
        schema.extend(quote!(.takes_rest()));
    }
    let checks: Vec<_> = checks(model).collect();
    if !checks.is_empty() {
        schema.extend(quote!(.checks(&[#(#checks),*])));
    }
    // Only where somebody bounds a claim, so that no other type pays for it while compiling.
    let measured = model.fields.iter().flatten().any(|field| field.max_len.is_some());
    let claims = model.claims().map(|field| spec(field, measured));
    quote!(#schema.claims(&[#(#claims),*]))
}

/// What checks what, for those who ask what is enforced.
fn checks(model: &Model<'_>) -> impl Iterator<Item = TokenStream> {
    let name = |check: &dyn ToTokens| check.to_token_stream().to_string().replace(' ', "");
    let fields = model.fields.iter().flatten().filter_map(move |Field { name: claim, check, .. }| {
        let check = name(check.as_ref()?);
        Some(quote!((#claim, #check)))
    });
    let whole = model.settings.check.as_ref().map(|check| name(check)).map(|check| quote!((__rt::WHOLE, #check)));
    fields.chain(whole)
}

fn spec(field: &Field<'_>, measured: bool) -> TokenStream {
    let mut spec = match field.kind {
        Kind::Registered(role, _) => {
            let role = Ident::new(&role.text().to_uppercase(), Span::call_site());
            quote!(__rt::#role)
        }
        Kind::Custom | Kind::Skipped | Kind::Rest => {
            let name = &field.name;
            quote!(__rt::claim(#name))
        }
    };
    let Field { path, written, aliases, one_of, range, max_len, .. } = field;
    if !path.is_empty() {
        spec.extend(quote!(.path(&[#(#path),*])));
    }
    if let Some(written) = written {
        spec.extend(quote!(.written(#written)));
    }
    if !aliases.is_empty() {
        spec.extend(quote!(.aliases(&[#(#aliases),*])));
    }
    if !one_of.is_empty() {
        spec.extend(quote!(.one_of(&[#(#one_of),*])));
    }
    if let Some(Range { least, most, exclusive }) = range {
        let (least, most) = (bound(least.as_ref()), bound(most.as_ref()));
        spec.extend(quote!(.range(__rt::Range::new(#least, #most, #exclusive))));
    }
    if let Some(max_len) = max_len {
        spec.extend(quote!(.max_len(#max_len)));
    }
    // A `with` module may write anything.
    if measured && field.kind == Kind::Custom && field.max_len.is_none() && field.write_by.is_none() {
        let ty = field.ty;
        spec.extend(quote!(.widest(<__rt::Width<#ty>>::MAX)));
    }
    if field.words.has(FieldWord::Confidential) {
        spec.extend(quote!(.confidential()));
    }
    spec
}

fn bound(end: Option<&Expr>) -> TokenStream {
    end.map_or_else(|| quote!(__rt::None), |end| quote!(__rt::Some(#end)))
}

/// The runtime's name of what `allow` names.
fn tolerated(name: &Ident) -> TokenStream {
    let variant = match name.to_string().as_str() {
        "iss" => "Issuer",
        "aud" => "Audience",
        _ => "TokenType",
    };
    let variant = Ident::new(variant, Span::call_site());
    quote!(__rt::Tolerated::#variant)
}

/// The schema's method for a setting, which has the setting's name.
fn method(setting: Setting) -> Ident {
    Ident::new(setting.text(), Span::call_site())
}
