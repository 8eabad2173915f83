//! Keys of PASETO version 3: the rules of their PASERKs, and their ids against other libraries.
#![allow(clippy::disallowed_types, reason = "pasetors as an oracle; the call that panics is not made")]

use paseto_core::paserk::IdVersion;
use pasetors::{
    keys::AsymmetricPublicKey,
    paserk::{FormatAsPaserk, Id},
    version3::V3,
};

use super::{P384Pair, P384Point, halves::SECRET, pem};
use crate::{
    crypto::{Check, OpeningHalf, PaserkOpening, PaserkSealing, PemPair, PemPublic, SealingHalf, Sign, V3LocalKey, base64url},
    error::KeyRule,
};

#[test]
fn every_form_of_a_pair_is_the_same_pair() {
    let pair = P384Pair::from_pem(pem("p384.pkcs8")).unwrap();
    let point = P384Point::from_pem(pem("p384.spki")).unwrap();
    let again = P384Pair::from_paserk(&pair.to_paserk().unwrap()).unwrap();
    assert_eq!(*SealingHalf::to_stored(&again), *SealingHalf::to_stored(&pair));
    let read = P384Point::from_paserk(&point.to_paserk()).unwrap();
    assert_eq!(read.to_stored(), point.to_stored());
    assert!(read.check(b"message", &again.sign(b"message").unwrap()));
    // Either sign of y.
    for _ in 0..20 {
        let point = P384Pair::generate().unwrap().opening();
        assert_eq!(P384Point::from_paserk(&point.to_paserk()).unwrap().to_stored(), point.to_stored());
    }
}

#[test]
fn scalars_are_in_range() {
    /// The order of P-384 (SP 800-186 §3.2.1.4).
    const ORDER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
    let order: Vec<u8> = (0..48).map(|at| u8::from_str_radix(&ORDER[2 * at..2 * at + 2], 16).unwrap()).collect();
    let check = |scalar: &[u8], good: bool| {
        let got = P384Pair::from_paserk(&format!("k3.secret.{}", base64url::encode(scalar))).map(drop);
        assert_eq!(got.is_ok(), good, "{scalar:?}: {got:?}");
    };
    let near = |last: u8| [&order[..47], &[last]].concat();
    check(&near(0x72), true);
    check(&order, false);
    check(&near(0x74), false);
    check(&[0; 48], false);
    check(&[0xff; 48], false);
    check(&[&[0; 47][..], &[1]].concat(), true);
}

#[test]
fn points_are_on_the_curve_and_have_one_spelling() {
    let good = P384Point::from_pem(pem("p384.spki")).unwrap().compressed();
    let check = |bytes: &[u8], want: Result<(), KeyRule>| {
        assert_eq!(P384Point::from_paserk(&format!("k3.public.{}", base64url::encode(bytes))).map(drop), want, "{bytes:?}");
    };
    check(&good, Ok(()));
    for first in (0..=255).filter(|first| ![2, 3].contains(first)) {
        check(&[&[first], &good[1..]].concat(), Err(KeyRule::InvalidPoint));
    }
    // x = 1 is on the curve, x = p and above are no coordinates, and of small x about half have no y.
    check(&[&[2], &[0xff; 48][..]].concat(), Err(KeyRule::InvalidPoint));
    let on_curve = |x: u8| P384Point::from_compressed(&[&[2], &[0; 47][..], &[x]].concat().try_into().unwrap()).is_ok();
    let found = (0..64).filter(|x| on_curve(*x)).count();
    assert!((16..48).contains(&found), "{found}");
    let unreadable = Err(KeyRule::Unreadable("a k3.public key"));
    check(&good[..48], unreadable);
    check(&[&good[..], &[0]].concat(), unreadable);
    let uncompressed = P384Point::from_pem(pem("p384.spki")).unwrap().to_stored();
    check(&uncompressed, unreadable);
}

#[test]
fn texts_of_other_versions_and_purposes() {
    let body = |length: usize| "A".repeat(length);
    let wrong = |wanted| Err(KeyRule::WrongKind { wanted });
    assert_eq!(V3LocalKey::from_paserk(&format!("k4.local.{}", body(43))).map(drop), wrong("k3.local"));
    assert_eq!(P384Pair::from_paserk(&format!("k4.secret.{}", body(86))).map(drop), wrong("k3.secret"));
    assert_eq!(P384Pair::from_paserk(&format!("k3.public.{}", body(66))).map(drop), wrong("k3.secret"));
    assert_eq!(P384Point::from_paserk(&format!("k3.secret.{}", body(64))).map(drop), wrong("k3.public"));
    assert_eq!(P384Point::from_paserk(&format!("k4.public.{}", body(43))).map(drop), wrong("k3.public"));
}

#[test]
fn ids_are_those_of_other_libraries() {
    let theirs = |header: &'static str, paserk: &str| base64url::encode(&paseto_v3::core::V3::hash_key(header, paserk.as_bytes()));
    let key = V3LocalKey::from_secret(&SECRET).unwrap();
    assert_eq!(key.paserk_id(), format!("k3.lid.{}", theirs(".lid.", &key.to_paserk())));
    for _ in 0..20 {
        let pair = P384Pair::generate().unwrap();
        let paserk = pair.to_paserk().unwrap();
        assert_eq!(pair.paserk_secret_id().unwrap(), format!("k3.sid.{}", theirs(".sid.", &paserk)));
        let point = pair.opening();
        assert_eq!(point.paserk_id(), format!("k3.pid.{}", theirs(".pid.", &point.to_paserk())));
        let mut text = String::new();
        Id::from(&AsymmetricPublicKey::<V3>::from(&point.compressed()).unwrap()).fmt(&mut text).unwrap();
        assert_eq!(point.paserk_id(), text);
    }
}
