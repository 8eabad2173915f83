//! No input makes an importer panic.

use proptest::{collection::vec, prelude::*, sample::Index};

use super::{
    HmacSha256Key, P256Pair, P256Point, RsaPair,
    algorithms::{all, asymmetric},
    der, jwk, pem,
};
use crate::crypto::{
    self, Ed25519Pair, Ed25519Point, Form, Jwk, JwkSet, MlDsa44, MlDsaKey, MlDsaPair, PaserkOpening, PaserkSealing, PemPair, PemPublic,
    SealingHalf, V3LocalKey, V4LocalKey, WrappingKey,
};

fn read_bytes(bytes: &[u8]) {
    for pairs in asymmetric() {
        let _ = (pairs.pair_der)(bytes);
        let _ = (pairs.public_der)(bytes);
        let _ = (pairs.stored)(bytes);
    }
    // As if the outside had said that it is this form.
    for form in [Form::Pkcs8, Form::Pkcs1, Form::Sec1] {
        let _ = Ed25519Pair::from_form(form, bytes);
        let _ = P256Pair::from_form(form, bytes);
        let _ = RsaPair::from_form(form, bytes);
        let _ = MlDsaPair::<MlDsa44>::from_form(form, bytes);
    }
    for form in [Form::Spki, Form::Pkcs1Public] {
        let _ = Ed25519Point::from_form(form, bytes);
        let _ = P256Point::from_form(form, bytes);
        let _ = crypto::RsaKey::<crypto::Ps256>::from_form(form, bytes);
        let _ = MlDsaKey::<MlDsa44>::from_form(form, bytes);
    }
    let _ = <Ed25519Pair as SealingHalf>::from_stored(bytes);
    let _ = HmacSha256Key::from_secret(bytes);
    let _ = V4LocalKey::from_secret(bytes);
    let _ = V3LocalKey::from_secret(bytes);
    let _ = WrappingKey::new(&[1; 32]).unwrap().open(b"", bytes);
}

fn read_text(text: &str) {
    read_bytes(text.as_bytes());
    for pairs in asymmetric() {
        let _ = (pairs.pair_pem)(text);
        let _ = (pairs.public_pem)(text);
    }
    let _ = V4LocalKey::from_paserk(text);
    let _ = V3LocalKey::from_paserk(text);
    let _ = Ed25519Pair::from_paserk(text);
    let _ = Ed25519Point::from_paserk(text);
    if let Ok(jwk) = Jwk::parse(text) {
        for algorithm in all() {
            let _ = (algorithm.pair)(&jwk);
            let _ = (algorithm.public)(&jwk);
        }
    }
    if let Ok(set) = JwkSet::parse(text) {
        let _ = set.duplicate_kid();
    }
}

fn valid_der() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "ed25519.pkcs8",
        "ed25519.spki",
        "p256.pkcs8",
        "p256.sec1",
        "p256.spki",
        "p521.pkcs8",
        "ml-dsa-44.pkcs8",
        "ml-dsa-44.spki",
        "rsa-pss-sha256.pkcs8",
        "rsa-pss-sha256.spki",
        "rsa.pkcs8",
        "rsa.pkcs1",
        "rsa.spki",
        "rsa.pkcs1-public",
        "certificate",
    ];
    prop::sample::select(names.map(der).to_vec())
}

fn valid_text() -> impl Strategy<Value = String> {
    let mut texts: Vec<String> =
        ["ed25519.pkcs8", "ed25519.spki", "p256.sec1", "rsa.pkcs8", "rsa.spki", "rsa.ssh"].map(|name| pem(name).to_owned()).to_vec();
    texts.extend(["ed25519.jwk", "p256.jwk", "p521.jwk", "rsa.jwk", "ml-dsa-44.jwk"].map(|name| jwk(name).to_string()));
    texts.push(format!("{{\"keys\":[{}]}}", jwk("p256.jwk")));
    texts.push(Ed25519Point::from_pem(pem("ed25519.spki")).unwrap().to_paserk());
    texts.push(format!("k4.local.{}", "A".repeat(43)));
    texts.push(format!("k3.local.{}", "A".repeat(43)));
    texts.push(format!("k4.secret.{}", "A".repeat(86)));
    prop::sample::select(texts)
}

/// Flips, cuts and doubles.
fn mutate(bytes: &mut Vec<u8>, changes: &[(Index, u8, u8)]) {
    for (at, kind, value) in changes {
        if bytes.is_empty() {
            return;
        }
        let at = at.index(bytes.len());
        match kind % 5 {
            0 => bytes[at] ^= value,
            1 => bytes[at] = *value,
            2 => bytes.truncate(at),
            3 => bytes.insert(at, *value),
            _ => drop(bytes.remove(at)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(bytes in vec(any::<u8>(), 0..300)) {
        read_bytes(&bytes);
    }

    #[test]
    fn arbitrary_text(text in any::<String>(), front in prop::sample::select(vec!["", "-----BEGIN ", "k4.local.", "k4.secret.", "k4.public.", "k3.local.", "{\"kty\":", "ssh-"])) {
        read_text(&format!("{front}{text}"));
    }

    #[test]
    fn mutated_der(mut bytes in valid_der(), changes in vec(any::<(Index, u8, u8)>(), 1..4)) {
        mutate(&mut bytes, &changes);
        read_bytes(&bytes);
    }

    #[test]
    fn mutated_text(text in valid_text(), changes in vec(any::<(Index, u8, u8)>(), 1..4)) {
        let mut bytes = text.into_bytes();
        mutate(&mut bytes, &changes);
        read_text(&String::from_utf8_lossy(&bytes));
    }

    /// A JWK of the right shape with numbers of any length.
    #[test]
    fn arbitrary_members(numbers in vec(vec(any::<u8>(), 0..600), 13)) {
        let encoded = numbers.iter().map(|bytes| base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes));
        let names = ["x", "y", "n", "e", "k", "d", "p", "q", "dp", "dq", "qi", "pub", "priv"];
        let members: String = names.iter().zip(encoded).map(|(name, value)| format!(",\"{name}\":\"{value}\"")).collect();
        for head in ["\"kty\":\"RSA\"", "\"kty\":\"oct\"", "\"kty\":\"OKP\",\"crv\":\"Ed25519\"", "\"kty\":\"EC\",\"crv\":\"P-256\"", "\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\""] {
            read_text(&format!("{{{head}{members}}}"));
        }
    }
}
