//! What the derive writes, so that a change of it is seen in review. `UPDATE_EXPECT=1 cargo test -p session-macros` rewrites the files.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::TokenStream;
use quote::quote;

#[track_caller]
fn check(input: TokenStream, want: &ExpectFile) {
    let printed =
        syn::parse2(input).map(|input| crate::derive::derive(&input)).and_then(syn::parse2).map(|file| prettyplease::unparse(&file));
    want.assert_eq(&printed.unwrap_or_else(|error| error.to_string()));
}

#[test]
fn access_token() {
    let input = quote! {
        #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
        struct Access {
            #[claim(sub)]
            user: UserId,
            tenant: String,
            #[claim(rename = "org", default)]
            organisation: Option<String>,
        }
    };
    check(input, &expect_file!["../snapshots/access-token.expected.rs"]);
}

#[test]
fn no_fields() {
    let input = quote! {
        #[claims(token_type = "ping+jwt", ttl = "1m", no_issuer, no_audience)]
        struct Ping {}
    };
    check(input, &expect_file!["../snapshots/no-fields.expected.rs"]);
}

#[test]
fn all_roles() {
    let input = quote! {
        #[claims(token_type = "at+jwt")]
        struct Everything {
            #[claim(iss)] issuer: String,
            #[claim(sub)] subject: String,
            #[claim(aud)] audience: Audience,
            #[claim(exp)] expires_at: Timestamp,
            #[claim(nbf)] not_before: Option<Timestamp>,
            #[claim(iat)] issued_at: u64,
            #[claim(jti)] id: TokenId,
        }
    };
    check(input, &expect_file!["../snapshots/all-roles.expected.rs"]);
}

#[test]
fn all_settings() {
    let input = quote! {
        #[claims(issuer = ISSUER, audience("orders", names::BILLING), ttl = LIFE, max_ttl = "2d", leeway = "1m", token_type = TYPE)]
        #[claims(no_issued_at, deny_unknown, rename_all = "camelCase", crate = "::renamed")]
        struct Strict {
            display_name: String,
        }
    };
    check(input, &expect_file!["../snapshots/all-settings.expected.rs"]);
}

#[test]
fn field_words() {
    let input = quote! {
        #[claims(untyped, never_expires)]
        struct Foreign {
            #[claim(default = "Plan::free", check = Plan::is_live)] plan: Plan,
            #[claim(with = "hex")] digest: [u8; 32],
            #[claim(skip)] seen: bool,
            r#type: String,
        }
    };
    check(input, &expect_file!["../snapshots/field-words.expected.rs"]);
}

/// The struct of the same name in the runtime's tests, which hold the documentation to the policy.
#[test]
fn bounds() {
    let input = quote! {
        #[claims(issuer = "https://id.example", audience("orders", "billing"), ttl = "15m", max_ttl = "36h", leeway = "0s", token_type = "at+jwt", deny_unknown)]
        struct Bounded {
            #[claim(one_of("free", "team"), check = "is_short")] plan: String,
            #[claim(range = 1..=9)] level: Option<u8>,
            #[claim(max_len = 64, default)] name: String,
        }
    };
    check(input, &expect_file!["../snapshots/bounds.expected.rs"]);
}

#[test]
fn borrowed() {
    let input = quote! {
        #[claims(token_type = "at+jwt", ttl = "15m")]
        struct Access<'a> {
            #[claim(sub)] user: &'a str,
            tenant: Cow<'a, str>,
        }
    };
    check(input, &expect_file!["../snapshots/borrowed.expected.rs"]);
}

#[test]
fn generic() {
    let input = quote! {
        #[claims(token_type = "at+jwt", ttl = "15m")]
        struct Access<'a, T: Tenant, U = (), const N: usize = 3> where U: Default {
            tenant: T,
            #[claim(skip)] extra: U,
            name: &'a str,
            rings: [u8; N],
        }
    };
    check(input, &expect_file!["../snapshots/generic.expected.rs"]);
}

#[test]
fn mistakes() {
    let input = quote! {
        #[claims(tokn_type = "at+jwt", ttl = "15m")]
        struct Access {
            #[claim(isss)] issuer: String,
            exp: u64,
        }
    };
    check(input, &expect_file!["../snapshots/mistakes.expected.rs"]);
}
