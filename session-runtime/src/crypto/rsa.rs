//! RSA (RFC 8017), for JWT `RS256` to `RS512` and `PS256` to `PS512`; the paddings are in `rsa_scheme`.

use std::{fmt, marker::PhantomData};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair as Pair, KeyPairComponents, KeySize},
    signature::{KeyPair, ParsedPublicKey, RsaPublicKeyComponents},
};
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef, UintRef};
use pkcs8::der::{Decode, Encode};
use zeroize::Zeroizing;

use crate::{
    crypto::{
        Check, JwkOpening, JwkPublic, JwkSealing, OpeningHalf, PemPair, PemPublic, SealingHalf, Sign, Thumbprint, ThumbprintHash, appended,
        base64url, der,
        der::{Family, Form},
        jwk::{self, Jwk},
        refused,
        rsa_scheme::{RsaScheme, fits},
        self_test,
    },
    error::{KeyError, KeyRule},
};

/// The private half.
pub struct RsaPair<S: RsaScheme> {
    pair: Pair,
    key: RsaKey<S>,
    // As in `Ed25519Pair`.
    pkcs8: Zeroizing<Vec<u8>>,
}

impl<S: RsaScheme> RsaPair<S> {
    /// Reads PKCS#8.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (family, key) = der::pkcs8(bytes)?;
        fits::<S>(family)?;
        Self::from_pkcs1(key.private_key.as_bytes())
    }

    /// Reads PKCS#1.
    pub fn from_pkcs1(bytes: &[u8]) -> Result<Self, KeyRule> {
        let key = RsaPrivateKeyRef::from_der(bytes).map_err(|_| UNREADABLE)?;
        if bytes.len() > der::LONGEST || key.other_prime_infos.is_some() {
            return Err(UNREADABLE);
        }
        // Judged first: the library would only say "too small".
        judge(key.modulus.as_bytes(), key.public_exponent.as_bytes())?;
        // What is well-formed and still refused fails one of the equations between the parts.
        Self::from_library(Pair::from_der(bytes).map_err(|_| KeyRule::HalvesDiffer)?)
    }

    fn from_library(pair: Pair) -> Result<Self, KeyRule> {
        let key = RsaKey::from_stored(pair.public_key().as_ref())?;
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyRule::SelfTest)?;
        let pkcs8 = Zeroizing::new(pkcs8.as_ref().to_vec());
        let pair = Self { pair, key, pkcs8 };
        self_test(&pair)?;
        Ok(pair)
    }
}

impl<S: RsaScheme> SealingHalf for RsaPair<S> {
    type Opening = RsaKey<S>;

    fn generate() -> Result<Self, KeyError> {
        // 3072 bits are worth 128 bits of a symmetric key (NIST SP 800-57 part 1, table 2), as the other algorithms here.
        Self::from_library(Pair::generate(KeySize::Rsa3072).map_err(|_| KeyError::NoRandomness)?).map_err(refused)
    }

    fn opening(&self) -> RsaKey<S> {
        self.key.clone()
    }

    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs8.clone()
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_pkcs8(bytes)
    }
}

impl<S: RsaScheme> JwkSealing for RsaPair<S> {
    /// Reads a private JWK (RFC 7518 §6.3.2) with two primes and all their parts.
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        let key = RsaKey::<S>::members(jwk)?;
        let d = jwk.private("d")?;
        jwk.permit_signing(RsaKey::<S>::JWK_ALGORITHMS)?;
        let part = |name| jwk.public(name).and_then(|part| if part.is_empty() { Err(UNREADABLE) } else { Ok(part) });
        let (p, q, dp, dq, qi) = (part("p")?, part("q")?, part("dp")?, part("dq")?, part("qi")?);
        if jwk.has_other_primes() || [&d, &p, &q, &dp, &dq, &qi].iter().any(|part| part.len() > LARGEST_BITS / 8 + 1) {
            return Err(UNREADABLE);
        }
        let pair = Pair::from_components(&KeyPairComponents {
            public_key: RsaPublicKeyComponents { n: key.modulus.as_slice(), e: key.exponent.as_slice() },
            d: d.as_slice(),
            p: p.as_slice(),
            q: q.as_slice(),
            dP: dp.as_slice(),
            dQ: dq.as_slice(),
            qInv: qi.as_slice(),
        });
        Self::from_library(pair.map_err(|_| KeyRule::HalvesDiffer)?)
    }

    fn private_members(&self) -> Result<Vec<(&'static str, Zeroizing<String>)>, KeyRule> {
        let (_, key) = der::pkcs8(&self.pkcs8)?;
        let key = RsaPrivateKeyRef::from_der(key.private_key.as_bytes()).map_err(|_| UNREADABLE)?;
        let parts = [
            ("d", key.private_exponent.as_bytes()),
            ("p", key.prime1.as_bytes()),
            ("q", key.prime2.as_bytes()),
            ("dp", key.exponent1.as_bytes()),
            ("dq", key.exponent2.as_bytes()),
            ("qi", key.coefficient.as_bytes()),
        ];
        Ok(jwk::private_members(self.key.jwk_members(), &parts))
    }
}

impl<S: RsaScheme> PemPair for RsaPair<S> {
    fn from_form(form: Form, der: &[u8]) -> Result<Self, KeyRule> {
        match form {
            Form::Pkcs8 => Self::from_pkcs8(der),
            Form::Pkcs1 => Self::from_pkcs1(der),
            form => Err(form.unfit(Family::Rsa)),
        }
    }
}

impl<S: RsaScheme> Sign for RsaPair<S> {
    fn sign_into(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError> {
        let seal = appended(out, self.seal_length());
        self.pair.sign(S::SIGNING, &SystemRandom::new(), message, seal).map_err(|_| KeyError::SealFailed)
    }

    fn seal_length(&self) -> usize {
        self.key.modulus.len()
    }
}

impl<S: RsaScheme> fmt::Debug for RsaPair<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaPair").field("algorithm", &S::ALGORITHM).finish_non_exhaustive()
    }
}

/// The public half.
pub struct RsaKey<S: RsaScheme> {
    key: ParsedPublicKey,
    pkcs1: Vec<u8>,
    // Both big-endian, without leading zeros.
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    scheme: PhantomData<fn() -> S>,
}

impl<S: RsaScheme> RsaKey<S> {
    /// What `alg` may say in its JWK.
    pub const JWK_ALGORITHMS: &'static [&'static str] = &[S::ALGORITHM];

    /// Reads a SubjectPublicKeyInfo.
    pub fn from_spki(bytes: &[u8]) -> Result<Self, KeyRule> {
        let (family, key) = der::spki(bytes)?;
        fits::<S>(family)?;
        Self::from_pkcs1(key)
    }

    /// Reads PKCS#1.
    pub fn from_pkcs1(bytes: &[u8]) -> Result<Self, KeyRule> {
        if bytes.len() > der::LONGEST {
            return Err(UNREADABLE_PUBLIC);
        }
        let key = RsaPublicKeyRef::from_der(bytes).map_err(|_| UNREADABLE_PUBLIC)?;
        let (modulus, exponent) = (key.modulus.as_bytes(), key.public_exponent.as_bytes());
        judge(modulus, exponent)?;
        let key = ParsedPublicKey::new(S::CHECKING, bytes).map_err(|_| UNREADABLE_PUBLIC)?;
        Ok(Self { key, pkcs1: bytes.to_vec(), modulus: modulus.to_vec(), exponent: exponent.to_vec(), scheme: PhantomData })
    }

    fn members(jwk: &Jwk) -> Result<Self, KeyRule> {
        jwk.must_be("RSA", None, Family::Rsa.name())?;
        let (modulus, exponent) = (jwk.public("n")?, jwk.public("e")?);
        // RFC 7518 §6.3.1.1 forbids a leading zero octet, and many producers write one; it changes no number.
        let (modulus, exponent) = (strip_zeros(&modulus), strip_zeros(&exponent));
        judge(modulus, exponent)?;
        let number = |bytes| UintRef::new(bytes).map_err(|_| UNREADABLE_PUBLIC);
        let key = RsaPublicKeyRef { modulus: number(modulus)?, public_exponent: number(exponent)? };
        Self::from_pkcs1(&key.to_der().map_err(|_| UNREADABLE_PUBLIC)?)
    }
}

impl<S: RsaScheme> OpeningHalf for RsaKey<S> {
    fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.pkcs1.clone())
    }

    fn from_stored(bytes: &[u8]) -> Result<Self, KeyRule> {
        Self::from_pkcs1(bytes)
    }
}

impl<S: RsaScheme> JwkOpening for RsaKey<S> {
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyRule> {
        let key = Self::members(jwk)?;
        jwk.permit_checking(Self::JWK_ALGORITHMS)?;
        Ok(key)
    }

    fn thumbprint(&self, hash: ThumbprintHash) -> Thumbprint {
        Thumbprint::of(&self.jwk_members(), hash)
    }
}

impl<S: RsaScheme> JwkPublic for RsaKey<S> {
    fn jwk_members(&self) -> Vec<(&'static str, String)> {
        vec![("kty", "RSA".to_owned()), ("n", base64url::encode(&self.modulus)), ("e", base64url::encode(&self.exponent))]
    }
}

impl<S: RsaScheme> PemPublic for RsaKey<S> {
    fn from_form(form: Form, der: &[u8]) -> Result<Self, KeyRule> {
        match form {
            Form::Spki => Self::from_spki(der),
            Form::Pkcs1Public => Self::from_pkcs1(der),
            form => Err(form.not_public(Family::Rsa)),
        }
    }

    fn to_spki(&self) -> Result<Vec<u8>, KeyRule> {
        Family::Rsa.to_spki(&self.pkcs1)
    }
}

impl<S: RsaScheme> Check for RsaKey<S> {
    fn check(&self, message: &[u8], seal: &[u8]) -> bool {
        // RFC 8017 §8.2.2 step 1: exactly as long as the modulus.
        seal.len() == self.modulus.len() && self.key.verify_sig(message, seal).is_ok()
    }
}

impl<S: RsaScheme> Clone for RsaKey<S> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            pkcs1: self.pkcs1.clone(),
            modulus: self.modulus.clone(),
            exponent: self.exponent.clone(),
            scheme: PhantomData,
        }
    }
}

impl<S: RsaScheme> fmt::Debug for RsaKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RsaKey").field(&S::ALGORITHM).field(&base64url::encode(&self.modulus)).finish()
    }
}

/// Size and exponent of a key, both without leading zeros.
fn judge(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyRule> {
    let unused = modulus.first().map_or(0, |first| first.leading_zeros());
    let bits = modulus.len().saturating_mul(8).saturating_sub(usize::try_from(unused).unwrap_or(0));
    if !(2048..=LARGEST_BITS).contains(&bits) {
        return Err(KeyRule::RsaSize { bits });
    }
    // The product of two odd primes is odd. The library multiplies by Montgomery's method, which has no meaning for even numbers.
    if modulus.last().is_none_or(|last| last % 2 == 0) {
        return Err(UNREADABLE_PUBLIC);
    }
    // Small exponents have a history of forged signatures (Bleichenbacher 2006), huge ones make checking slow; the library stops
    // at 33 bits. `[1, 0, 0]` is 65536, and an odd number above it is at least 65537.
    let odd = exponent.last().is_some_and(|last| last % 2 == 1);
    let large = exponent.len() > 3 || (exponent.len() == 3 && exponent > [1, 0, 0].as_slice());
    let handy = exponent.len() < 5 || (exponent.len() == 5 && exponent.first() == Some(&1));
    if odd && large && handy { Ok(()) } else { Err(KeyRule::RsaExponent) }
}

fn strip_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

const LARGEST_BITS: usize = 8192;
const UNREADABLE: KeyRule = KeyRule::Unreadable("an RSA private key of two primes");
const UNREADABLE_PUBLIC: KeyRule = KeyRule::Unreadable("an RSA public key");
