//! What a struct with mistakes becomes: the mistakes, and impls that stand in, so that its uses do not add mistakes of their own.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{ast::Model, expand::context, generics::Headers};

pub(crate) fn expand(model: &Model<'_>, mistakes: &TokenStream) -> TokenStream {
    // Two lifetimes are one of the mistakes, and no impl could serve them.
    if model.generics.lifetimes().count() > 1 {
        return mistakes.clone();
    }
    let krate = &model.krate;
    let headers = Headers::without_bounds(model);
    let owned = headers.owned();
    let context = context(model);
    let Headers { this, at, plain, reading, de } = headers;
    let (plain, _, clause) = plain.split_for_impl();
    let (reading, _, _) = reading.split_for_impl();
    quote! {
        #mistakes
        const _: () = {
            use #krate::__private as __rt;
            #[automatically_derived]
            impl #plain __rt::ClaimsType for #this #clause {
                const SCHEMA: &'static __rt::Schema = &__rt::Schema::untyped();
                type At<'__de> = #at;
                type Context = #context;
                type Exposure = __rt::Open;
                type Formats = __rt::AnyFormat;
            }
            #[automatically_derived]
            impl #reading __rt::Claims<#de> for #this #clause {
                type Slots = ();
                fn slots() {}
                fn read(_: &mut (), _: __rt::Raw<#de>) -> __rt::Option<()> {
                    __rt::None
                }
                fn build(_: (), _: &mut __rt::Errors) -> __rt::Option<Self> {
                    __rt::None
                }
                fn write(&self, _: &mut __rt::Writer<'_>) -> __rt::Written {
                    __rt::Ok(())
                }
            }
            #owned
        };
    }
}
