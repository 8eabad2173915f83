//! The expansion: one line per field in each of `slots`, `read`, `build` and `write`, and no rule of policy.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericParam, Ident, Type, ext::IdentExt, spanned::Spanned};

use crate::{
    ast::{Field, Kind, Model},
    describe,
    generics::{Headers, without_self},
    vocab::FieldWord,
};

mod field;
mod schema;

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let krate = &model.krate;
    let headers = Headers::with_bounds(model);
    let slots = slots(model, &headers);
    let claims_type = claims_type(model, &headers);
    let claims = claims(model, &headers);
    let formats = formats(model);
    let owned = headers.owned();
    let assertions = [lifetimes_hold(model), version_follows(model)].into_iter().flatten();
    let allowed = &model.allowed;
    let measured = model.fields.iter().flatten().any(|field| field.max_len.is_some());
    let unbounded = measured.then(|| {
        quote!(
            #[allow(unused_imports)]
            use __rt::Unbounded as _;
        )
    });
    quote! {
        #(#[allow(#allowed)])*
        const _: () = {
            use #krate::__private as __rt;
            #unbounded
            #claims_type
            #formats
            #slots
            #claims
            #owned
            #(#assertions)*
        };
    }
}

fn claims_type(model: &Model<'_>, headers: &Headers) -> TokenStream {
    let Headers { this, at, plain, .. } = headers;
    let (generics, _, clause) = plain.split_for_impl();
    let schema = schema::schema(model);
    let context = context(model);
    let exposure = if is_confidential(model) { quote!(Confidential) } else { quote!(Open) };
    let formats = if model.settings.formats.is_empty() { quote!(__rt::AnyFormat) } else { quote!(__Formats) };
    let lines = describe::lines(model);
    quote! {
        #(#[doc = #lines])*
        #[automatically_derived]
        impl #generics __rt::ClaimsType for #this #clause {
            const SCHEMA: &'static __rt::Schema = &#schema;
            type At<'__de> = #at;
            type Context = #context;
            type Exposure = __rt::#exposure;
            type Formats = #formats;
        }
    }
}

fn is_confidential(model: &Model<'_>) -> bool {
    model.fields.iter().flatten().any(|field| field.words.has(FieldWord::Confidential))
}

/// What checks are handed beside the value.
pub(crate) fn context(model: &Model<'_>) -> TokenStream {
    model.settings.context.as_ref().map_or_else(|| quote!(()), ToTokens::to_token_stream)
}

/// The formats that may carry the type, as a type that stands for the list.
fn formats(model: &Model<'_>) -> Option<TokenStream> {
    let formats = &model.settings.formats;
    let confidential = is_confidential(model);
    let among = formats.iter().map(|format| {
        let carries = confidential.then(|| quote_spanned!(span(format)=> const _: () = __rt::encrypts::<#format>();));
        quote_spanned! {span(format)=>
            impl __rt::Among<__Formats> for #format {}
            #carries
        }
    });
    (!formats.is_empty()).then(|| quote!(pub struct __Formats; #(#among)*))
}

fn slots(model: &Model<'_>, headers: &Headers) -> TokenStream {
    let Headers { this, plain, .. } = headers;
    let (generics, _, clause) = plain.split_for_impl();
    let fields = slotted(model).map(|Field { ident, ty, .. }| {
        let ty = without_self(ty.to_token_stream(), this);
        quote!(#ident: __rt::Slot<#ty>)
    });
    // A parameter may stand in skipped fields only.
    let marker = (!model.generics.params.is_empty()).then(|| quote!(__type: __rt::PhantomData<fn() -> #this>));
    let fields = fields.chain(marker);
    quote! {
        pub struct __Slots #generics #clause { #(#fields),* }
    }
}

/// The fields that are read from a token.
fn slotted<'m, 'a>(model: &'m Model<'a>) -> impl Iterator<Item = &'m Field<'a>> {
    model.fields.iter().flatten().filter(|field| field.kind != Kind::Skipped)
}

fn claims(model: &Model<'_>, headers: &Headers) -> TokenStream {
    let Headers { this, plain, reading, de, .. } = headers;
    let (_, arguments, clause) = plain.split_for_impl();
    let (generics, _, _) = reading.split_for_impl();
    let empty = slotted(model).map(|Field { ident, .. }| quote!(#ident: __rt::empty()));
    let marker = (!model.generics.params.is_empty()).then(|| quote!(__type: __rt::PhantomData));
    let empty = empty.chain(marker);
    let reads = model.claims().enumerate().map(|(index, field)| {
        let index = Literal::usize_unsuffixed(index);
        let read = field::read(field);
        quote!(#index => #read,)
    });
    let all = || model.fields.iter().flatten();
    let locals: Vec<_> = all().map(local).collect();
    let (builds, idents) = (all().map(field::build), all().map(|field| field.ident));
    // All at once, and not one `?` a field, which the compiler has three times as much work with.
    let built = (!locals.is_empty()).then(|| quote!(let (#(__rt::Some(#locals),)*) = (#(#builds,)*) else { return __rt::None };));
    let (rest, older, check) = (rest(model, de), older(model, de), check(model));
    let writes = field::writes(model);
    quote! {
        #[automatically_derived]
        impl #generics __rt::Claims<#de> for #this #clause {
            type Slots = __Slots #arguments;
            #[inline]
            fn slots() -> Self::Slots {
                __Slots { #(#empty),* }
            }
            #[inline]
            fn read(__s: &mut Self::Slots, __raw: __rt::Raw<#de>) -> __rt::Option<()> {
                match __raw.claim() {
                    #(#reads)*
                    _ => __rt::None,
                }
            }
            #rest
            #[inline]
            fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
                #built
                __rt::Some(Self { #(#idents: #locals),* })
            }
            #older
            #check
            #[inline]
            fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
                #writes
            }
        }
    }
}

/// The field that takes the claims that no other field names.
fn rest(model: &Model<'_>, de: &syn::Lifetime) -> Option<TokenStream> {
    let Field { ident, ty, .. } = model.rest()?;
    let fill = quote_spanned!(span(ty)=> <#ty as __rt::Flat<'_, _>>::fill(&mut __s.#ident, __rest));
    Some(quote! {
        #[inline]
        fn read_rest(__s: &mut Self::Slots, __rest: __rt::Rest<'_, #de>) -> __rt::Option<()> {
            #fill
        }
    })
}

/// The way in for tokens of the version before this one.
fn older(model: &Model<'_>, de: &syn::Lifetime) -> Option<TokenStream> {
    let (_, older) = model.settings.version.as_ref()?;
    let older: &Type = older.as_ref()?;
    // With a context of its own the compiler finds out whether the older version needs it.
    let way = if model.settings.context.is_some() { quote!(_) } else { quote!(__rt::Same) };
    let upgrade = quote_spanned!(span(older)=> __rt::upgrade::<#older, Self, #way>(__payload, __context));
    Some(quote! {
        fn older(__payload: &mut __rt::Payload<'_, #de>, __context: &Self::Context) -> __rt::Option<Self> {
            #upgrade
        }
    })
}

/// The checks of fields and of the whole, in that order. A type with `context` hands it to each.
fn check(model: &Model<'_>) -> Option<TokenStream> {
    let context = model.settings.context.as_ref().map(|_| quote!(, __context));
    let fields = model.fields.iter().flatten().filter_map(|field| {
        let Field { ident, name, check, .. } = field;
        let check = check.as_ref()?;
        Some(quote_spanned!(span(check)=> __rt::check(__err, #name, #check(&self.#ident #context));))
    });
    let whole = model.settings.check.as_ref();
    let whole = whole.map(|check| quote_spanned!(span(check)=> __rt::check(__err, __rt::WHOLE, #check(self #context));));
    let checks: TokenStream = fields.chain(whole).collect();
    (!checks.is_empty()).then(|| {
        quote! {
            #[inline]
            fn check(&self, __context: &Self::Context, __err: &mut __rt::Errors) {
                #checks
            }
        }
    })
}

/// Durations in constants are held to the runtime's limits by the runtime itself, once the parameters of the type are known. Where all are
/// literals, the derive has judged them.
fn lifetimes_hold(model: &Model<'_>) -> Option<TokenStream> {
    let settings = &model.settings;
    let constant = [&settings.ttl, &settings.max_ttl, &settings.leeway].into_iter().flatten().find(|life| life.known().is_none())?;
    let ident = model.ident;
    let mut parameters = model.generics.params.iter();
    let arguments = match (parameters.next(), parameters.next()) {
        (None, _) => None,
        (Some(GenericParam::Lifetime(_)), None) => Some(quote!(<'static>)),
        _ => return None,
    };
    Some(quote_spanned!(span(constant)=> const _: () = <#ident #arguments as __rt::ClaimsType>::SCHEMA.assert_lifetimes();))
}

/// Both numbers are known to the compiler only. A type with parameters is judged when a verifier is built for it.
fn version_follows(model: &Model<'_>) -> Option<TokenStream> {
    let (_, older) = model.settings.version.as_ref()?;
    let (older, ident) = (older.as_ref()?, model.ident);
    let follows = quote_spanned!(span(older)=> const _: () = __rt::follows::<#older, #ident>(););
    model.generics.params.is_empty().then_some(follows)
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
