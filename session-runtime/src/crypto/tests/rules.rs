//! The rules that foreign keys are held to, each with the answer that it gives.

use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    P256Pair, P256Point, RsaKey, RsaPair,
    algorithms::{asymmetric, check_pair, check_public},
    der, jwk, pem,
};
use crate::{
    crypto::{
        Check, EcPair, EcPoint, Ed25519Pair, Ed25519Point, MlDsa44, MlDsaPair, OpeningHalf, P256, P384, P521, PaserkOpening, PaserkSealing,
        PemPair, PemPublic, SealingHalf, Sign, V4LocalKey, curve::Curve, self_test,
    },
    error::{KeyError, KeyRule},
};

const INCOMPLETE: KeyRule = KeyRule::Unreadable("a complete JWK");
const BASE64: KeyRule = KeyRule::Unreadable("base64url in a JWK");

#[test]
fn wrong_family_or_curve() {
    let keys = ["ed25519", "p256", "p384", "p521", "rsa", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"];
    for pairs in asymmetric() {
        let (name, own) = (pairs.algorithm.name, pairs.algorithm.key);
        let wrong = Err(KeyRule::WrongKind { wanted: pairs.algorithm.kind });
        let others = keys.iter().filter(|key| **key != own);
        let mut private: Vec<String> = others.clone().map(|key| format!("{key}.pkcs8")).collect();
        private.extend(["x25519.pkcs8", "ed448.pkcs8", "k256.pkcs8"].map(str::to_owned));
        private.extend(
            ["p256.sec1", "p384.sec1", "p521.sec1", "k256.sec1", "rsa.pkcs1"]
                .iter()
                .filter(|name| !name.starts_with(own))
                .map(|name| (*name).to_owned()),
        );
        for key in private {
            assert_eq!((pairs.pair_pem)(pem(&key)), wrong, "{name} {key}");
            assert_eq!((pairs.pair_der)(&der(&key)), wrong, "{name} {key}");
        }
        let mut public: Vec<String> = others.map(|key| format!("{key}.spki")).collect();
        public.extend(["ed448.spki", "k256.spki"].map(str::to_owned));
        for key in public {
            assert_eq!((pairs.public_pem)(pem(&key)), wrong, "{name} {key}");
            assert_eq!((pairs.public_der)(&der(&key)), wrong, "{name} {key}");
        }
    }
    assert_eq!(V4LocalKey::from_paserk(&format!("k3.local.{}", "A".repeat(43))).map(drop), Err(KeyRule::WrongKind { wanted: "k4.local" }));
    assert_eq!(
        Ed25519Point::from_paserk(&format!("k4.local.{}", "A".repeat(43))).map(drop),
        Err(KeyRule::WrongKind { wanted: "k4.public" })
    );
}

/// A key that names itself RSASSA-PSS makes no other signatures, and none with another hash than it names (RFC 4055 §1.2, §3.1).
#[test]
fn rsassa_pss_keys() {
    let parameters = [
        ("rsa-pss", "PS256 PS384 PS512"),
        ("rsa-pss-sha256", "PS256"),
        // A shorter salt is the least that the key allows, not the most.
        ("rsa-pss-sha384", "PS384"),
        ("rsa-pss-sha512", "PS512"),
        ("rsa-pss-sha1", ""),
        // 48 bytes of salt are more than JOSE's 32.
        ("rsa-pss-long", ""),
        // SHA-256 for the message and SHA-512 for the mask.
        ("rsa-pss-mixed", ""),
    ];
    for pairs in asymmetric().iter().filter(|pairs| pairs.algorithm.key == "rsa") {
        let name = pairs.algorithm.name;
        let wanted = match name {
            "PS256" => "RSASSA-PSS with SHA-256",
            "PS384" => "RSASSA-PSS with SHA-384",
            "PS512" => "RSASSA-PSS with SHA-512",
            _ => "RSA",
        };
        for (key, allowed) in parameters {
            let (private, public) = (pem(&format!("{key}.pkcs8")), pem(&format!("{key}.spki")));
            if allowed.contains(name) {
                assert!((pairs.seals)(private, public, b"message", None), "{name} {key}");
            } else {
                assert_eq!((pairs.pair_pem)(private), Err(KeyRule::WrongKind { wanted }), "{name} {key}");
                assert_eq!((pairs.public_pem)(public), Err(KeyRule::WrongKind { wanted }), "{name} {key}");
            }
        }
    }
}

#[test]
fn public_where_private_is_needed() {
    for pairs in asymmetric() {
        let (name, key) = (pairs.algorithm.name, pairs.algorithm.key);
        let (public, private) = (format!("{key}.spki"), format!("{key}.pkcs8"));
        assert_eq!((pairs.pair_pem)(pem(&public)), Err(KeyRule::NoPrivateHalf), "{name}");
        assert_eq!((pairs.pair_der)(&der(&public)), Err(KeyRule::NoPrivateHalf), "{name}");
        let member = if key.starts_with("ml-dsa") { "priv" } else { "d" };
        check_pair(name, &[(member, Value::Null)], Err(KeyRule::NoPrivateHalf));
        // And a private key is not taken for a public one.
        assert_eq!((pairs.public_pem)(pem(&private)), Err(KeyRule::Unreadable("a public key")), "{name}");
        assert_eq!((pairs.public_der)(&der(&private)), Err(KeyRule::Unreadable("a public key")), "{name}");
    }
    assert_eq!(RsaPair::from_pem(pem("rsa.pkcs1-public")).map(drop), Err(KeyRule::NoPrivateHalf));
}

#[test]
fn pem_texts() {
    let good = pem("p256.pkcs8");
    let check = |text: &str, good: bool| assert_eq!(P256Pair::from_pem(text).is_ok(), good, "{text}");
    check(good, true);
    check(&good.replace('\n', "\r\n"), true);
    check(good.trim_end(), true);
    check(&format!("\n\n  some words\n{good}\nmore words\n"), true);
    check(&format!("\u{feff}{good}"), true);
    let body: String = good.lines().filter(|line| !line.starts_with('-')).collect();
    check(&format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"), true);
    check("", false);
    check("-----BEGIN PRIVATE KEY-----", false);
    check("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", false);
    check(&body, false);
    check(&format!("{good}{good}"), false);
    check(&good.replace("END PRIVATE", "END PUBLIC"), false);
    check(&good.replace("PRIVATE KEY", "CERTIFICATE"), false);
    check(&good.replace("PRIVATE KEY", "private key"), false);
    check(&good.replacen('M', "*", 1), false);
    assert_eq!(P256Pair::from_pem(pem("p256.encrypted")).map(drop), Err(KeyRule::Unreadable("an unencrypted key")));
    assert!(P256Point::from_pem(pem("certificate")).is_err());
    assert!(Ed25519Pair::from_pem(pem("openssh-private")).is_err());
}

/// Nothing may follow the one structure, and nothing may be missing.
#[test]
fn der_takes_all_its_bytes() {
    #[track_caller]
    fn check(name: &str, read: &dyn Fn(&[u8]) -> bool) {
        let good = der(name);
        assert!(read(&good), "{name}");
        assert!(!read(&[good.as_slice(), &[0]].concat()), "{name}");
        assert!(!read(&[good.as_slice(), good.as_slice()].concat()), "{name}");
        assert!(!read(&good[..good.len() - 1]), "{name}");
        assert!(!read(&[]), "{name}");
    }
    for pairs in asymmetric() {
        let key = pairs.algorithm.key;
        check(&format!("{key}.pkcs8"), &|der| (pairs.pair_der)(der).is_ok());
        check(&format!("{key}.spki"), &|der| (pairs.public_der)(der).is_ok());
    }
    check("p256.sec1", &|der| P256Pair::from_sec1(der).is_ok());
    check("p384.sec1", &|der| EcPair::<P384>::from_der(der).is_ok());
    check("p521.sec1", &|der| EcPair::<P521>::from_der(der).is_ok());
    check("rsa.pkcs1", &|der| RsaPair::from_der(der).is_ok());
    check("rsa.pkcs1-public", &|der| RsaKey::from_der(der).is_ok());
}

#[test]
fn der_that_is_no_key() {
    let pair = |der: &[u8]| P256Pair::from_der(der).map(drop);
    assert_eq!(pair(&der("p256.encrypted")), Err(KeyRule::Unreadable("an unencrypted key")));
    assert_eq!(pair(&der("certificate")), Err(KeyRule::Unreadable("the DER bytes of a key")));
    assert_eq!(pair(b""), Err(KeyRule::Unreadable("the DER bytes of a key")));
    assert_eq!(pair(pem("p256.pkcs8").as_bytes()), Err(KeyRule::Unreadable("the DER bytes of a key")));
    assert_eq!(pair(&vec![0x30; 1 << 20]), Err(KeyRule::Unreadable("the DER bytes of a key")));
}

#[test]
fn rsa_size_and_exponent() {
    assert_eq!(RsaKey::from_pem(pem("rsa-1024.spki")).map(drop), Err(KeyRule::RsaSize { bits: 1024 }));
    assert_eq!(RsaPair::from_pem(pem("rsa-1024.pkcs8")).map(drop), Err(KeyRule::RsaSize { bits: 1024 }));
    assert_eq!(RsaKey::from_pem(pem("rsa-e3.spki")).map(drop), Err(KeyRule::RsaExponent));
    assert_eq!(RsaPair::from_pem(pem("rsa-e3.pkcs8")).map(drop), Err(KeyRule::RsaExponent));

    let number = |bytes: &[u8]| json!(URL_SAFE_NO_PAD.encode_to_string(bytes));
    let modulus = |bits: usize| {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] = 0xff >> (bytes.len() * 8 - bits);
        number(&bytes)
    };
    for (bits, want) in [
        (0, Err(KeyRule::RsaSize { bits: 0 })),
        (2047, Err(KeyRule::RsaSize { bits: 2047 })),
        (2048, Ok(())),
        (8192, Ok(())),
        (8193, Err(KeyRule::RsaSize { bits: 8193 })),
    ] {
        let n = if bits == 0 { number(&[]) } else { modulus(bits) };
        check_public("rsa.jwk", &[("n", n)], want);
    }
    for (exponent, want) in [
        (vec![], Err(KeyRule::RsaExponent)),
        (vec![0], Err(KeyRule::RsaExponent)),
        (vec![1], Err(KeyRule::RsaExponent)),
        (vec![3], Err(KeyRule::RsaExponent)),
        (vec![0xff, 0xff], Err(KeyRule::RsaExponent)),
        (vec![1, 0, 0], Err(KeyRule::RsaExponent)),
        (vec![1, 0, 1], Ok(())),
        (vec![1, 0, 2], Err(KeyRule::RsaExponent)),
        (vec![1, 0, 3], Ok(())),
        (vec![0, 1, 0, 1], Ok(())),
        (vec![1, 0, 0, 0, 1], Ok(())),
        (vec![2, 0, 0, 0, 1], Err(KeyRule::RsaExponent)),
        (vec![0xff; 256], Err(KeyRule::RsaExponent)),
    ] {
        check_public("rsa.jwk", &[("e", number(&exponent))], want);
    }
}

#[test]
fn rsa_modulus_spelling() {
    let n = URL_SAFE_NO_PAD.decode_to_vec(jwk("rsa.jwk")["n"].as_str().unwrap()).unwrap();
    let padded = json!(URL_SAFE_NO_PAD.encode_to_string([&[0], n.as_slice()].concat()));
    check_public("rsa.jwk", &[("n", padded.clone())], Ok(()));
    check_pair("rsa.jwk", &[("n", padded)], Ok(()));
    let even = json!(URL_SAFE_NO_PAD.encode_to_string([&n[..255], &[n[255] ^ 1]].concat()));
    check_public("rsa.jwk", &[("n", even)], Err(KeyRule::Unreadable("an RSA public key")));
    check_public("rsa.jwk", &[("n", json!(format!("{}=", jwk("rsa.jwk")["n"].as_str().unwrap())))], Err(BASE64));
}

#[test]
fn points_of_curves() {
    fn points<C: Curve>(key: &str, coordinate: usize) {
        let spki = der(&format!("{key}.spki"));
        let good = spki[spki.len() - 2 * coordinate - 1..].to_vec();
        #[track_caller]
        fn check<C: Curve>(bytes: &[u8]) {
            assert_eq!(EcPoint::<C>::from_stored(bytes).map(drop), Err(KeyRule::InvalidPoint));
        }
        assert!(EcPoint::<C>::from_stored(&good).is_ok());
        check::<C>(&[]);
        check::<C>(&[0]);
        check::<C>(&good[..2 * coordinate]);
        check::<C>(&[good.as_slice(), &[0]].concat());
        check::<C>(&[&[2], &good[1..=coordinate]].concat());
        check::<C>(&[&[6], &good[1..]].concat());
        check::<C>(&[&[7], &good[1..]].concat());
        check::<C>(&[[4].as_slice(), &vec![0; 2 * coordinate]].concat());
        check::<C>(&[[4].as_slice(), &vec![0xff; 2 * coordinate]].concat());
        let mut off = good;
        off[2 * coordinate] ^= 1;
        check::<C>(&off);

        // A coordinate that starts with zero keeps its zero, and one that is a byte longer is not cut.
        let name = format!("{key}.jwk");
        let x = URL_SAFE_NO_PAD.decode_to_vec(jwk(&name)["x"].as_str().unwrap()).unwrap();
        for x in [&x[1..], &[&[0], x.as_slice()].concat()] {
            check_public(&name, &[("x", json!(URL_SAFE_NO_PAD.encode_to_string(x)))], Err(KeyRule::InvalidPoint));
        }
        // And a scalar is as long as the order.
        let d = URL_SAFE_NO_PAD.decode_to_vec(jwk(&name)["d"].as_str().unwrap()).unwrap();
        for d in [&d[1..], &[&[0], d.as_slice()].concat()] {
            check_pair(&name, &[("d", json!(URL_SAFE_NO_PAD.encode_to_string(d)))], Err(C::UNREADABLE));
        }
    }
    points::<P256>("p256", 32);
    points::<P384>("p384", 48);
    points::<P521>("p521", 66);
    for (read, key) in [
        ((|text| P256Point::from_pem(text).map(drop)) as fn(&str) -> Result<(), KeyRule>, "p256"),
        (|text| EcPoint::<P384>::from_pem(text).map(drop), "p384"),
    ] {
        assert_eq!(read(pem(&format!("{key}-compressed.spki"))), Err(KeyRule::InvalidPoint));
    }
}

#[test]
fn ml_dsa_lengths() {
    for (name, length) in [("ML-DSA-44", 1312), ("ML-DSA-65", 1952), ("ML-DSA-87", 2592)] {
        let number = |length: usize| json!(URL_SAFE_NO_PAD.encode_to_string(vec![7; length]));
        let unreadable = Err(KeyRule::Unreadable("an ML-DSA public key"));
        check_public(name, &[("pub", number(length))], Ok(()));
        for wrong in [0, 32, 1311, 1312, 1334, 1952, 1974, 2592].into_iter().filter(|wrong| *wrong != length) {
            check_public(name, &[("pub", number(wrong))], unreadable);
        }
        // RFC 9964 §4 and §7.3: the seed, and nothing that was expanded from it.
        for wrong in [0, 31, 33, 64, 2560, 4032, 4896] {
            check_pair(name, &[("priv", number(wrong))], Err(KeyRule::Unreadable("an ML-DSA private key with its seed")));
        }
        // RFC 9964 §3: `alg` is there, and tells the keys apart.
        check_public(name, &[("alg", Value::Null)], Err(INCOMPLETE));
        check_public(name, &[("alg", json!("ML-DSA"))], Err(KeyRule::WrongKind { wanted: name }));
    }
    // One key has one spelling in a store.
    let pairs = asymmetric().into_iter().find(|pairs| pairs.algorithm.name == "ML-DSA-44").unwrap();
    assert_eq!((pairs.stored)(&der("ml-dsa-44.spki")), Err(KeyRule::Unreadable("an ML-DSA public key")));
    // PKCS#8 of an expanded key (RFC 9881 §6).
    use aws_lc_rs::encoding::AsRawBytes;
    let pair = aws_lc_rs::signature::PqdsaKeyPair::generate(&aws_lc_rs::signature::ML_DSA_44_SIGNING).unwrap();
    let expanded = pair.private_key().as_raw_bytes().unwrap();
    assert_eq!(expanded.as_ref().len(), 2560);
    let head =
        [0x30, 0x82, 0x0a, 0x18, 2, 1, 0, 0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17, 4, 0x82, 0x0a, 4, 4, 0x82, 0x0a, 0];
    let pkcs8 = [&head, expanded.as_ref()].concat();
    assert!(aws_lc_rs::signature::PqdsaKeyPair::from_pkcs8(&aws_lc_rs::signature::ML_DSA_44_SIGNING, &pkcs8).is_ok());
    assert_eq!(MlDsaPair::<MlDsa44>::from_pkcs8(&pkcs8).map(drop), Err(KeyRule::Unreadable("an ML-DSA private key with its seed")));
}

/// Points of small order in every spelling (RFC 8032 §5.1; Wycheproof, "Taming the many EdDSAs" table 5).
#[test]
fn ed25519_points() {
    let check = |hex: &str, want| {
        let bytes: Vec<u8> = (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
        assert_eq!(Ed25519Point::from_stored(&bytes).map(drop), Err(want), "{hex}");
    };
    let weak = KeyRule::WeakPoint;
    check("0100000000000000000000000000000000000000000000000000000000000000", weak);
    check("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", weak);
    check("0000000000000000000000000000000000000000000000000000000000000000", weak);
    check("0000000000000000000000000000000000000000000000000000000000000080", weak);
    check("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", weak);
    check("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", weak);
    check("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", weak);
    check("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", weak);
    // y = 3 + p and y = 4 + p: points of large order, spelled with y above p.
    check("f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", KeyRule::InvalidPoint);
    check("f1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", KeyRule::InvalidPoint);
    // Not on the curve.
    check("0200000000000000000000000000000000000000000000000000000000000000", KeyRule::InvalidPoint);
    check("", KeyRule::InvalidPoint);
    check(&"11".repeat(31), KeyRule::InvalidPoint);
    check(&"11".repeat(33), KeyRule::InvalidPoint);
}

#[test]
fn halves_that_differ() {
    for pairs in asymmetric() {
        let key = pairs.algorithm.key;
        let parts: &[&str] = match key {
            "rsa" => &["d", "p", "q", "dp", "dq", "qi"],
            key if key.starts_with("ml-dsa") => &["priv", "pub"],
            _ => &["d"],
        };
        for part in parts {
            let mut bytes = URL_SAFE_NO_PAD.decode_to_vec(jwk(&format!("{key}.jwk"))[*part].as_str().unwrap()).unwrap();
            bytes[9] ^= 1;
            check_pair(pairs.algorithm.name, &[(*part, json!(URL_SAFE_NO_PAD.encode_to_string(&bytes)))], Err(KeyRule::HalvesDiffer));
        }
    }
    for (name, length) in [("p256.jwk", 32), ("p384.jwk", 48), ("p521.jwk", 66)] {
        for d in [vec![0; length], vec![0xff; length]] {
            check_pair(name, &[("d", json!(URL_SAFE_NO_PAD.encode_to_string(d)))], Err(KeyRule::HalvesDiffer));
        }
    }

    let pair = Ed25519Pair::generate().unwrap();
    let text = pair.to_paserk();
    let other = Ed25519Pair::generate().unwrap().to_paserk();
    // The seed of one and most of the point of another: the 43rd letter of the body holds bits of both.
    let mixed = format!("{}{}", &text[..10 + 43], &other[10 + 43..]);
    assert_eq!(Ed25519Pair::from_paserk(&mixed).map(drop), Err(KeyRule::HalvesDiffer));

    // In DER, the public half stands at the end of EC keys, and after the seed in version 2 of Ed25519 keys.
    fn spliced<C: Curve>(key: &str) {
        let mut bytes = der(&format!("{key}.pkcs8"));
        let other = EcPair::<C>::generate().unwrap().opening().to_stored();
        let at = bytes.len() - (other.len() - 1);
        bytes[at..].copy_from_slice(&other[1..]);
        assert_eq!(EcPair::<C>::from_pkcs8(&bytes).map(drop), Err(C::UNREADABLE), "{key}");
    }
    spliced::<P256>("p256");
    spliced::<P384>("p384");
    spliced::<P521>("p521");
    let version2 = aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(&der("ed25519.pkcs8")).unwrap().to_pkcs8().unwrap();
    let mut bytes = version2.as_ref().to_vec();
    assert!(Ed25519Pair::from_pkcs8(&bytes).is_ok());
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(Ed25519Pair::from_pkcs8(&bytes).map(drop), Err(KeyRule::HalvesDiffer));
    let mut bytes = der("rsa.pkcs1");
    bytes[300] ^= 1;
    assert_eq!(RsaPair::from_pkcs1(&bytes).map(drop), Err(KeyRule::HalvesDiffer));
}

/// A pair whose halves differ in memory does not pass.
#[test]
fn the_self_test_notices() {
    #[derive(Debug)]
    struct Broken(Ed25519Pair, Ed25519Point);
    impl SealingHalf for Broken {
        type Opening = Ed25519Point;
        fn generate() -> Result<Self, KeyError> {
            Ok(Self(Ed25519Pair::generate()?, Ed25519Pair::generate()?.opening()))
        }
        fn opening(&self) -> Ed25519Point {
            self.1.clone()
        }
        fn to_stored(&self) -> zeroize::Zeroizing<Vec<u8>> {
            self.0.to_stored()
        }
        fn from_stored(_: &[u8]) -> Result<Self, KeyRule> {
            Err(KeyRule::SelfTest)
        }
    }
    impl Sign for Broken {
        fn sign_into(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError> {
            self.0.sign_into(message, out)
        }
        fn seal_length(&self) -> usize {
            self.0.seal_length()
        }
    }
    let broken = Broken::generate().unwrap();
    assert_eq!(self_test(&broken), Err(KeyRule::SelfTest));
    assert_eq!(self_test(&Broken(Ed25519Pair::from_stored(&broken.to_stored()).unwrap(), broken.0.opening())), Ok(()));
    assert!(!broken.opening().check(b"", &broken.sign(b"").unwrap()));
}

/// Puts the body of a PEM text together from DER, as somebody would who has only that.
#[test]
fn public_pem_from_der() {
    let text = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode_to_string(der("ed25519.spki")));
    assert!(Ed25519Point::from_pem(&text).is_ok());
}
