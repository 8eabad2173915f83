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
/// | `allow(iss)`, `allow(aud)`, `allow(typ)` | takes tokens that have what the type does not judge |
/// | `ttl = "15m"` | how long an issued token lives (`s`, `m`, `h`, `d`) |
/// | `max_ttl = "12h"` | the longest life that is accepted, 24 hours unless it is said |
/// | `never_expires` | tokens may lack `exp` |
/// | `leeway = "30s"` | how far clocks may differ, at most 300 s |
/// | `no_issued_at` | tokens of others may lack `iat` |
/// | `rename_all = "camelCase"` | the case of all claim names |
/// | `namespace = "https://example.com/"` | the beginning of the names of all claims of the type's own |
/// | `deny_unknown` | a claim without a field refuses the token |
/// | `check = "path"` | a function of the whole struct |
/// | `context = Type` | what checks are handed beside the value |
/// | `version(2, from = Older)` | the claim `ver`, and the type that older tokens are read as |
/// | `format = V4Local` | the formats that may carry the type |
/// | `crate = "::path"` | where `session_runtime` is, when it was renamed |
///
/// | on a field | |
/// |---|---|
/// | `iss` `sub` `aud` `exp` `nbf` `iat` `jti` `sid` | holds this registered claim |
/// | `rename = "org"` | the claim's name, the field's unless it is said |
/// | `alias = "tenant"`, `alias("…", "…")` | other names under which it is read |
/// | `path = "realm_access.roles"` | a claim inside of objects; `path("…", "…")` for names with dots |
/// | `namespace = "…"` | in place of the struct's; `""` for none |
/// | `default`, `default = "path"` | the value for a claim that is not there |
/// | `skip` | not a claim: neither written nor read, filled by `Default` |
/// | `skip_if = "path"` | left out when the function says so |
/// | `with = "module"` | read and written by `module::deserialize` and `module::serialize` |
/// | `flatten` | the claims that nothing else names, in a map |
/// | `one_of("…", "…")`, `range = 1..=9`, `max_len = 64` | what the claim may be on the wire, verified and issued |
/// | `check = "path"` | a function of `&FieldType` that answers `bool` or `Result<(), &'static str>` |
/// | `confidential` | only in an encrypted token |
///
/// Values may be literals or paths to constants. `#[serde(…)]` attributes that the struct has are honoured, or refused by name. The
/// manual of `session_runtime` has every word with an example, and recipes.
#[proc_macro_derive(Claims, attributes(claims, claim, serde))]
pub fn claims(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::derive(&syn::parse_macro_input!(input)).into()
}
