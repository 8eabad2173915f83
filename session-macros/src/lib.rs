//! The derive behind `session-runtime`. Depend on that crate, which re-exports it.
#![forbid(unsafe_code)]

mod ast;
mod attr;
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
/// | `rename_all = "camelCase"` | the case of all claim names |
/// | `deny_unknown` | a claim without a field refuses the token |
/// | `crate = "::path"` | where `session_runtime` is, when it was renamed |
///
/// | on a field | |
/// |---|---|
/// | `iss` `sub` `aud` `exp` `nbf` `iat` `jti` | holds this registered claim |
/// | `rename = "org"` | the claim's name, the field's unless it is said |
/// | `default`, `default = "path"` | the value for a claim that is not there |
/// | `skip` | not a claim: neither written nor read, filled by `Default` |
/// | `with = "module"` | read and written by `module::deserialize` and `module::serialize` |
/// | `check = "path"` | a function of `&FieldType` that answers `bool` or `Result<(), &'static str>` |
///
/// Values may be literals or paths to constants.
#[proc_macro_derive(Claims, attributes(claims, claim, serde))]
pub fn claims(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::derive(&syn::parse_macro_input!(input)).into()
}
