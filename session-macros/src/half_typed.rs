//! Attributes as an editor sees them between two keystrokes: cut off behind each token, or with one token missing. The derive never panics,
//! what it writes is code, and the type stays a claims type, so that completion goes on in the rest of the file.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Data, DeriveInput, Meta, parse_quote};

use crate::derive::derive;

/// All beginnings of a stream, and all of it but one token; of groups, what is inside of them in the same way.
fn half_typed(tokens: &TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut halves = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let (before, after) = tokens.split_at(at);
        let after = &after[1..];
        halves.push(before.iter().cloned().collect());
        halves.push(before.iter().chain(after).cloned().collect());
        if let TokenTree::Group(group) = token {
            for inside in half_typed(&group.stream()) {
                let inside = TokenTree::Group(Group::new(group.delimiter(), inside));
                halves.push(before.iter().chain([&inside]).chain(after).cloned().collect());
            }
        }
    }
    halves
}

/// The attributes of a struct and of its fields.
fn attributes(input: &mut DeriveInput) -> Vec<&mut Meta> {
    let Data::Struct(data) = &mut input.data else { return Vec::new() };
    let of_fields = data.fields.iter_mut().flat_map(|field| &mut field.attrs);
    input.attrs.iter_mut().chain(of_fields).map(|attribute| &mut attribute.meta).collect()
}

#[track_caller]
fn check(input: &DeriveInput) {
    let expansion = derive(input);
    assert!(syn::parse2::<syn::File>(expansion.clone()).is_ok(), "{}\n{expansion}", input.to_token_stream());
    let text = expansion.to_string();
    for standing in ["__rt :: ClaimsType for Access", "__rt :: Claims <"] {
        assert!(text.contains(standing), "{}\nlacks {standing}", input.to_token_stream());
    }
}

#[test]
fn half_typed_attributes_leave_a_claims_type() {
    let inputs: [DeriveInput; 4] = [
        parse_quote! {
            #[claims(issuer = "https://id.example", audience("orders", BILLING), ttl = "15m", max_ttl = LIFE, token_type = "at+jwt")]
            #[claims(leeway = "1m", rename_all = "camelCase", crate = "::renamed")]
            #[claims(format = V4Local | a::V3Local, check = a::b, context = Request<Tenant>, version(2, from = AccessV1<'static>))]
            struct Access {
                #[claim(sub, max_len = 64)] user: UserId,
                #[claim(path("realm", "roles"), alias("groups", "teams"), default = "none")] roles: Vec<String>,
                #[claim(one_of("free", PAID), skip_if = "Plan::is_free")] plan: Plan,
                #[claim(range = -1..=LIMIT, with = numbers)] seats: i64,
                #[claim(confidential, check = |_| true)] pin: Secret<String>,
                #[claim(flatten)] rest: Rest,
            }
        },
        parse_quote! {
            #[claims(untyped, never_expires, no_issuer, no_audience, no_issued_at, allow(iss, aud, typ), namespace = "https://x/")]
            struct Access<'a, T: Tenant, const N: usize> where T: Clone {
                #[claim(rename = "org", namespace = "")] tenant: T,
                #[claim(skip)] seen: [u8; N],
                name: &'a str,
            }
        },
        parse_quote! {
            #[claims(token_type = "at+jwt", ttl = "15m")]
            #[serde(rename_all(serialize = "camelCase", deserialize = "snake_case"), deny_unknown_fields, bound = "")]
            struct Access<'a> {
                #[serde(rename(serialize = "org"), alias = "team", alias = "tenant", default = "none")] organisation: &'a str,
                #[serde(serialize_with = "a::b", deserialize_with = "c", skip_serializing_if = "Option::is_none")] digest: Digest,
                #[serde(borrow, with = "text")] name: Cow<'a, str>,
                #[serde(skip, default = "now")] read_at: Time,
            }
        },
        parse_quote! {
            #[claims(token_type = "at+jwt", ttl = "15m", no_issuer, deny_unknown)]
            struct Access {
                #[claim(exp)] until: Option<u64>,
                #[claim(aud)] audience: Audience,
            }
        },
    ];
    for input in inputs {
        check(&input);
        let count = attributes(&mut input.clone()).len();
        for at in 0..count {
            let mut whole = input.clone();
            let tokens = attributes(&mut whole)[at].require_list().unwrap().tokens.clone();
            for half in half_typed(&tokens) {
                let mut input = input.clone();
                if let Meta::List(list) = &mut *attributes(&mut input)[at] {
                    list.tokens = half;
                }
                check(&input);
            }
        }
    }
}
