//! All that generated code may call. Not part of the public interface: it changes with the derive, in the same release.

pub use core::{
    default::Default,
    marker::PhantomData,
    option::Option::{self, None, Some},
    result::Result::{self, Ok},
    time::Duration,
};

pub use crate::{
    claims::{
        AnyFormat, Aud, Claims, ClaimsType, Confidential, Exp, Flat, Hidden, Iat, Iss, Jti, Nbf, Open, Own, OwnedClaims, Payload, Range,
        Raw, Rest, Role, Same, Schema, Sid, Slot, Spec, Sub, Tolerated, Unbounded, WHOLE, Width, Writer, check, empty, fill, fill_with,
        follows, or_default, or_else, put, put_with, require, require_with, unless, upgrade, within,
    },
    error::{ClaimErrors as Errors, IssueError},
    format::{Among, Carries},
};

/// Registered claims, as the schema has them.
pub const ISS: Spec = Spec::role(Role::Issuer);
/// `sub`
pub const SUB: Spec = Spec::role(Role::Subject);
/// `aud`
pub const AUD: Spec = Spec::role(Role::Audience);
/// `exp`
pub const EXP: Spec = Spec::role(Role::Expires);
/// `nbf`
pub const NBF: Spec = Spec::role(Role::NotBefore);
/// `iat`
pub const IAT: Spec = Spec::role(Role::IssuedAt);
/// `jti`
pub const JTI: Spec = Spec::role(Role::TokenId);
/// `sid`
pub const SID: Spec = Spec::role(Role::SessionId);

/// A claim of the type's own.
pub const fn claim(name: &'static str) -> Spec {
    Spec::custom(name)
}

/// Compiles for formats that may carry confidential claims.
pub const fn encrypts<F: Carries<Confidential>>() {}

/// What writing answers.
pub type Written = Result<(), IssueError>;

/// What a type parameter of claims has to be. A re-export of serde's traits would become their name in compiler messages.
pub trait Value: serde::Serialize + serde::de::DeserializeOwned {}

impl<T: serde::Serialize + serde::de::DeserializeOwned> Value for T {}
