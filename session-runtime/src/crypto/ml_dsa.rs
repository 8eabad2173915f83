//! ML-DSA (FIPS 204), the signatures that hold against quantum computers, for JWT `ML-DSA-44`, `ML-DSA-65` and `ML-DSA-87`.

use std::{fmt, marker::PhantomData};

use aws_lc_rs::signature::{
    KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87, ML_DSA_87_SIGNING, ParsedPublicKey, PqdsaKeyPair,
    PqdsaSigningAlgorithm, PqdsaVerificationAlgorithm,
};
use zeroize::Zeroizing;

use crate::{
    crypto::{
        Check, JwkOpening, JwkPublic, JwkSealing, OpeningHalf, PemPair, PemPublic, SealingHalf, Sign, Thumbprint, ThumbprintHash, appended,
        base64url, der,
        der::{Family, Form},
        jwk::{self, Jwk},
        refused, self_test,
    },
    error::{KeyError, KeyRule},
};

/// A parameter set (FIPS 204 §4).
pub trait MlDsaSet: Send + Sync + 'static {
    /// The family of its keys; its name is the algorithm's, which the `alg` of a JWK has to say.
    const FAMILY: Family;
    /// How the library signs with it.
    const SIGNING: &'static PqdsaSigningAlgorithm;
    /// How the library checks with it.
    const CHECKING: &'static PqdsaVerificationAlgorithm;
    /// The lengths of a public key and of a signature in bytes (FIPS 204 §4, table 2).
    const LENGTHS: (usize, usize);
}

/// Security category 2 of NIST: a collision in SHA-256.
#[derive(Debug)]
pub enum MlDsa44 {}
/// Security category 3: a search for the key of AES-192.
#[derive(Debug)]
pub enum MlDsa65 {}
/// Security category 5: a search for the key of AES-256.
#[derive(Debug)]
pub enum MlDsa87 {}

impl MlDsaSet for MlDsa44 {
    const FAMILY: Family = Family::MlDsa44;
    const SIGNING: &'static PqdsaSigningAlgorithm = &ML_DSA_44_SIGNING;
    const CHECKING: &'static PqdsaVerificationAlgorithm = &ML_DSA_44;
    const LENGTHS: (usize, usize) = (1312, 2420);
}

impl MlDsaSet for MlDsa65 {
    const FAMILY: Family = Family::MlDsa65;
    const SIGNING: &'static PqdsaSigningAlgorithm = &ML_DSA_65_SIGNING;
    const CHECKING: &'static PqdsaVerificationAlgorithm = &ML_DSA_65;
    const LENGTHS: (usize, usize) = (1952, 3309);
}

impl MlDsaSet for MlDsa87 {
    const FAMILY: Family = Family::MlDsa87;
    const SIGNING: &'static PqdsaSigningAlgorithm = &ML_DSA_87_SIGNING;
    const CHECKING: &'static PqdsaVerificationAlgorithm = &ML_DSA_87;
    const LENGTHS: (usize, usize) = (2592, 4627);
}

/// The private half.
pub struct MlDsaPair<P: MlDsaSet> {
    pair: PqdsaKeyPair,
    key: MlDsaKey<P>,
    // As in `Ed25519Pair`; it ends in the seed.
    pkcs8: Zeroizing<Vec<u8>>,
}

impl<P: MlDsaSet> MlDsaPair<P> {
    /// Reads PKCS#8 with the seed (RFC 9881 §6); where it holds the expanded key too, that must fit.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (family, _) = der::pkcs8(bytes)?;
        family.must_be(P::FAMILY)?;
        Self::from_library(PqdsaKeyPair::from_pkcs8(P::SIGNING, bytes).map_err(|_| UNREADABLE)?)
    }

    fn from_library(pair: PqdsaKeyPair) -> Result<Self, KeyRule> {
        let key = MlDsaKey::from_stored(pair.public_key().as_ref())?;
        // The library writes the seed and fails for a key that was expanded before it came here. Such a key has no JWK either
        // (RFC 9964 §4), and nobody can tell whether it is what a seed expands to.
        let pkcs8 = Zeroizing::new(pair.to_pkcs8v1().map_err(|_| UNREADABLE)?.as_ref().to_vec());
        let pair = Self { pair, key, pkcs8 };
        self_test(&pair)?;
        Ok(pair)
    }
}

impl<P: MlDsaSet> SealingHalf for MlDsaPair<P> {
    type Opening = MlDsaKey<P>;

    fn generate() -> Result<Self, KeyError> {
        Self::from_library(PqdsaKeyPair::generate(P::SIGNING).map_err(|_| KeyError::NoRandomness)?).map_err(refused)
    }

    fn opening(&self) -> MlDsaKey<P> {
        self.key.clone()
    }

    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs8.clone()
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_pkcs8(bytes)
    }
}

impl<P: MlDsaSet> JwkSealing for MlDsaPair<P> {
    /// Reads a private JWK, whose `priv` is the seed of 32 bytes (RFC 9964 §4).
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        let key = MlDsaKey::<P>::members(jwk)?;
        let seed = jwk.private("priv")?;
        jwk.permit_signing(MlDsaKey::<P>::JWK_ALGORITHMS)?;
        let pair = PqdsaKeyPair::from_seed(P::SIGNING, &seed).map_err(|_| UNREADABLE)?;
        // RFC 9964 §7.4: the two may have been tampered with.
        if pair.public_key().as_ref() != &*key.bytes {
            return Err(KeyRule::HalvesDiffer);
        }
        Self::from_library(pair)
    }

    fn private_members(&self) -> Result<Vec<(&'static str, Zeroizing<String>)>, KeyRule> {
        let seed: &[u8; 32] = self.pkcs8.last_chunk().ok_or(UNREADABLE)?;
        Ok(jwk::private_members(self.key.jwk_members(), &[("priv", seed)]))
    }
}

impl<P: MlDsaSet> PemPair for MlDsaPair<P> {
    fn from_form(form: Form, der: &[u8]) -> Result<Self, KeyRule> {
        match form {
            Form::Pkcs8 => Self::from_pkcs8(der),
            form => Err(form.unfit(P::FAMILY)),
        }
    }
}

impl<P: MlDsaSet> Sign for MlDsaPair<P> {
    // RFC 9964 §5: the context is empty, as it is by default. The library draws random bytes into every signature.
    fn sign_into(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError> {
        let seal = appended(out, self.seal_length());
        self.pair.sign(message, seal).map(drop).map_err(|_| KeyError::SealFailed)
    }

    fn seal_length(&self) -> usize {
        P::LENGTHS.1
    }
}

impl<P: MlDsaSet> fmt::Debug for MlDsaPair<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MlDsaPair").field("algorithm", &P::FAMILY.name()).finish_non_exhaustive()
    }
}

/// The public half.
pub struct MlDsaKey<P: MlDsaSet> {
    key: ParsedPublicKey,
    bytes: Box<[u8]>,
    set: PhantomData<fn() -> P>,
}

impl<P: MlDsaSet> MlDsaKey<P> {
    /// What `alg` may say in its JWK.
    pub const JWK_ALGORITHMS: &'static [&'static str] = &[P::FAMILY.name()];

    /// Reads a SubjectPublicKeyInfo (RFC 9881 §4).
    pub fn from_spki(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (family, key) = der::spki(bytes)?;
        family.must_be(P::FAMILY)?;
        Self::from_stored(key)
    }

    /// RFC 9964 §3: in a key of type AKP, `alg` says which key it is and has to be there.
    fn members(jwk: &Jwk) -> Result<Self, KeyRule> {
        jwk.must_be_akp(P::FAMILY.name())?;
        Self::from_stored(&jwk.public("pub")?)
    }
}

impl<P: MlDsaSet> OpeningHalf for MlDsaKey<P> {
    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.bytes.to_vec())
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        // FIPS 204 §3.6.2 asks for this check, and every string of that length is a key (algorithm 23). The library would also take a
        // SubjectPublicKeyInfo here; one key has one spelling.
        if bytes.len() != P::LENGTHS.0 {
            return Err(UNREADABLE_PUBLIC);
        }
        let key = ParsedPublicKey::new(P::CHECKING, bytes).map_err(|_| UNREADABLE_PUBLIC)?;
        Ok(Self { key, bytes: bytes.into(), set: PhantomData })
    }
}

impl<P: MlDsaSet> JwkOpening for MlDsaKey<P> {
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        let key = Self::members(jwk)?;
        jwk.permit_checking(Self::JWK_ALGORITHMS)?;
        Ok(key)
    }

    // RFC 9964: in a key of type AKP, `alg` is one of the members that identify it.
    fn thumbprint(&self, hash: ThumbprintHash) -> Thumbprint {
        Thumbprint::of(&self.jwk_members(), hash)
    }
}

impl<P: MlDsaSet> JwkPublic for MlDsaKey<P> {
    fn jwk_members(&self) -> Vec<(&'static str, String)> {
        vec![("kty", "AKP".to_owned()), ("alg", P::FAMILY.name().to_owned()), ("pub", base64url::encode(&self.bytes))]
    }
}

impl<P: MlDsaSet> PemPublic for MlDsaKey<P> {
    fn from_form(form: Form, der: &[u8]) -> Result<Self, KeyRule> {
        match form {
            Form::Spki => Self::from_spki(der),
            form => Err(form.not_public(P::FAMILY)),
        }
    }

    fn to_spki(&self) -> Result<Vec<u8>, KeyRule> {
        P::FAMILY.to_spki(&self.bytes)
    }
}

impl<P: MlDsaSet> Check for MlDsaKey<P> {
    fn check(&self, message: &[u8], seal: &[u8]) -> bool {
        seal.len() == P::LENGTHS.1 && self.key.verify_sig(message, seal).is_ok()
    }
}

impl<P: MlDsaSet> Clone for MlDsaKey<P> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), bytes: self.bytes.clone(), set: PhantomData }
    }
}

impl<P: MlDsaSet> fmt::Debug for MlDsaKey<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The start tells keys apart; a whole one is a page.
        let start = self.bytes.get(..32).unwrap_or_default();
        f.debug_tuple("MlDsaKey").field(&P::FAMILY.name()).field(&base64url::encode(start)).finish()
    }
}

const UNREADABLE: KeyRule = KeyRule::Unreadable("an ML-DSA private key with its seed");
const UNREADABLE_PUBLIC: KeyRule = KeyRule::Unreadable("an ML-DSA public key");
