//! Limits, at them and one past them, and words that go together beside those that do not.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse_quote};

use super::*;

/// `mistakes` are the first lines of what is recorded.
#[track_caller]
fn check(input: &DeriveInput, mistakes: &[&str]) {
    let mut diag = Diagnostics::default();
    all(&Model::parse(input, &mut diag), &mut diag);
    assert_eq!(diag.first_lines(), mistakes);
}

#[track_caller]
fn settings(words: TokenStream, mistakes: &[&str]) {
    check(&parse_quote! { #[claims(untyped, #words)] struct Access {} }, mistakes);
}

#[track_caller]
fn field(attributes: TokenStream, mistakes: &[&str]) {
    check(&parse_quote! { #[claims(untyped, never_expires)] struct Access { #attributes own: Own } }, mistakes);
}

#[test]
fn durations_may_be_at_their_limits() {
    settings(quote!(ttl = "1s"), &[]);
    settings(quote!(ttl = "0s"), &["`ttl` of `0s` is under the limit of 1 s"]);
    settings(quote!(ttl = "24h"), &[]);
    settings(quote!(ttl = "86401s"), &["`ttl` of `86401s` is over the limit of 24 h"]);
    settings(quote!(ttl = "1h", max_ttl = "2h"), &[]);
    settings(quote!(ttl = "1h", max_ttl = "1h"), &[]);
    settings(quote!(ttl = "3601s", max_ttl = "1h"), &["`ttl` of `3601s` is over the `max_ttl` of `1h`", "`max_ttl` is here"]);
    settings(quote!(ttl = "86401s", max_ttl = "86401s"), &[]);
    settings(quote!(never_expires, leeway = "300s"), &[]);
    settings(quote!(never_expires, leeway = "301s"), &["`leeway` of `301s` is over the limit of 300 s"]);
}

#[test]
fn a_range_holds_a_number() {
    field(quote!(#[claim(range = 1..=2)]), &[]);
    field(quote!(#[claim(range = 1..=1)]), &[]);
    field(quote!(#[claim(range = 2..=1)]), &["range `2..=1` holds no number"]);
    field(quote!(#[claim(range = 1..2)]), &[]);
    field(quote!(#[claim(range = 1..1)]), &["range `1..1` holds no number"]);
    field(quote!(#[claim(range = 2..1)]), &["range `2..1` holds no number"]);
}

/// A suffix is code that the generated code holds, so it has to be the type that the runtime takes.
#[test]
fn numbers_are_of_the_runtimes_types() {
    field(quote!(#[claim(range = 1i64..=9i64)]), &[]);
    field(quote!(#[claim(range = 1u8..=9)]), &["`range` takes whole numbers of 64 bits"]);
    field(quote!(#[claim(max_len = 8usize)]), &[]);
    field(quote!(#[claim(max_len = 8u8)]), &["`max_len` cannot be `8u8`"]);
    settings(quote!(never_expires, version(2u32)), &[]);
    settings(quote!(never_expires, version(2u8)), &["version `2u8` is no `u32`"]);
}

#[test]
fn a_skipped_field_takes_no_word_but_serdes_default_of_serdes_skip() {
    field(quote!(#[serde(skip, default)]), &[]);
    field(quote!(#[serde(skip, default = "Own::new")]), &[]);
    field(quote!(#[serde(skip, rename = "org")]), &["`skip` cannot be combined with `rename`"]);
    field(quote!(#[serde(skip)] #[claim(default)]), &["`skip` cannot be combined with `default`"]);
    field(quote!(#[claim(skip)] #[serde(default)]), &["`skip` cannot be combined with `default`"]);
    field(quote!(#[claim(skip, default)]), &["`skip` cannot be combined with `default`"]);
}

#[test]
fn what_the_policy_judges_is_not_confidential() {
    for word in FieldWord::ALL.iter().filter(|word| word.role().is_some()) {
        let text = word.text();
        let typed: TokenStream = text.parse().unwrap();
        let wrong = format!("`{text}` cannot be combined with `confidential`");
        let open: &[&str] = if ["sub", "jti", "sid"].contains(&text) { &[] } else { &[&wrong] };
        field(quote!(#[claim(#typed, confidential)]), open);
    }
    field(quote!(#[claim(confidential)]), &[]);
}
