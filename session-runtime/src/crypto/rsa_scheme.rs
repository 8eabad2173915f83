//! The paddings of RSA: PKCS#1 v1.5 and PSS (RFC 8017 §8), each with its hash, and which keys are for which.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaParameters, RsaSignatureEncoding,
};
use pkcs1::ObjectIdentifier;

use crate::{
    crypto::der::{self, Family, Pss},
    error::KeyRule,
};

/// A padding with its hash.
pub trait RsaScheme: Send + Sync + 'static {
    /// The name of the algorithm, which is all that `alg` may say in its JWK.
    const ALGORITHM: &'static str;
    /// How the library signs with it.
    const SIGNING: &'static RsaSignatureEncoding;
    /// How the library checks with it.
    const CHECKING: &'static RsaParameters;
    /// The hash that the parameters of an RSASSA-PSS key have to name; `None` for schemes that take no such key.
    const PSS: Option<ObjectIdentifier>;
    /// What is needed where an RSASSA-PSS key does not fit.
    const WANTED: &'static str;
}

macro_rules! schemes {
    ($($(#[$doc:meta])* $name:ident = $algorithm:literal, $signing:ident, $checking:ident, $pss:expr, $wanted:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl RsaScheme for $name {
            const ALGORITHM: &'static str = $algorithm;
            const SIGNING: &'static RsaSignatureEncoding = &$signing;
            const CHECKING: &'static RsaParameters = &$checking;
            const PSS: Option<ObjectIdentifier> = $pss;
            const WANTED: &'static str = $wanted;
        }
    )* };
}

// PSS as in RFC 7518 §3.5: MGF1 with the same hash and a salt as long as the hash, which is what the library means by these names.
schemes! {
    /// PKCS#1 v1.5 with SHA-256.
    Rs256 = "RS256", RSA_PKCS1_SHA256, RSA_PKCS1_2048_8192_SHA256, None, "RSA";
    /// PKCS#1 v1.5 with SHA-384.
    Rs384 = "RS384", RSA_PKCS1_SHA384, RSA_PKCS1_2048_8192_SHA384, None, "RSA";
    /// PKCS#1 v1.5 with SHA-512.
    Rs512 = "RS512", RSA_PKCS1_SHA512, RSA_PKCS1_2048_8192_SHA512, None, "RSA";
    /// PSS with SHA-256.
    Ps256 = "PS256", RSA_PSS_SHA256, RSA_PSS_2048_8192_SHA256, Some(der::SHA256), "RSASSA-PSS with SHA-256";
    /// PSS with SHA-384.
    Ps384 = "PS384", RSA_PSS_SHA384, RSA_PSS_2048_8192_SHA384, Some(der::SHA384), "RSASSA-PSS with SHA-384";
    /// PSS with SHA-512.
    Ps512 = "PS512", RSA_PSS_SHA512, RSA_PSS_2048_8192_SHA512, Some(der::SHA512), "RSASSA-PSS with SHA-512";
}

/// Whether a key of this family is for this scheme. `rsaEncryption` serves every scheme; an RSASSA-PSS key only PSS, and only with
/// the hash that it names, if it names one (RFC 4055 §1.2 and §3.3).
pub(super) fn fits<S: RsaScheme>(family: Family) -> Result<(), KeyRule> {
    match (family, S::PSS) {
        (Family::Rsa | Family::RsaPss(Pss::Any), Some(_)) | (Family::Rsa, None) => Ok(()),
        (Family::RsaPss(Pss::Only(own)), Some(hash)) if own == hash => Ok(()),
        (Family::RsaPss(_), _) => Err(KeyRule::WrongKind { wanted: S::WANTED }),
        _ => Err(KeyRule::WrongKind { wanted: Family::Rsa.name() }),
    }
}
