//! JWK and JWK sets (RFC 7517), read strictly.

use std::{collections::BTreeSet, fmt};

use jsonwebtoken::jwk::{KeyOperations, PublicKeyUse};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::{crypto::base64url, error::KeyRule};

/// One key as JSON, before a family has read it.
///
/// No member may be there twice: readers differ in which one wins, so one of them would be lied to.
pub struct Jwk {
    kty: Option<String>,
    crv: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    usage: Option<PublicKeyUse>,
    operations: Option<Vec<KeyOperations>>,
    // base64url of numbers and points, some of them secret.
    numbers: [Option<Zeroizing<String>>; NUMBERS.len()],
    other_primes: bool,
}

impl Jwk {
    /// Reads one key.
    pub fn parse(text: &str) -> Result<Self, KeyRule> {
        if text.len() > LONGEST_KEY {
            return Err(UNREADABLE);
        }
        serde_json::from_str(text).map_err(|_| UNREADABLE)
    }

    /// Its own name. It is text of whoever published it.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm that it is for.
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// Its key type.
    pub fn kty(&self) -> Option<&str> {
        self.kty.as_deref()
    }

    /// Its curve.
    pub fn crv(&self) -> Option<&str> {
        self.crv.as_deref()
    }

    /// Whether it holds a private half.
    pub fn is_private(&self) -> bool {
        self.number("d").or(self.number("priv")).is_some()
    }

    /// Refuses another type or curve; `name` is the family in words.
    pub(super) fn must_be(&self, kty: &str, crv: Option<&str>, name: &'static str) -> Result<(), KeyRule> {
        let wrong = KeyRule::WrongKind { wanted: name };
        if self.kty.as_deref().ok_or(INCOMPLETE)? != kty {
            return Err(wrong);
        }
        match crv {
            Some(crv) if self.crv.as_deref().ok_or(INCOMPLETE)? != crv => Err(wrong),
            _ => Ok(()),
        }
    }

    /// Refuses another type, and another algorithm in the type whose keys are told apart by it (RFC 9964 §3).
    pub(super) fn must_be_akp(&self, algorithm: &'static str) -> Result<(), KeyRule> {
        self.must_be("AKP", None, algorithm)?;
        let own = self.alg.as_deref().ok_or(INCOMPLETE)?;
        if own == algorithm { Ok(()) } else { Err(KeyRule::WrongKind { wanted: algorithm }) }
    }

    /// A member that every key of the type has.
    pub(super) fn public(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, KeyRule> {
        base64url::decode(self.number(name).ok_or(INCOMPLETE)?).ok_or(KeyRule::Unreadable("base64url in a JWK"))
    }

    /// A member that only private keys have.
    pub(super) fn private(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, KeyRule> {
        if self.number(name).is_none() { Err(KeyRule::NoPrivateHalf) } else { self.public(name) }
    }

    /// Whether there are more than two primes.
    pub(super) fn has_other_primes(&self) -> bool {
        self.other_primes
    }

    /// Whether the key itself allows to sign.
    pub(super) fn permit_signing(&self, algorithms: &[&str]) -> Result<(), KeyRule> {
        self.permit(algorithms, &[KeyOperations::Sign])
    }

    /// Whether the key itself allows to check signatures. A private JWK that may sign has a public half that may check.
    pub(super) fn permit_checking(&self, algorithms: &[&str]) -> Result<(), KeyRule> {
        let both = [KeyOperations::Verify, KeyOperations::Sign];
        self.permit(algorithms, if self.is_private() { &both } else { both.get(..1).unwrap_or_default() })
    }

    /// Whether the key itself allows one of the two, for keys that are both halves.
    pub(super) fn permit_either(&self, algorithms: &[&str]) -> Result<(), KeyRule> {
        self.permit(algorithms, &[KeyOperations::Verify, KeyOperations::Sign])
    }

    fn permit(&self, algorithms: &[&str], operations: &[KeyOperations]) -> Result<(), KeyRule> {
        if self.usage.as_ref().is_some_and(|usage| *usage != PublicKeyUse::Signature) {
            return Err(KeyRule::Forbidden("use"));
        }
        if self.operations.as_ref().is_some_and(|own| !own.iter().any(|operation| operations.contains(operation))) {
            return Err(KeyRule::Forbidden("key_ops"));
        }
        // RFC 8725 §3.1: a key is used with one algorithm.
        if self.alg.as_deref().is_some_and(|alg| !algorithms.contains(&alg)) {
            return Err(KeyRule::Forbidden("alg"));
        }
        Ok(())
    }

    fn number(&self, name: &str) -> Option<&str> {
        let (_, value) = NUMBERS.iter().zip(&self.numbers).find(|(known, _)| **known == name)?;
        value.as_ref().map(|value| value.as_str())
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Jwk;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JWK")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Jwk, M::Error> {
        let numbers = NUMBERS.map(|_| None);
        let mut jwk = Jwk { kty: None, crv: None, kid: None, alg: None, usage: None, operations: None, numbers, other_primes: false };
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "kty" => jwk.kty = Some(map.next_value()?),
                "crv" => jwk.crv = Some(map.next_value()?),
                "kid" => jwk.kid = Some(map.next_value()?),
                "alg" => jwk.alg = Some(map.next_value()?),
                "use" => jwk.usage = Some(map.next_value()?),
                "key_ops" => jwk.operations = Some(map.next_value()?),
                "oth" => {
                    jwk.other_primes = true;
                    map.next_value::<IgnoredAny>()?;
                }
                other => match NUMBERS.iter().zip(&mut jwk.numbers).find(|(known, _)| **known == other) {
                    Some((_, number)) => *number = Some(Zeroizing::new(map.next_value()?)),
                    None => {
                        map.next_value::<IgnoredAny>()?;
                    }
                },
            }
            if !seen.insert(name) {
                return Err(M::Error::custom("a member twice"));
            }
        }
        Ok(jwk)
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk").field("kid", &self.kid).field("kty", &self.kty).field("alg", &self.alg).finish_non_exhaustive()
    }
}

/// A set of keys, in its own order.
///
/// A key that cannot be read does not spoil the others (RFC 7517 §5 asks to ignore what is not understood), and is there as its rule,
/// so that somebody can be told.
#[derive(Debug)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Result<Jwk, KeyRule>>,
}

impl JwkSet {
    /// Reads a set.
    pub fn parse(text: &str) -> Result<Self, KeyRule> {
        if text.len() > LONGEST_SET {
            return Err(KeyRule::Unreadable("a JWK set"));
        }
        let Entries(entries) = serde_json::from_str(text).map_err(|_| KeyRule::Unreadable("a JWK set"))?;
        Ok(Self { keys: entries.into_iter().map(|entry| Jwk::parse(entry.get())).collect() })
    }

    /// A key id that two keys have. A caller that picks keys by id must refuse the set, or both keys: RFC 7517 §4.5 allows it only
    /// for keys of different types.
    pub fn duplicate_kid(&self) -> Option<&str> {
        let mut seen = BTreeSet::new();
        self.keys.iter().flatten().filter_map(Jwk::kid).find(|kid| !seen.insert(*kid))
    }
}

struct Entries<'de>(Vec<&'de RawValue>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SetMembers)
    }
}

struct SetMembers;

impl<'de> Visitor<'de> for SetMembers {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JWK set")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Entries<'de>, M::Error> {
        let mut keys = None;
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == "keys" {
                keys = Some(Entries(map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            if !seen.insert(name) {
                return Err(M::Error::custom("a member twice"));
            }
        }
        keys.ok_or_else(|| M::Error::missing_field("keys"))
    }
}

/// The members of a private JWK: those of its public half, and numbers that are secret.
pub(super) fn private_members(
    public: Vec<(&'static str, String)>,
    secret: &[(&'static str, &[u8])],
) -> Vec<(&'static str, Zeroizing<String>)> {
    let public = public.into_iter().map(|(name, value)| (name, Zeroizing::new(value)));
    public.chain(secret.iter().map(|(name, number)| (*name, Zeroizing::new(base64url::encode(number))))).collect()
}

/// Whether a text is a JWK or a set, however its names are escaped.
pub(super) fn is_key(text: &str) -> bool {
    Jwk::parse(text).is_ok_and(|jwk| jwk.kty.is_some()) || JwkSet::parse(text).is_ok()
}

const NUMBERS: [&str; 13] = ["x", "y", "n", "e", "k", "d", "p", "q", "dp", "dq", "qi", "pub", "priv"];
const LONGEST_KEY: usize = 64 * 1024;
const LONGEST_SET: usize = 1024 * 1024;
const UNREADABLE: KeyRule = KeyRule::Unreadable("a JWK");
const INCOMPLETE: KeyRule = KeyRule::Unreadable("a complete JWK");
