//! What generated code does with one field.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;

use super::span;
use crate::{
    ast::{Field, Kind, Model},
    vocab::{FieldWord, Held, Vocabulary},
};

/// The runtime's trait for fields of this kind, which has the name of the registered claim.
fn kind(field: &Field<'_>) -> TokenStream {
    let (role, held) = match field.kind {
        Kind::Registered(role, held) => (role, held),
        Kind::Rest => return quote!(Flat<'_, _>),
        _ if field.words.has(FieldWord::Confidential) => return quote!(Hidden<'_, _>),
        _ => return quote!(Own<'_, _>),
    };
    let (first, rest) = role.text().split_at(1);
    let kind = Ident::new(&(first.to_uppercase() + rest), Span::call_site());
    if held == Held::Text { quote!(#kind<'_, _>) } else { quote!(#kind) }
}

pub(super) fn read(field: &Field<'_>) -> TokenStream {
    let Field { ident, ty, .. } = field;
    let (span, kind) = (span(ty), kind(field));
    match (&field.read_by, &field.write_by) {
        (Some(function), _) => {
            let function = quote_spanned!(self::span(function)=> #function);
            quote_spanned!(span=> __rt::fill_with::<#ty, _>(&mut __s.#ident, __raw, #function))
        }
        (None, Some(_)) => quote_spanned!(span=> __rt::fill::<#ty>(&mut __s.#ident, __raw)),
        (None, None) => quote_spanned!(span=> <#ty as __rt::#kind>::fill(&mut __s.#ident, __raw)),
    }
}

pub(super) fn build(field: &Field<'_>) -> TokenStream {
    let Field { ident, ty, name, .. } = field;
    let (span, kind) = (span(ty), kind(field));
    // A skipped field has no slot.
    let slot = if field.kind == Kind::Skipped { quote_spanned!(span=> __rt::empty()) } else { quote_spanned!(span=> __s.#ident) };
    match (field.kind, &field.default, &field.read_by, &field.write_by) {
        (_, Some(default), ..) => quote_spanned!(span=> __rt::or_else::<#ty>(#slot, #default)),
        (Kind::Skipped, ..) => quote_spanned!(span=> __rt::or_default::<#ty>(#slot)),
        _ if field.words.has(FieldWord::Default) => quote_spanned!(span=> __rt::or_default::<#ty>(#slot)),
        (_, _, Some(_), _) => quote_spanned!(span=> __rt::require_with::<#ty>(#slot, #name, __err)),
        (_, _, None, Some(_)) => quote_spanned!(span=> __rt::require::<#ty>(#slot, #name, __err)),
        (_, _, None, None) => quote_spanned!(span=> <#ty as __rt::#kind>::require(#slot, #name, __err)),
    }
}

/// All fields, in their order; nested claims stand inside of the object of the first of them.
pub(super) fn writes(model: &Model<'_>) -> TokenStream {
    let fields: Vec<_> = model.claims().map(|field| (field, field.path.as_slice())).collect();
    let mut members = level(&fields);
    members.extend(model.rest().map(|field| put(field, &field.name)));
    in_order(members)
}

/// The members of one object: each field with what is left of its path.
fn level(fields: &[(&Field<'_>, &[String])]) -> Vec<TokenStream> {
    let mut done: Vec<&str> = Vec::new();
    let members = fields.iter().filter_map(|(field, path)| match path {
        [] => Some(put(field, field.written.as_ref().unwrap_or(&field.name))),
        [name] => Some(put(field, name)),
        [object, ..] if done.contains(&object.as_str()) => None,
        [object, ..] => {
            done.push(object);
            let inside = fields.iter().filter_map(|(field, path)| match path {
                [first, rest @ ..] if first == object => Some((*field, rest)),
                _ => None,
            });
            let inside = in_order(level(&inside.collect::<Vec<_>>()));
            Some(quote!(__rt::within(__out, #object, |__out| { #inside })))
        }
    });
    members.collect()
}

/// One after the other, as far as each succeeds.
fn in_order(mut members: Vec<TokenStream>) -> TokenStream {
    let last = members.pop().unwrap_or_else(|| quote!(__rt::Ok(())));
    quote!(#(#members?;)* #last)
}

fn put(field: &Field<'_>, name: &str) -> TokenStream {
    let Field { ident, ty, .. } = field;
    let (span, kind) = (span(ty), kind(field));
    let put = match (&field.write_by, &field.read_by) {
        (Some(function), _) => {
            let serialize = quote_spanned!(self::span(function)=> #function(&self.#ident, __serializer));
            quote_spanned!(span=> __rt::put_with(__out, #name, |__serializer| #serialize))
        }
        (None, Some(_)) => quote_spanned!(span=> __rt::put::<#ty>(__out, #name, &self.#ident)),
        (None, None) => quote_spanned!(span=> <#ty as __rt::#kind>::put(__out, #name, &self.#ident)),
    };
    match &field.skip_if {
        None => put,
        Some(left_out) => quote_spanned!(self::span(left_out)=> __rt::unless(#left_out(&self.#ident), || #put)),
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::{Block, DeriveInput, parse_quote};

    use super::*;
    use crate::diag::Diagnostics;

    #[test]
    fn each_object_is_written_once_with_its_own_claims() {
        let input: DeriveInput = parse_quote! {
            struct Access {
                #[claim(path = "a.b.c")]
                one: A,
                #[claim(path = "d.e")]
                two: B,
                #[claim(path = "a.f")]
                three: C,
                four: D,
            }
        };
        let model = Model::parse(&input, &mut Diagnostics::default());
        let want: Block = parse_quote! {{
            __rt::within(__out, "a", |__out| {
                __rt::within(__out, "b", |__out| { <A as __rt::Own<'_, _>>::put(__out, "c", &self.one) })?;
                <C as __rt::Own<'_, _>>::put(__out, "f", &self.three)
            })?;
            __rt::within(__out, "d", |__out| { <B as __rt::Own<'_, _>>::put(__out, "e", &self.two) })?;
            <D as __rt::Own<'_, _>>::put(__out, "four", &self.four)
        }};
        let written = writes(&model);
        assert_eq!(quote!({ #written }).to_string(), want.to_token_stream().to_string());
    }
}
