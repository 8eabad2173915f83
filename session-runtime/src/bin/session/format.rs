//! The formats by name, and calling one function for several of them.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Calls a function for every format of a family and gives the answers as an array: `on!(published: of_set(text))`.
macro_rules! on {
    (published: $function:ident $arguments:tt) => {
        $crate::format::on!(@ $function $arguments, Jwt<EdDsa>, Jwt<Es256>, Jwt<Es384>, Jwt<Es512>, Jwt<Rs256>, Jwt<Rs384>, Jwt<Rs512>,
            Jwt<Ps256>, Jwt<Ps384>, Jwt<Ps512>, Jwt<MlDsa44>, Jwt<MlDsa65>, Jwt<MlDsa87>)
    };
    (hmac: $function:ident $arguments:tt) => { $crate::format::on!(@ $function $arguments, Jwt<Hs256>, Jwt<Hs384>, Jwt<Hs512>) };
    (public: $function:ident $arguments:tt) => { $crate::format::on!(@ $function $arguments, V4Public, V3Public) };
    (local: $function:ident $arguments:tt) => { $crate::format::on!(@ $function $arguments, V4Local, V3Local) };
    (@ $function:ident $arguments:tt, $($format:ty),*) => {{
        #[allow(unused_imports, reason = "each family uses some of them")]
        use session_runtime::{
            jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Jwt, MlDsa44, MlDsa65, MlDsa87, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512},
            paseto::{V3Local, V3Public, V4Local, V4Public},
        };
        [$($function::<$format> $arguments),*]
    }};
}
pub(crate) use on;

/// A format by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FormatName(pub(crate) &'static str);

/// Every name: what rings are stored under.
pub(crate) const NAMES: [&str; 20] = [
    "EdDSA",
    "ES256",
    "ES384",
    "ES512",
    "HS256",
    "HS384",
    "HS512",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
    "v4.public",
    "v4.local",
    "v3.public",
    "v3.local",
];

impl FormatName {
    /// The format that a token names, which picks among keys that were given and never makes a key something else.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        NAMES.into_iter().find(|known| *known == name).map(Self)
    }
}

/// Reads a format on the command line, however its letters are written.
pub(crate) fn parser() -> impl TypedValueParser<Value = FormatName> {
    let values = NAMES.map(|name| if name == "EdDSA" { PossibleValue::new(name).alias("Ed25519") } else { PossibleValue::new(name) });
    PossibleValuesParser::new(values)
        .map(|text| FormatName(NAMES.into_iter().find(|name| name.eq_ignore_ascii_case(&text)).unwrap_or("EdDSA")))
}
