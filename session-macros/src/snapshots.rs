//! What the derive writes, so that a change of it is seen in review. `UPDATE_EXPECT=1 cargo test -p session-macros` rewrites the files.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::TokenStream;
use quote::quote;

/// More than a reader takes in at once hides what it should show.
const LINES: usize = 60;

#[track_caller]
fn check(input: TokenStream, want: &ExpectFile) {
    let printed =
        syn::parse2(input).map(|input| crate::derive::derive(&input)).and_then(syn::parse2).map(|file| prettyplease::unparse(&file));
    let printed = printed.unwrap_or_else(|error| error.to_string());
    want.assert_eq(&printed);
    assert!(printed.lines().count() <= LINES, "{} lines", printed.lines().count());
}

#[test]
fn access_token() {
    let input = quote! {
        #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
        struct Access {
            #[claim(sub)]
            user: UserId,
            #[claim(rename = "tenant", default)]
            org: Option<Org>,
        }
    };
    check(input, &expect_file!["../snapshots/access-token.expected.rs"]);
}

#[test]
fn settings() {
    let input = quote! {
        #[claims(issuer = ISSUER, audience("orders", names::BILLING), ttl = LIFE, max_ttl = "2d", leeway = "1m", token_type = TYPE)]
        #[claims(no_issued_at, deny_unknown, rename_all = "camelCase", crate = "::renamed")]
        struct Strict {}
    };
    check(input, &expect_file!["../snapshots/settings.expected.rs"]);
}

#[test]
fn text_roles() {
    let input = quote! {
        #[claims(untyped, ttl = "15m")]
        struct Signed {
            #[claim(sub)]
            user: Id,
            #[claim(jti)]
            id: Id,
            #[claim(sid)]
            on: Id,
        }
    };
    check(input, &expect_file!["../snapshots/text-roles.expected.rs"]);
}

#[test]
fn times_and_audience() {
    let input = quote! {
        #[claims(token_type = "at+jwt")]
        struct Dated {
            #[claim(exp)]
            until: DateTime<Utc>,
            #[claim(iat)]
            issued_at: u64,
            #[claim(aud)]
            audience: Audience,
        }
    };
    check(input, &expect_file!["../snapshots/times-and-audience.expected.rs"]);
}

#[test]
fn field_words() {
    let input = quote! {
        #[claims(token_type = "at+jwt", ttl = "15m", check = Access::is_whole)]
        struct Access {
            #[claim(default = "Plan::free", check = Plan::is_live, with = "text")]
            plan: Plan,
            #[claim(skip)]
            seen: bool,
        }
    };
    check(input, &expect_file!["../snapshots/field-words.expected.rs"]);
}

#[test]
fn nested() {
    let input = quote! {
        #[claims(untyped, never_expires, no_issuer, allow(iss))]
        struct Access {
            #[claim(path("act", "x.y", "sub"))]
            by: Id,
        }
    };
    check(input, &expect_file!["../snapshots/nested.expected.rs"]);
}

#[test]
fn rest() {
    let input = quote! {
        #[claims(untyped, never_expires, no_issuer, no_audience, allow(aud, typ))]
        #[allow(clippy::disallowed_types)]
        struct Foreign {
            #[claim(flatten)]
            #[expect(deprecated)]
            rest: Map,
        }
    };
    check(input, &expect_file!["../snapshots/rest.expected.rs"]);
}

#[test]
fn version() {
    let input = quote! {
        #[claims(token_type = "at+jwt", ttl = "15m", version(2, from = AccessV1))]
        #[claims(context = Request)]
        struct Access {
            #[claim(check = same_tenant)]
            tenant: String,
        }
    };
    check(input, &expect_file!["../snapshots/version.expected.rs"]);
}

#[test]
fn bounds() {
    let input = quote! {
        #[claims(untyped, ttl = "15m")]
        struct Access {
            #[claim(one_of("free", PAID), max_len = 8)]
            plan: String,
            n: u32,
        }
    };
    check(input, &expect_file!["../snapshots/bounds.expected.rs"]);
}

#[test]
fn borrowed_and_generic() {
    let input = quote! {
        #[claims(token_type = "at+jwt", ttl = "15m")]
        struct Access<'a, T: Tenant, const N: usize = 3> {
            #[claim(sub)]
            user: &'a str,
            #[claim(skip)]
            rings: [T; N],
        }
    };
    check(input, &expect_file!["../snapshots/borrowed-and-generic.expected.rs"]);
}

#[test]
fn confidential() {
    let input = quote! {
        #[claims(token_type = "at+jwt", ttl = "15m", format = V4Local | V3Local, namespace = "https://example.com/")]
        struct Access {
            #[claim(confidential)]
            pin: Secret<String>,
        }
    };
    check(input, &expect_file!["../snapshots/confidential.expected.rs"]);
}

#[test]
fn serde_words() {
    let input = quote! {
        #[claims(token_type = "at+jwt", ttl = "15m")]
        #[serde(rename_all = "camelCase")]
        struct Access {
            #[serde(rename(serialize = "org"), alias = "org", skip_serializing_if = "Org::is_own")]
            #[claim(range = -1..=ORGS)]
            home_org: Org,
        }
    };
    check(input, &expect_file!["../snapshots/serde-words.expected.rs"]);
}

#[test]
fn mistakes() {
    let input = quote! {
        #[claims(tokn_type = "at+jwt", ttl = "15m")]
        struct Access {
            #[claim(isss)]
            issuer: String,
            exp: u64,
        }
    };
    check(input, &expect_file!["../snapshots/mistakes.expected.rs"]);
}
