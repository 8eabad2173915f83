//! The expansion: one line per field in each of `slots`, `read`, `build` and `write`, and no rule of policy.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericParam, Ident, ext::IdentExt, spanned::Spanned};

use crate::{
    ast::{Field, Kind, Model},
    generics::{Headers, without_self},
    vocab::{FieldWord, Held, Setting, Vocabulary},
};

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let krate = &model.krate;
    let headers = Headers::with_bounds(model);
    let slots = slots(model, &headers);
    let claims_type = claims_type(model, &headers);
    let claims = claims(model, &headers);
    let owned = headers.owned();
    let assertion = assertion(model);
    let allowed = &model.allowed;
    quote! {
        #(#[allow(#allowed)])*
        const _: () = {
            use #krate::__private as __session;
            #claims_type
            #slots
            #claims
            #owned
            #assertion
        };
    }
}

fn claims_type(model: &Model<'_>, headers: &Headers) -> TokenStream {
    let Headers { this, at, plain, .. } = headers;
    let (generics, _, clause) = plain.split_for_impl();
    let schema = schema(model);
    quote! {
        #[automatically_derived]
        impl #generics __session::ClaimsType for #this #clause {
            const SCHEMA: &'static __session::Schema = &#schema;
            type At<'__de> = #at;
        }
    }
}

/// The attributes as data, in the order in which the runtime's documentation lists them.
fn schema(model: &Model<'_>) -> TokenStream {
    let settings = &model.settings;
    let mut schema = match &settings.token_type {
        Some(text) => quote!(__session::Schema::new(#text)),
        None => quote!(__session::Schema::untyped()),
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
    let claims = model.claims().map(|field| match field.kind {
        Kind::Registered(role, _) => {
            let role = role_of(role);
            quote!(__session::Spec::role(#role))
        }
        Kind::Custom | Kind::Skipped => {
            let name = &field.name;
            quote!(__session::Spec::custom(#name))
        }
    });
    quote!(#schema.claims(&[#(#claims),*]))
}

fn slots(model: &Model<'_>, headers: &Headers) -> TokenStream {
    let Headers { this, plain, .. } = headers;
    let (generics, _, clause) = plain.split_for_impl();
    let fields = model.claims().map(|Field { ident, ty, .. }| {
        let ty = without_self(ty.to_token_stream(), this);
        quote!(#ident: __session::Slot<#ty>)
    });
    // A parameter may stand in skipped fields only.
    let marker = (!model.generics.params.is_empty()).then(|| quote!(__type: __session::PhantomData<fn() -> #this>));
    let fields = fields.chain(marker);
    quote! {
        pub struct __Slots #generics #clause { #(#fields),* }
    }
}

fn claims(model: &Model<'_>, headers: &Headers) -> TokenStream {
    let Headers { this, plain, reading, de, .. } = headers;
    let (_, arguments, clause) = plain.split_for_impl();
    let (generics, _, _) = reading.split_for_impl();
    let empty = model.claims().map(|Field { ident, .. }| quote!(#ident: __session::Slot::EMPTY));
    let marker = (!model.generics.params.is_empty()).then(|| quote!(__type: __session::PhantomData));
    let empty = empty.chain(marker);
    let reads = model.claims().enumerate().map(|(index, field)| {
        let index = Literal::usize_unsuffixed(index);
        let read = read(field);
        quote!(#index => #read,)
    });
    let all = || model.fields.iter().flatten();
    let builds = all().map(|field| {
        let (local, build) = (local(field), build(field));
        quote!(let #local = #build;)
    });
    let values = all().map(|field| {
        let (ident, local) = (field.ident, local(field));
        quote!(#ident: #local?)
    });
    let checks = model.claims().filter_map(check);
    let writes = model.claims().map(write);
    quote! {
        #[automatically_derived]
        impl #generics __session::Claims<#de> for #this #clause {
            type Slots = __Slots #arguments;
            #[inline]
            fn slots() -> Self::Slots {
                __Slots { #(#empty),* }
            }
            #[inline]
            fn read(__slots: &mut Self::Slots, __claim: __session::usize, __value: __session::Raw<#de>) -> __session::Option<()> {
                match __claim {
                    #(#reads)*
                    _ => __session::None,
                }
            }
            #[inline]
            fn build(__slots: Self::Slots, __errors: &mut __session::ClaimErrors) -> __session::Option<Self> {
                #(#builds)*
                __session::Some(Self { #(#values),* })
            }
            #[inline]
            fn check(&self, __errors: &mut __session::ClaimErrors) {
                #(#checks)*
            }
            #[inline]
            fn write(&self, __out: &mut __session::Writer<'_>) -> __session::Result<(), __session::IssueError> {
                #(#writes)*
                __session::Ok(())
            }
        }
    }
}

fn read(field: &Field<'_>) -> TokenStream {
    let Field { ident, ty, .. } = field;
    let span = span(ty);
    match (field.kind, &field.with) {
        (Kind::Custom, Some(with)) => {
            let function = quote_spanned!(self::span(with)=> #with::deserialize);
            quote_spanned!(span=> __session::fill_with::<#ty, _>(&mut __slots.#ident, __value, #function))
        }
        (Kind::Registered(role, Held::Time), _) => {
            let role = role_of(role);
            quote_spanned!(span=> __session::fill_time::<#ty>(&mut __slots.#ident, __value, #role))
        }
        (Kind::Registered(_, Held::Audience), _) => quote_spanned!(span=> __session::fill_audience::<#ty>(&mut __slots.#ident, __value)),
        _ => quote_spanned!(span=> __session::fill::<#ty>(&mut __slots.#ident, __value)),
    }
}

fn build(field: &Field<'_>) -> TokenStream {
    let Field { ident, ty, name, .. } = field;
    let span = span(ty);
    match (field.kind, &field.default) {
        (Kind::Skipped, _) => quote_spanned!(span=> __session::or_default::<#ty>(__session::Slot::EMPTY)),
        (_, Some(default)) => quote_spanned!(span=> __session::or_else::<#ty>(__slots.#ident, #default)),
        _ if field.words.has(FieldWord::Default) => quote_spanned!(span=> __session::or_default::<#ty>(__slots.#ident)),
        (Kind::Registered(_, Held::Time), _) => quote_spanned!(span=> __session::require_time::<#ty>(__slots.#ident, #name, __errors)),
        (Kind::Registered(_, Held::Audience), _) => {
            quote_spanned!(span=> __session::require_audience::<#ty>(__slots.#ident, #name, __errors))
        }
        _ if field.with.is_some() => quote_spanned!(span=> __session::require_with::<#ty>(__slots.#ident, #name, __errors)),
        _ => quote_spanned!(span=> __session::require::<#ty>(__slots.#ident, #name, __errors)),
    }
}

fn check(field: &Field<'_>) -> Option<TokenStream> {
    let Field { ident, name, .. } = field;
    let check = field.check.as_ref()?;
    Some(quote_spanned!(span(check)=> __session::check(__errors, #name, #check(&self.#ident));))
}

fn write(field: &Field<'_>) -> TokenStream {
    let Field { ident, ty, name, .. } = field;
    let span = span(ty);
    match (field.kind, &field.with) {
        (Kind::Registered(_, Held::Audience), _) => quote_spanned!(span=> __session::put_audience::<#ty>(__out, &self.#ident)?;),
        (Kind::Registered(role, held), _) => {
            let role = role_of(role);
            let put = Ident::new(if held == Held::Time { "put_time" } else { "put_text" }, span);
            quote_spanned!(span=> __session::#put::<#ty>(__out, #role, &self.#ident)?;)
        }
        (_, Some(with)) => {
            let serialize = quote_spanned!(self::span(with)=> #with::serialize(&self.#ident, __serializer));
            quote_spanned!(span=> __session::put_with(__out, #name, |__serializer| #serialize)?;)
        }
        _ => quote_spanned!(span=> __session::put::<#ty>(__out, #name, &self.#ident)?;),
    }
}

/// Durations in constants are held to the runtime's limits by the runtime itself, once the parameters of the type are known.
fn assertion(model: &Model<'_>) -> Option<TokenStream> {
    let ident = model.ident;
    let mut parameters = model.generics.params.iter();
    let arguments = match (parameters.next(), parameters.next()) {
        (None, _) => None,
        (Some(GenericParam::Lifetime(_)), None) => Some(quote!(<'static>)),
        _ => return None,
    };
    let settings = &model.settings;
    let constant = [&settings.ttl, &settings.max_ttl, &settings.leeway].into_iter().flatten().find(|life| life.known().is_none());
    let span = constant.map_or_else(Span::call_site, span);
    Some(quote_spanned!(span=> const _: () = <#ident #arguments as __session::ClaimsType>::SCHEMA.assert_lifetimes();))
}

/// The runtime's name of a role.
fn role_of(role: FieldWord) -> TokenStream {
    let variant = Ident::new(&format!("{role:?}"), Span::call_site());
    quote!(__session::Role::#variant)
}

/// The schema's method for a setting, which has the setting's name.
fn method(setting: Setting) -> Ident {
    Ident::new(setting.text(), Span::call_site())
}

/// The variable of a field. The underscore behind keeps it apart from the parameters, all of which have theirs in front.
fn local(field: &Field<'_>) -> Ident {
    Ident::new(&format!("{}_", field.ident.unraw()), Span::call_site())
}

/// The place of the user's tokens, where the compiler's messages belong, with the names of generated code: tokens that
/// `macro_rules!` has passed on do not see its local variables.
fn span(tokens: &impl Spanned) -> Span {
    Span::call_site().located_at(tokens.span())
}
