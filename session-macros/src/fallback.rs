//! What a struct with mistakes becomes: the mistakes, and impls that stand in, so that its uses do not add mistakes of their own.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{ast::Model, generics::Headers};

pub(crate) fn expand(model: &Model<'_>, mistakes: &TokenStream) -> TokenStream {
    // Two lifetimes are one of the mistakes, and no impl could serve them.
    if model.generics.lifetimes().count() > 1 {
        return mistakes.clone();
    }
    let krate = &model.krate;
    let headers = Headers::without_bounds(model);
    let owned = headers.owned();
    let Headers { this, at, plain, reading, de } = headers;
    let (plain, _, clause) = plain.split_for_impl();
    let (reading, _, _) = reading.split_for_impl();
    quote! {
        #mistakes
        const _: () = {
            use #krate::__private as __session;
            #[automatically_derived]
            impl #plain __session::ClaimsType for #this #clause {
                const SCHEMA: &'static __session::Schema = &__session::Schema::untyped();
                type At<'__de> = #at;
            }
            #[automatically_derived]
            impl #reading __session::Claims<#de> for #this #clause {
                type Slots = ();
                fn slots() {}
                fn read(_: &mut (), _: __session::usize, _: __session::Raw<#de>) -> __session::Option<()> {
                    __session::None
                }
                fn build(_: (), _: &mut __session::ClaimErrors) -> __session::Option<Self> {
                    __session::None
                }
                fn check(&self, _: &mut __session::ClaimErrors) {}
                fn write(&self, _: &mut __session::Writer<'_>) -> __session::Result<(), __session::IssueError> {
                    __session::Ok(())
                }
            }
            #owned
        };
    }
}
