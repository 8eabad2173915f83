//! The derive behind `session-runtime`. Depend on that crate, which re-exports it.
#![forbid(unsafe_code)]

mod ast;
mod attr;
mod case;
mod check;
mod derive;
mod describe;
mod diag;
mod expand;
mod fallback;
mod generics;
mod serde;
mod value;
mod vocab;

#[cfg(test)]
mod half_typed;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod snapshots;

/// Makes a struct the claims of a token.
///
/// `#[claims(…)]` on the struct says what is expected of every token of this type; `#[claim(…)]` on a field says which claim the
/// field holds. Three-letter words are claims in the token, full words are expectations and settings.
///
/// | on the struct | |
/// |---|---|
/// | `token_type = "at+jwt"` or `untyped` | what the token says it is, so that no other token passes for it; one of the two is needed |
/// | `issuer = "…"` or `no_issuer` | who issues |
/// | `audience = "…"`, `audience("…", "…")` or `no_audience` | for whom |
/// | `ttl = "15m"` | how long an issued token lives (`s`, `m`, `h`, `d`) |
/// | `max_ttl = "12h"` | the longest life that is accepted, 24 hours unless it is said |
/// | `never_expires` | tokens may lack `exp` |
/// | `leeway = "30s"` | how far clocks may differ, at most 300 s |
/// | `no_issued_at` | tokens of others may lack `iat` |
/// | `allow(iss, aud, typ)` | tokens may have these though the type declares none |
/// | `format = V4Local \| V3Local` | the formats that may carry the type |
/// | `rename_all = "camelCase"` | the case of all claim names |
/// | `namespace = "https://example.com/"` | stands before the names of all claims that are not registered |
/// | `deny_unknown` | a claim without a field refuses the token |
/// | `check = "path"` | a function of the whole, after those of its fields |
/// | `context = Type` | what every check is handed as well, by reference |
/// | `version(2, from = Older)` | the version in `ver`; tokens of the older type are read by it, and converted by `From` |
/// | `crate = "::path"` | where `session_runtime` is, when it was renamed |
///
/// | on a field | |
/// |---|---|
/// | `iss` `sub` `aud` `exp` `nbf` `iat` `jti` `sid` | holds this registered claim |
/// | `rename = "org"` | the claim's name, the field's unless it is said |
/// | `alias = "tenant"`, `alias("a", "b")` | other names under which it is read, as they are, in the outer object |
/// | `path = "realm_access.roles"`, `path("a.b", "c")` | where a nested claim stands: a string is split at its dots, several are names as they are |
/// | `namespace = ""` | another namespace than the struct's, or none |
/// | `default`, `default = "path"` | the value for a claim that is not there |
/// | `skip` | not a claim: neither written nor read, filled by `Default` |
/// | `skip_if = "path"` | a function of `&FieldType` that answers whether the claim is left out |
/// | `with = "module"` | read and written by `module::deserialize` and `module::serialize` |
/// | `flatten` | takes the claims that no other field names |
/// | `check = "path"` | a function of `&FieldType` that answers `bool` or `Result<(), &'static str>` |
/// | `one_of("free", "team")` | the texts that the claim may be |
/// | `range = 1..=9` | the numbers that it may be |
/// | `max_len = 64` | how many bytes of JSON it may have, for a string without its quotes |
/// | `confidential` | only an encrypted format may carry it |
///
/// Values may be literals or paths to constants.
///
/// Where the struct has `#[serde(…)]` already, these words hold for its claims too: `rename`, `rename_all`, `alias`, `default`, `with`,
/// `serialize_with`, `deserialize_with`, `skip`, `skip_serializing_if`, `flatten` and `deny_unknown_fields`. One that contradicts
/// `#[claim(…)]`, and any other that would change what is read or written, is a mistake.
#[proc_macro_derive(Claims, attributes(claims, claim, serde))]
pub fn claims(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::derive(&syn::parse_macro_input!(input)).into()
}
