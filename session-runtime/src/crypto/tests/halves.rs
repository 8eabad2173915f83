//! Pairs: what one half makes the other opens, through every way in and out.

use std::fmt::Debug;

use serde_json::json;

use super::{
    HmacSha256Key, P256Pair, RsaPair,
    algorithms::{Algorithm, asymmetric},
    der, jwk, keys, pem,
};
use crate::crypto::{
    self, Check, EcPair, EcPoint, Ed25519Pair, Ed25519Point, HmacKey, Jwk, JwkOpening, JwkSealing, LocalKey, MlDsa44, MlDsa65, MlDsa87,
    MlDsaPair, OpeningHalf, P256, P384, P521, PaserkOpening, PaserkSealing, PemPair, PemPublic, SealingHalf, Sha256, Sha384, Sha512, Sign,
    ThumbprintHash, V3LocalKey, V4LocalKey, WrappingKey, base64url, random,
};

#[track_caller]
fn check<K>(pair: &K, length: usize)
where
    K: Sign,
    K::Opening: Check,
{
    let seal = pair.sign(b"message").unwrap();
    assert_eq!((seal.len(), pair.seal_length()), (length, length));
    for opening in [pair.opening(), OpeningHalf::from_stored(&OpeningHalf::to_stored(&pair.opening())).unwrap()] {
        assert!(opening.check(b"message", &seal));
        assert!(!opening.check(b"massage", &seal));
        assert!(!opening.check(b"message", &[]));
        assert!(!opening.check(b"message", &seal[1..]));
        assert!(!opening.check(b"message", &[&seal[..], &[0]].concat()));
        assert!(!opening.check(b"message", &[&[0], &seal[..]].concat()));
        let mut changed = seal.clone();
        changed[0] ^= 1;
        assert!(!opening.check(b"message", &changed));
    }
    let stored = SealingHalf::to_stored(pair);
    let again = <K as SealingHalf>::from_stored(&stored).unwrap();
    assert_eq!(*SealingHalf::to_stored(&again), *stored);
    assert!(pair.opening().check(b"message", &again.sign(b"message").unwrap()));
}

#[test]
fn generated_pairs() {
    check(&HmacKey::<Sha256>::generate().unwrap(), 32);
    check(&HmacKey::<Sha384>::generate().unwrap(), 48);
    check(&HmacKey::<Sha512>::generate().unwrap(), 64);
    check(&Ed25519Pair::generate().unwrap(), 64);
    check(&EcPair::<P256>::generate().unwrap(), 64);
    check(&EcPair::<P384>::generate().unwrap(), 96);
    check(&EcPair::<P521>::generate().unwrap(), 132);
    // 3072 bits; the padding has no part in generating.
    check(&RsaPair::generate().unwrap(), 384);
    check(&MlDsaPair::<MlDsa44>::generate().unwrap(), 2420);
    check(&MlDsaPair::<MlDsa65>::generate().unwrap(), 3309);
    check(&MlDsaPair::<MlDsa87>::generate().unwrap(), 4627);
}

#[test]
fn imported_pairs() {
    #[track_caller]
    fn every_way<K>(key: &str, forms: &[&str], length: usize)
    where
        K: Sign + JwkSealing + PemPair,
        K::Opening: Check,
    {
        for form in forms {
            check(&K::from_pem(pem(&format!("{key}.{form}"))).unwrap(), length);
            check(&K::from_der(&der(&format!("{key}.{form}"))).unwrap(), length);
        }
        check(&K::from_jwk(&Jwk::parse(&jwk(&format!("{key}.jwk")).to_string()).unwrap()).unwrap(), length);
    }
    every_way::<Ed25519Pair>("ed25519", &["pkcs8"], 64);
    every_way::<EcPair<P256>>("p256", &["pkcs8", "sec1"], 64);
    every_way::<EcPair<P384>>("p384", &["pkcs8", "sec1"], 96);
    every_way::<EcPair<P521>>("p521", &["pkcs8", "sec1"], 132);
    every_way::<crypto::RsaPair<crypto::Rs256>>("rsa", &["pkcs8", "pkcs1"], 256);
    every_way::<crypto::RsaPair<crypto::Rs384>>("rsa", &["pkcs8", "pkcs1"], 256);
    every_way::<crypto::RsaPair<crypto::Rs512>>("rsa", &["pkcs8", "pkcs1"], 256);
    every_way::<crypto::RsaPair<crypto::Ps256>>("rsa", &["pkcs8", "pkcs1"], 256);
    every_way::<crypto::RsaPair<crypto::Ps384>>("rsa", &["pkcs8", "pkcs1"], 256);
    every_way::<crypto::RsaPair<crypto::Ps512>>("rsa", &["pkcs8", "pkcs1"], 256);
    every_way::<MlDsaPair<MlDsa44>>("ml-dsa-44", &["pkcs8"], 2420);
    every_way::<MlDsaPair<MlDsa65>>("ml-dsa-65", &["pkcs8"], 3309);
    every_way::<MlDsaPair<MlDsa87>>("ml-dsa-87", &["pkcs8"], 4627);
    let text = Ed25519Pair::from_pem(pem("ed25519.pkcs8")).unwrap().to_paserk();
    check(&Ed25519Pair::from_paserk(&text).unwrap(), 64);
}

/// No algorithm's seals are another's, be it the same key with another hash or padding.
#[test]
fn seals_of_one_algorithm_are_no_other_ones() {
    let algorithms: Vec<_> = asymmetric().into_iter().map(|pairs| pairs.algorithm).collect();
    let key = |algorithm: &Algorithm| {
        let mut key = jwk(&format!("{}.jwk", algorithm.key));
        key["alg"] = json!(algorithm.name);
        Jwk::parse(&key.to_string()).unwrap()
    };
    for signing in &algorithms {
        let seal = (signing.sign)(&key(signing), b"message").unwrap();
        for checking in &algorithms {
            assert_eq!((checking.check)(&key(checking), b"message", &seal), Ok(signing.name == checking.name), "{}", signing.name);
        }
    }
}

/// Every form of one key is the same key.
#[test]
fn public_halves_agree() {
    for pairs in asymmetric() {
        let (name, key) = (pairs.algorithm.name, pairs.algorithm.key);
        let text = pem(&format!("{key}.spki"));
        let public = Ok((pairs.public_pem)(text).unwrap());
        for form in ["spki", "pkcs1-public"].map(|form| format!("{key}.{form}")).iter().filter(|name| keys().get(name.as_str()).is_some()) {
            assert_eq!((pairs.public_pem)(pem(form)), public, "{name} {form}");
            assert_eq!((pairs.public_der)(&der(form)), public, "{name} {form}");
        }
        for form in ["pkcs8", "pkcs1", "sec1"].map(|form| format!("{key}.{form}")).iter().filter(|name| keys().get(name.as_str()).is_some())
        {
            assert_eq!((pairs.pair_pem)(pem(form)), public, "{name} {form}");
            assert_eq!((pairs.pair_der)(&der(form)), public, "{name} {form}");
        }
        let mut members = jwk(&format!("{key}.jwk"));
        for private in ["d", "p", "q", "dp", "dq", "qi", "priv"] {
            members.as_object_mut().unwrap().remove(private);
        }
        let own: serde_json::Map<_, _> = (pairs.members)(text).into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        assert_eq!(json!(own), members, "{name}");
        assert_eq!((pairs.jwk)(&Jwk::parse(&members.to_string()).unwrap()), public, "{name}");
        assert_eq!((pairs.stored)(public.as_ref().unwrap()), public, "{name}");
        assert_eq!((pairs.spki)(text), der(&format!("{key}.spki")), "{name}");
    }
    let point = Ed25519Point::from_pem(pem("ed25519.spki")).unwrap();
    assert_eq!(Ed25519Point::from_paserk(&point.to_paserk()).unwrap().to_stored(), point.to_stored());
}

/// SEC1 §2.3.3, against OpenSSL: both signs of y.
#[test]
fn compressed_points() {
    let compressed = der("p384-compressed.spki");
    let point = EcPoint::<P384>::from_pem(pem("p384.spki")).unwrap();
    assert_eq!(point.compressed(), compressed[compressed.len() - 49..]);
    let signs: std::collections::BTreeSet<u8> = (0..64).map(|_| EcPair::<P384>::generate().unwrap().opening().compressed()[0]).collect();
    assert_eq!(signs.into_iter().collect::<Vec<_>>(), [2, 3]);
}

/// ML-DSA against another implementation: its signatures hold here, and the keys that RFC 9964 (appendix A.1) makes of a seed of
/// zeros have the names that it prints, which are their thumbprints.
#[test]
fn ml_dsa_of_others() {
    for pairs in asymmetric().iter().filter(|pairs| pairs.algorithm.name.starts_with("ML-DSA")) {
        let key = pairs.algorithm.key;
        let foreign = base64url::decode(pem(&format!("{key}.signature"))).unwrap();
        let holds = |message: &[u8]| (pairs.seals)(pem(&format!("{key}.pkcs8")), pem(&format!("{key}.spki")), message, Some(&foreign));
        assert!(holds(b"message") && !holds(b"massage"), "{key}");
    }
    let zeros = |set: u8| {
        let oid = [&[0x30, 0x34, 2, 1, 0, 0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, set][..], &[4, 0x22, 0x80, 0x20], &[0; 32]];
        oid.concat()
    };
    let named = [
        MlDsaPair::<MlDsa44>::from_pkcs8(&zeros(17)).unwrap().opening().thumbprint(ThumbprintHash::Sha256),
        MlDsaPair::<MlDsa65>::from_pkcs8(&zeros(18)).unwrap().opening().thumbprint(ThumbprintHash::Sha256),
        MlDsaPair::<MlDsa87>::from_pkcs8(&zeros(19)).unwrap().opening().thumbprint(ThumbprintHash::Sha256),
    ];
    assert_eq!(
        named.map(|name| name.to_string()),
        [
            "T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o",
            "Suiu29qbfuaBaR4Ats-c6XQBePB_OpAxAwcTR_0KXVM",
            "tRn1JNIkgMsABVQBlXeDHxAIcclh-2IX0UdDEzPt5XU"
        ]
    );
}

#[test]
fn debug_shows_no_material() {
    #[track_caller]
    fn check(half: &impl Debug, secret: &[u8]) {
        let shown = format!("{half:?} {half:#?}");
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let decimal = format!("{:?}", &secret[..8]);
        assert!(!shown.contains(&hex) && !shown.contains(decimal.trim_matches(['[', ']'])), "{shown}");
        assert!(!shown.contains(&base64url::encode(secret)), "{shown}");
        assert!(shown.len() < 900, "{shown}");
    }
    check(&HmacSha256Key::from_secret(&SECRET).unwrap(), &SECRET);
    check(&V4LocalKey::from_secret(&SECRET).unwrap(), &SECRET);
    check(&WrappingKey::new(&SECRET).unwrap(), &SECRET);
    check(&V3LocalKey::from_secret(&SECRET).unwrap(), &SECRET);
    check(&V3LocalKey::from_secret(&SECRET).unwrap().authentication(&[1; 32]), &SECRET);
    check(&V4LocalKey::from_secret(&SECRET).unwrap().authentication(&[1; 32]), &SECRET);
    for (name, text) in
        [("ed25519.jwk", ["d", "d"]), ("p256.jwk", ["d", "d"]), ("rsa.jwk", ["d", "p"]), ("ml-dsa-44.jwk", ["priv", "priv"])]
    {
        let key = Jwk::parse(&jwk(name).to_string()).unwrap();
        for member in text {
            check(&key, &key.private(member).unwrap());
        }
    }
    let secret = der("ed25519.pkcs8");
    check(&Ed25519Pair::from_pem(pem("ed25519.pkcs8")).unwrap(), &secret[secret.len() - 32..]);
    let key = Jwk::parse(&jwk("p256.jwk").to_string()).unwrap();
    check(&P256Pair::from_jwk(&key).unwrap(), &key.private("d").unwrap());
    let key = Jwk::parse(&jwk("ml-dsa-44.jwk").to_string()).unwrap();
    check(&MlDsaPair::<MlDsa44>::from_jwk(&key).unwrap(), &key.private("priv").unwrap());
    let key = Jwk::parse(&jwk("rsa.jwk").to_string()).unwrap();
    check(&RsaPair::from_jwk(&key).unwrap(), &key.private("p").unwrap());
}

#[test]
fn wrapping() {
    let key = WrappingKey::new(&SECRET).unwrap();
    let sealed = key.seal(b"ring/key", b"private half").unwrap();
    assert_eq!(sealed.len(), 12 + 12 + 16);
    assert_eq!(key.open(b"ring/key", &sealed).unwrap().as_slice(), b"private half");
    assert_ne!(sealed, key.seal(b"ring/key", b"private half").unwrap());
    assert!(key.open(b"ring/other", &sealed).is_none());
    assert!(WrappingKey::new(&[7; 32]).unwrap().open(b"ring/key", &sealed).is_none());
    for length in 0..sealed.len() {
        assert!(key.open(b"ring/key", &sealed[..length]).is_none());
        let mut changed = sealed.clone();
        changed[length] ^= 1;
        assert!(key.open(b"ring/key", &changed).is_none());
    }
    let empty = key.seal(b"", b"").unwrap();
    assert!(key.open(b"", &empty).unwrap().is_empty());
}

#[test]
fn random_bytes_differ() {
    assert_ne!(random::bytes::<32>().unwrap(), random::bytes::<32>().unwrap());
    assert_ne!(random::bytes::<64>().unwrap(), [0; 64]);
}

/// Distinct values, so that a copy of them is recognized.
pub(super) const SECRET: [u8; 32] =
    *b"\x9a\x01\xfe\x37\x55\x12\xc8\x6d\x80\x4b\xee\x29\x77\xd3\x0f\xb1\x68\xa4\x1c\xe5\x93\x3e\xfa\x46\x8b\xd0\x25\x7c\xb9\x12\x64\xaf";
