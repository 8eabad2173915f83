//! The pipeline: a struct is parsed, checked and expanded; with mistakes it is expanded to them and to impls that stand in.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::{ast::Model, check, diag::Diagnostics, expand, fallback};

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut diag = Diagnostics::default();
    let model = Model::parse(input, &mut diag);
    check::all(&model, &mut diag);
    match diag.finish() {
        None => expand::expand(&model),
        Some(mistakes) => fallback::expand(&model, &mistakes),
    }
}
