//! From the text of another's set to prepared keys: what is refused as a whole, what is passed over, what is skipped and told.

use std::sync::Arc;

use crate::{
    crypto::{JwkOpening, JwkSet},
    error::{FetchFault, KeyRule},
    format::Published,
    ids::KeyId,
    keyring::{
        source::{Material, RingKey},
        state::KeyTimes,
    },
    time::Timestamp,
};

/// A key of this format's kind that stands in the set and is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedKey {
    /// Where it stands in the set, from 0. Its name is text of others, and not repeated.
    pub position: usize,
    /// The rule that it breaks.
    pub rule: KeyRule,
}

/// The keys for `F`, and those that are bad.
pub(super) type Read<F> = (Vec<RingKey<F>>, Vec<SkippedKey>);

/// Reads a set. `x5c`, `x5u`, `jku` and whatever else stands in a key are not looked at: a key is trusted because of where it was read.
pub(super) fn read<F: Published>(text: &str, most: usize) -> Result<Read<F>, FetchFault> {
    let set = JwkSet::parse(text).map_err(|_| FetchFault::NotASet)?;
    if set.keys.len() > most {
        return Err(FetchFault::TooManyKeys { limit: most });
    }
    if set.duplicate_kid().is_some() {
        return Err(FetchFault::DuplicateKeyId);
    }
    let mut keys: Vec<RingKey<F>> = Vec::new();
    let mut skipped = Vec::new();
    for (position, (epoch, jwk)) in (1..).zip(set.keys).enumerate() {
        let read = jwk.and_then(|jwk| {
            let opening = F::Opening::from_jwk(&jwk)?;
            if jwk.is_private() {
                return Err(KeyRule::PrivatePublished);
            }
            let id = jwk.kid().map(|id| KeyId::new(id).ok_or(KeyRule::KeyId)).transpose()?;
            Ok((id, opening))
        });
        match read {
            Ok((id, opening)) => {
                let material = Arc::new(Material { sealing: None, opening: Some(opening) });
                keys.push(RingKey { id, epoch, times: KeyTimes::starting(Timestamp::UNIX_EPOCH), generated: false, material });
            }
            // For another algorithm, or to encrypt: sets hold keys for everybody.
            Err(KeyRule::WrongKind { .. } | KeyRule::Forbidden(_)) => {}
            Err(rule) => skipped.push(SkippedKey { position, rule }),
        }
    }
    if keys.iter().filter(|key| key.id.is_none()).count() > 1 {
        return Err(FetchFault::DuplicateKeyId);
    }
    if keys.is_empty() { Err(FetchFault::NoKeys) } else { Ok((keys, skipped)) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        jwt::{EdDsa, Es256, Jwt},
        keyring::Key,
    };

    fn good(id: &str) -> Value {
        let key = Key::<Jwt<EdDsa>>::generate().unwrap().with_id(KeyId::new(id).unwrap());
        serde_json::from_str(&key.public_key().to_jwk()).unwrap()
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    /// The names of the keys that are used, and the rules of those that are skipped.
    type Found<'a> = (&'a [&'a str], &'a [(usize, KeyRule)]);

    #[track_caller]
    fn check(keys: Vec<Value>, want: Result<Found<'_>, FetchFault>) {
        let read = read::<Jwt<EdDsa>>(&json!({ "keys": keys }).to_string(), 4);
        let read = read.map(|(keys, skipped)| {
            let names: Vec<_> = keys.iter().map(|key| key.id.as_ref().map_or("", KeyId::as_str).to_owned()).collect();
            (names, skipped.iter().map(|skipped| (skipped.position, skipped.rule)).collect::<Vec<_>>())
        });
        assert_eq!(read, want.map(|(names, rules)| (names.iter().map(|name| (*name).to_owned()).collect(), rules.to_vec())));
    }

    #[test]
    fn one_bad_key_spoils_no_other() {
        let es = || serde_json::from_str(&Key::<Jwt<Es256>>::generate().unwrap().public_key().to_jwk()).unwrap();
        let unreadable = KeyRule::Unreadable("a JWK");
        check(vec![good("a"), good("b")], Ok((&["a", "b"], &[])));
        check(vec![with(good("a"), "x", json!("AAAA")), good("b")], Ok((&["b"], &[(0, KeyRule::InvalidPoint)])));
        check(vec![good("a"), json!(7), json!({ "kty": 7 })], Ok((&["a"], &[(1, unreadable), (2, unreadable)])));
        check(vec![good("a"), with(good("b"), "kid", json!("x".repeat(257)))], Ok((&["a"], &[(1, KeyRule::KeyId)])));
        // For others: no fault of anybody's.
        check(vec![es(), good("a"), with(good("b"), "use", json!("enc")), with(good("c"), "alg", json!("ES256"))], Ok((&["a"], &[])));
        check(vec![with(with(good("a"), "x5c", json!(["nonsense"])), "jku", json!("https://evil.example"))], Ok((&["a"], &[])));
        let unnamed = || {
            let mut key = good("a");
            key.as_object_mut().unwrap().remove("kid");
            key
        };
        check(vec![unnamed(), good("a")], Ok((&["", "a"], &[])));
        check(vec![unnamed(), unnamed()], Err(FetchFault::DuplicateKeyId));
    }

    #[test]
    fn a_published_private_key_is_nobodys_key() {
        let key = Key::<Jwt<EdDsa>>::generate().unwrap().with_id(KeyId::new("a").unwrap());
        let private: Value = serde_json::from_str(key.to_jwk().unwrap().expose()).unwrap();
        check(vec![private.clone(), good("b")], Ok((&["b"], &[(0, KeyRule::PrivatePublished)])));
        check(vec![private], Err(FetchFault::NoKeys));
    }

    #[test]
    fn what_refuses_the_whole_set() {
        check(vec![], Err(FetchFault::NoKeys));
        check(vec![json!({ "kty": "oct", "k": "c2VjcmV0" })], Err(FetchFault::NoKeys));
        check(vec![good("a"), good("a")], Err(FetchFault::DuplicateKeyId));
        check(vec![good("a"), with(good("a"), "alg", json!("ES256"))], Err(FetchFault::DuplicateKeyId));
        check((0..4).map(|id| good(&id.to_string())).collect(), Ok((&["0", "1", "2", "3"], &[])));
        check((0..5).map(|id| good(&id.to_string())).collect(), Err(FetchFault::TooManyKeys { limit: 4 }));
        for text in ["", "{}", "[]", "null", "{\"keys\":{}}", "{\"keys\":[]", "{\"keys\":[],\"keys\":[]}", "<html>"] {
            assert_eq!(read::<Jwt<EdDsa>>(text, 4).unwrap_err(), FetchFault::NotASet, "{text}");
        }
    }
}
