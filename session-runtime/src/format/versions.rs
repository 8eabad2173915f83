//! Which formats belong to one version of PASETO, so that keys of two versions cannot be mixed.

use super::{
    Asymmetric, Format, Symmetric,
    paseto::{Local, Public, V3, V4},
};
use crate::crypto::{Argon2Cost, Cost, K3, K4, Pbkdf2Cost, Recipient, Unsealer, Version, Wrapped, WrapsKeys};

/// A format of PASETO. Its keys have PASERK texts: plain, wrapped with a key, and wrapped with a password.
pub trait Paseto: Format<Sealing: Wrapped<Version = Self::Version>> {
    /// The `local` format of the same version: its keys wrap others, and can be sealed.
    type Local: Paseto<Version = Self::Version> + Symmetric + Format<Sealing: WrapsKeys>;
    /// The `public` format of the same version: keys are sealed to its public keys.
    type Public: Paseto<Version = Self::Version>
        + Asymmetric
        + Format<Sealing: Unsealer<Version = Self::Version>, Opening: Recipient<Version = Self::Version>>;
    /// What a guess at the password of a wrapped key costs.
    type PasswordCost: Cost;
    #[doc(hidden)]
    type Version: Version<Cost = Self::PasswordCost>;
}

macro_rules! versions {
    ($($version:ident: $keys:ident, $cost:ident;)*) => { $( versions!(@ $version, $keys, $cost, Local, Public); )* };
    (@ $version:ident, $keys:ident, $cost:ident, $($format:ident),*) => { $(
        impl Paseto for $format<$version> {
            type Local = Local<$version>;
            type Public = Public<$version>;
            type PasswordCost = $cost;
            type Version = $keys;
        }
    )* };
}
versions! {
    V3: K3, Pbkdf2Cost;
    V4: K4, Argon2Cost;
}
