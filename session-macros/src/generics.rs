//! The headers of generated impls, for types with and without parameters.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics, Lifetime, TypeParam, parse_quote};

use crate::{
    ast::{Kind, Model},
    vocab::Held,
};

/// A type with its parameters, in the spellings that the impls need.
pub(crate) struct Headers {
    /// `Access<'a, T>`
    pub(crate) this: TokenStream,
    /// `Access<'__de, T>`
    pub(crate) at: TokenStream,
    /// For impls that know no text.
    pub(crate) plain: Generics,
    /// For impls that read from a text of the lifetime `de`.
    pub(crate) reading: Generics,
    /// The struct's own lifetime where it has one, so that the types of its fields need no rewriting.
    pub(crate) de: Lifetime,
}

impl Headers {
    /// Headers for impls that call the values' own serde implementations.
    pub(crate) fn with_bounds(model: &Model<'_>) -> Self {
        Self::new(model, |parameter| by_serde(model).any(|ty| mentions(ty, parameter)))
    }

    /// Headers for impls that stand in.
    pub(crate) fn without_bounds(model: &Model<'_>) -> Self {
        Self::new(model, |_| false)
    }

    fn new(model: &Model<'_>, is_value: impl Fn(&str) -> bool) -> Self {
        let mut plain = model.generics.clone();
        for TypeParam { ident, .. } in model.generics.type_params() {
            let value = is_value(&ident.to_string()).then(|| quote!(+ __rt::Value));
            // The text's lifetime may be any, and every one has to fit into the type's parameters.
            plain.make_where_clause().predicates.push(parse_quote!(#ident: 'static #value));
        }
        let ident = model.ident;
        let (_, arguments, _) = plain.split_for_impl();
        let this = quote!(#ident #arguments);
        let at = plain.params.iter().map(|parameter| match parameter {
            GenericParam::Lifetime(_) => quote!('__de),
            GenericParam::Type(TypeParam { ident, .. }) => ident.to_token_stream(),
            GenericParam::Const(parameter) => parameter.ident.to_token_stream(),
        });
        let at = if plain.params.is_empty() { this.clone() } else { quote!(#ident <#(#at),*>) };
        let own = plain.lifetimes().next().map(|parameter| parameter.lifetime.clone());
        let mut reading = plain.clone();
        let de = own.unwrap_or_else(|| {
            reading.params.insert(0, parse_quote!('__de));
            parse_quote!('__de)
        });
        Self { this, at, plain, reading, de }
    }

    /// The mark of a type that borrows nothing. Written out, and not an impl of the runtime's for all such types, so that the compiler
    /// can say of a type without it what is missing.
    pub(crate) fn owned(&self) -> Option<TokenStream> {
        let Self { this, plain, .. } = self;
        let (generics, _, clause) = plain.split_for_impl();
        plain.lifetimes().next().is_none().then(|| quote!(impl #generics __rt::OwnedClaims for #this #clause {}))
    }
}

/// The types that are read or written by their own serde implementations.
fn by_serde<'a>(model: &'a Model<'_>) -> impl Iterator<Item = TokenStream> + 'a {
    let own = model.fields.iter().flatten().filter(|field| field.read_by.is_none() || field.write_by.is_none());
    own.filter(|field| matches!(field.kind, Kind::Custom | Kind::Rest | Kind::Registered(_, Held::Text)))
        .map(|field| field.ty.to_token_stream())
}

/// Whether a name stands somewhere in a type.
pub(crate) fn mentions(ty: TokenStream, name: &str) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// A type as it has to be written outside of its own impls, where `Self` would be another type.
pub(crate) fn without_self(ty: TokenStream, this: &TokenStream) -> TokenStream {
    let token = |token| match token {
        TokenTree::Ident(ident) if ident == "Self" => this.clone(),
        TokenTree::Group(group) => proc_macro2::Group::new(group.delimiter(), without_self(group.stream(), this)).to_token_stream(),
        other => other.to_token_stream(),
    };
    if mentions(ty.clone(), "Self") { ty.into_iter().map(token).collect() } else { ty }
}

#[cfg(test)]
mod tests {
    use syn::{DeriveInput, Type, WhereClause};

    use super::*;
    use crate::diag::Diagnostics;

    #[test]
    fn parameters_are_values_where_serde_reads_or_writes_them() {
        let input: DeriveInput = parse_quote! {
            #[claims(untyped, never_expires)]
            struct Access<Sub, Own, Inner, Rest, Read, Written, Both, Time, Skipped>
            where
                Own: Tenant,
            {
                #[claim(sub)]
                user: Sub,
                own: Own,
                inner: Vec<[Inner; 2]>,
                #[claim(flatten)]
                rest: Rest,
                #[serde(deserialize_with = "read")]
                read: Read,
                #[serde(serialize_with = "write")]
                written: Written,
                #[claim(with = both)]
                both: Both,
                #[claim(exp)]
                time: Time,
                #[claim(skip)]
                skipped: Skipped,
            }
        };
        let want: WhereClause = parse_quote! {
            where
                Own: Tenant,
                Sub: 'static + __rt::Value,
                Own: 'static + __rt::Value,
                Inner: 'static + __rt::Value,
                Rest: 'static + __rt::Value,
                Read: 'static + __rt::Value,
                Written: 'static + __rt::Value,
                Both: 'static,
                Time: 'static,
                Skipped: 'static
        };
        let mut diag = Diagnostics::default();
        let model = Model::parse(&input, &mut diag);
        assert_eq!(diag.first_lines(), <[&str; 0]>::default());
        let headers = Headers::with_bounds(&model);
        assert_eq!(headers.plain.where_clause.to_token_stream().to_string(), want.to_token_stream().to_string());
    }

    #[track_caller]
    fn check(ty: TokenStream, want: &Type) {
        assert_eq!(without_self(ty, &quote!(Access<'a, T>)).to_string(), want.to_token_stream().to_string());
    }

    #[test]
    fn self_is_the_type_itself() {
        check(quote!(Option<Selfish>), &parse_quote!(Option<Selfish>));
        check(quote!(Vec<Self>), &parse_quote!(Vec<Access<'a, T>>));
        check(quote!((<Self as Tenant>::Id, [Self; 2])), &parse_quote!((<Access<'a, T> as Tenant>::Id, [Access<'a, T>; 2])));
    }
}
