//! Wrapped keys: the official vectors byte for byte in both directions, round trips, and costs that are refused before any work.

use serde_json::Value;

use paseto_core::{
    key::{HasKey, Key},
    paserk::{PasswordWrappedKey, PieWrapVersion, PieWrappedKey, PkeSealingVersion, PkeUnsealingVersion, PwWrapVersion, SealedKey},
    version::{Local, PkePublic, PkeSecret, Secret},
};

use super::{P384Pair, cases, vectors::hex};
use crate::{
    crypto::{
        Argon2Cost, Cost, Ed25519Pair, K4, Pbkdf2Cost, PemPair, Recipient, SealingHalf, Unsealer, V3LocalKey, V4LocalKey, Version, Wrapped,
        WrapsKeys, base64url,
        paserk::{lock, password, pie},
        password_unwrap, pie_unwrap, pie_wrap, seal, unseal,
    },
    error::{KeyError, KeyRule},
};

/// The wrapping key of a case.
fn wrapping(case: &Value) -> [u8; 32] {
    hex(case["wrapping_key_hex"].as_str().unwrap()).try_into().unwrap()
}

fn password_of(case: &Value) -> Vec<u8> {
    hex(case["password_hex"].as_str().unwrap())
}

/// The bytes behind the header.
fn body(text: &str) -> Vec<u8> {
    base64url::decode(text.rsplit('.').next().unwrap()).unwrap().to_vec()
}

/// What a case unwraps to, and that wrapping it again with the same nonce gives the same text.
fn under_a_key<K: Wrapped>(case: &Value, text: &str) -> Result<Vec<u8>, KeyRule> {
    let key: K = pie_unwrap(text, &wrapping(case))?;
    let nonce: [u8; 32] = body(text)[K::Version::TAG..][..32].try_into().unwrap();
    assert_eq!(pie::wrap_at(&key, &wrapping(case), &nonce).as_deref(), Ok(text));
    Ok(key.to_plain().unwrap().to_vec())
}

fn under_a_password<K: Wrapped>(case: &Value, text: &str) -> Result<Vec<u8>, KeyRule> {
    let key: K = password_unwrap(text, &password_of(case))?;
    let body = body(text);
    let (salt, rest) = body.split_at(<K::Version as Version>::Cost::SALT);
    let (cost, rest) = rest.split_at(<K::Version as Version>::Cost::LENGTH);
    let cost = Cost::from_bytes(cost).unwrap();
    assert_eq!(password::wrap_at(&key, &password_of(case), cost, salt, &rest[..K::Version::NONCE]).as_deref(), Ok(text));
    Ok(key.to_plain().unwrap().to_vec())
}

fn sealed<U: Unsealer, K: Wrapped<Version = U::Version>>(text: &str, pair: &U) -> Result<Vec<u8>, KeyRule> {
    unseal::<_, K>(text, pair).map(|key| key.to_plain().unwrap().to_vec())
}

fn pair_4(case: &Value) -> Ed25519Pair {
    let pair = Ed25519Pair::from_plain(&hex(case["sealing_secret_key_hex"].as_str().unwrap())).unwrap();
    assert_eq!(pair.point().as_bytes().as_slice(), hex(case["sealing_public_key_hex"].as_str().unwrap()));
    pair
}

/// In the case of another version there is a key of that version too, and any key will do.
fn pair_3(case: &Value) -> P384Pair {
    case["sealing_secret_key_pem"].as_str().map_or_else(|| P384Pair::generate().unwrap(), |pem| P384Pair::from_pem(pem).unwrap())
}

#[test]
fn official_vectors() {
    let mut judged = 0;
    for case in &cases("paserk.json") {
        let text = case["paserk"].as_str().unwrap_or_default();
        let got = match (case["version"].as_str().unwrap(), case["type"].as_str().unwrap()) {
            ("k4", "local-wrap.pie") => under_a_key::<V4LocalKey>(case, text),
            ("k4", "secret-wrap.pie") => under_a_key::<Ed25519Pair>(case, text),
            ("k4", "local-pw") => under_a_password::<V4LocalKey>(case, text),
            ("k4", "secret-pw") => under_a_password::<Ed25519Pair>(case, text),
            ("k4", "seal") => sealed::<_, V4LocalKey>(text, &pair_4(case)),
            ("k3", "local-wrap.pie") => under_a_key::<V3LocalKey>(case, text),
            ("k3", "secret-wrap.pie") => under_a_key::<P384Pair>(case, text),
            ("k3", "local-pw") => under_a_password::<V3LocalKey>(case, text),
            ("k3", "secret-pw") => under_a_password::<P384Pair>(case, text),
            ("k3", "seal") => sealed::<_, V3LocalKey>(text, &pair_3(case)),
            _ => continue,
        };
        judge(case, got);
        judged += 1;
    }
    assert!(judged == 0 || judged == 30, "{judged}");
}

#[track_caller]
fn judge(case: &Value, got: Result<Vec<u8>, KeyRule>) {
    let name = case["name"].as_str().unwrap();
    match (case["oracle_reason"].as_str(), got) {
        (None, Ok(got)) => assert_eq!(got, hex(case["key_hex"].as_str().unwrap()), "{name}"),
        (Some("tag"), Err(rule)) => assert_eq!(rule, KeyRule::Wrapped, "{name}"),
        (Some("header"), Err(rule)) => assert!(matches!(rule, KeyRule::WrongKind { .. }), "{name}: {rule:?}"),
        (Some("b64 trailing bits"), Err(rule)) => assert!(matches!(rule, KeyRule::Unreadable(_)), "{name}: {rule:?}"),
        (_, got) => panic!("{name}: {:?}", got.map(drop)),
    }
}

/// The cost of version 4 as it stands in a text.
fn written(memory: u64, passes: u32, lanes: u32) -> Vec<u8> {
    [memory.to_be_bytes().as_slice(), &passes.to_be_bytes(), &lanes.to_be_bytes()].concat()
}

fn cheap_3() -> Pbkdf2Cost {
    Pbkdf2Cost::from_bytes(&[0, 0, 0, 1]).unwrap()
}

/// The cheapest cost of a text. None is written so by users.
fn cheap() -> Argon2Cost {
    Argon2Cost::from_bytes(&written(8 * 1024, 1, 1)).unwrap()
}

/// Every way of wrapping a key gives it back, for the right key or password and the unchanged text only.
#[track_caller]
fn round_trip<K: Wrapped>(cost: <K::Version as Version>::Cost) {
    let key = K::generate().unwrap();
    let (with, nonce) = ([7; 32], vec![9; K::Version::NONCE]);
    let open = |text: &str| pie_unwrap::<K>(text, &with).map(|key| key.to_plain().unwrap());
    let text = pie_wrap(&key, &with).unwrap();
    assert_ne!(text, pie_wrap(&key, &with).unwrap(), "a nonce came twice");
    assert_eq!(open(&text), Ok(key.to_plain().unwrap()));
    assert_eq!(pie_unwrap::<K>(&text, &[8; 32]).map(drop), Err(KeyRule::Wrapped));
    no_change_opens(&text, &open);

    let open = |text: &str| password_unwrap::<K>(text, b"correct horse").map(|key| key.to_plain().unwrap());
    let text = password::wrap_at(&key, b"correct horse", cost, &vec![3; <K::Version as Version>::Cost::SALT], &nonce).unwrap();
    assert_eq!(open(&text), Ok(key.to_plain().unwrap()));
    assert_eq!(password_unwrap::<K>(&text, b"correct horsf").map(drop), Err(KeyRule::Wrapped));
    no_change_opens(&text, &open);
}

/// No changed bit, no other length, no other header and no second spelling opens.
#[track_caller]
fn no_change_opens<T>(text: &str, open: &dyn Fn(&str) -> Result<T, KeyRule>) {
    let (header, end) = text.split_at(text.rfind('.').unwrap() + 1);
    let bytes = base64url::decode(end).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1;
        assert!(open(&format!("{header}{}", base64url::encode(&changed))).is_err(), "byte {at} of {header}");
    }
    let mut longer = bytes.to_vec();
    longer.push(0);
    for changed in [
        format!("{header}{}", base64url::encode(&bytes[1..])),
        format!("{header}{}", base64url::encode(&longer)),
        header.to_owned(),
        format!("{text}="),
        format!(" {text}"),
        format!("{text}\n"),
        format!("{text}.AAAA"),
        text.to_uppercase(),
        text.replacen(&header[..2], "k2", 1),
        String::new(),
    ] {
        assert!(open(&changed).is_err(), "{changed}");
    }
}

#[test]
fn what_is_wrapped_comes_back() {
    round_trip::<V3LocalKey>(cheap_3());
    round_trip::<P384Pair>(cheap_3());
    round_trip::<V4LocalKey>(cheap());
    round_trip::<Ed25519Pair>(cheap());
}

#[test]
fn what_is_sealed_comes_back() {
    #[track_caller]
    fn check<U: Unsealer, K: Wrapped<Version = U::Version>>() {
        let (key, pair, other) = (K::generate().unwrap(), U::generate().unwrap(), U::generate().unwrap());
        let text = seal(&key, &pair.opening()).unwrap();
        let open = |text: &str| unseal::<_, K>(text, &pair).map(|key| key.to_plain().unwrap());
        assert_ne!(text, seal(&key, &pair.opening()).unwrap(), "an ephemeral key came twice");
        assert_eq!(open(&text), Ok(key.to_plain().unwrap()));
        assert_eq!(unseal::<_, K>(&text, &other).map(drop), Err(KeyRule::Wrapped));
        no_change_opens(&text, &open);
    }
    check::<P384Pair, V3LocalKey>();
    check::<Ed25519Pair, V4LocalKey>();
}

/// With a point of small order everybody knows what the two sides agreed on (RFC 7748 §6.1).
#[test]
fn a_key_sealed_with_a_weak_point_is_refused() {
    let pair = Ed25519Pair::generate().unwrap();
    for ephemeral in [[0; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }] {
        let text = format!("k4.seal.{}", base64url::encode(&[[5; 32], ephemeral, [5; 32]].concat()));
        assert_eq!(unseal::<_, V4LocalKey>(&text, &pair).map(drop), Err(KeyRule::WeakPoint));
    }
    // P-384 has no such points; what is not on the curve at all is the same danger.
    let text = format!("k3.seal.{}", base64url::encode(&[vec![5; 48], vec![2], vec![0xff; 48], vec![5; 32]].concat()));
    assert_eq!(unseal::<_, V3LocalKey>(&text, &P384Pair::generate().unwrap()).map(drop), Err(KeyRule::InvalidPoint));
}

/// A text asks for any cost it likes; what is out of bounds is refused by its own rule, so nothing was derived.
#[test]
fn costs_of_version_4() {
    #[track_caller]
    fn check((memory, passes, lanes): (u64, u32, u32), want: Option<(&str, u64)>) {
        let body = [[1; 16].as_slice(), &written(memory, passes, lanes), &[2; 24 + 32 + 32]].concat();
        let got = password_unwrap::<V4LocalKey>(&format!("k4.local-pw.{}", base64url::encode(&body)), b"x").map(drop);
        match (got, want) {
            (Err(KeyRule::Cost { parameter, found, .. }), Some(want)) => assert_eq!((parameter, found), want),
            (got, want) => assert_eq!((got, want), (Err(KeyRule::Wrapped), None)),
        }
    }
    const MEMORY: &str = "bytes of memory for Argon2";
    const PASSES: &str = "passes of Argon2";
    const LANES: &str = "lanes of Argon2";
    let (least, most) = (8 * 1024, 256 * 1024 * 1024);
    check((least, 1, 1), None);
    check((least + 1023, 10, 1), None);
    check((most, 1, 1), None);
    for memory in [0, 1, least - 1, most + 1, 4 << 30, 4 << 40, u64::MAX] {
        check((memory, 1, 1), Some((MEMORY, memory)));
    }
    for passes in [0, 11, u32::MAX] {
        check((least, passes, 1), Some((PASSES, passes.into())));
    }
    for lanes in [0, 2, u32::MAX] {
        check((least, 1, lanes), Some((LANES, lanes.into())));
    }
}

#[test]
fn costs_of_version_3() {
    #[track_caller]
    fn check(iterations: u32, refused: bool) {
        let body = [[1; 32].as_slice(), &iterations.to_be_bytes(), &[2; 16 + 32 + 48]].concat();
        let got = password_unwrap::<V3LocalKey>(&format!("k3.local-pw.{}", base64url::encode(&body)), b"x").map(drop);
        let cost = KeyRule::Cost { parameter: "iterations of PBKDF2", found: iterations.into(), least: 1, most: 1_000_000 };
        assert_eq!(got, Err(if refused { cost } else { KeyRule::Wrapped }));
    }
    check(0, true);
    check(1, false);
    check(1_000_000, false);
    check(1_000_001, true);
    check(u32::MAX, true);
}

/// What is written costs at least the default, and can be read again.
#[test]
fn costs_that_users_may_choose() {
    const MIB: u64 = 1024 * 1024;
    let refused = |cost: Result<_, KeyError>| matches!(cost, Err(KeyError::Refused { rule: KeyRule::Cost { .. }, .. }));
    assert!([99_999, 1_000_001].map(Pbkdf2Cost::new).into_iter().all(|cost| matches!(cost, Err(KeyError::Refused { .. }))));
    assert!([100_000, 1_000_000].map(Pbkdf2Cost::new).iter().all(Result::is_ok));
    assert_eq!(Argon2Cost::new(64 * MIB, 2), Ok(Argon2Cost::default()));
    assert!(Argon2Cost::new(256 * MIB, 10).is_ok());
    assert!(
        [(64 * MIB - 1, 2), (256 * MIB + 1, 2), (64 * MIB, 1), (64 * MIB, 11)]
            .map(|(memory, passes)| Argon2Cost::new(memory, passes))
            .into_iter()
            .all(refused)
    );
}

#[test]
fn passwords() {
    #[track_caller]
    fn check(password: &[u8], want: Result<(), KeyRule>) {
        let key = V4LocalKey::generate().unwrap();
        let text = password::wrap_at(&key, password, cheap(), &[0; 16], &[0; 24]);
        assert_eq!(text.as_ref().map(drop), want.as_ref().map(drop));
        let text = text.unwrap_or_else(|_| password::wrap_at(&key, b"x", cheap(), &[0; 16], &[0; 24]).unwrap());
        assert_eq!(password_unwrap::<V4LocalKey>(&text, password).map(drop), want);
    }
    check(b"", Err(KeyRule::Password));
    check(b" ", Ok(()));
    check(b"\0", Ok(()));
    check(&[b'x'; 4096], Ok(()));
    check(&[b'x'; 4097], Err(KeyRule::Password));
}

/// Whoever wraps may wrap anything: what comes out is checked like every key.
#[test]
fn what_is_inside_is_checked() {
    let (pair, other) = (Ed25519Pair::generate().unwrap(), Ed25519Pair::generate().unwrap());
    let mut data = [*pair.seed(), *other.point().as_bytes()].concat();
    let tag = lock::close(&K4::pie(&[7; 32], &[9; 32]).unwrap(), Ed25519Pair::PIE, &[9; 32], &mut data).unwrap();
    let text = lock::text(Ed25519Pair::PIE, &[&tag, &[9; 32], &data]);
    assert_eq!(pie_unwrap::<Ed25519Pair>(&text, &[7; 32]).map(drop), Err(KeyRule::HalvesDiffer));
}

/// Both ways against another implementation: it opens what we write, and we open what it writes.
#[track_caller]
fn against<V, L, P>(cost: <L::Version as Version>::Cost)
where
    V: PieWrapVersion + PwWrapVersion + PkeSealingVersion + PkeUnsealingVersion + HasKey<Local> + HasKey<Secret>,
    L: WrapsKeys,
    P: Unsealer<Version = L::Version> + Wrapped<Version = L::Version>,
{
    const PASSWORD: &[u8] = b"correct horse battery staple";
    let (with, local, pair) = (L::generate().unwrap(), L::generate().unwrap(), P::generate().unwrap());
    let (local_text, secret_text) = (local.to_text().unwrap(), pair.to_text().unwrap());
    let their_with = || with.to_text().unwrap().parse::<Key<V, Local>>().unwrap();
    let their_local = || local_text.parse::<Key<V, Local>>().unwrap();
    let their_secret = || secret_text.parse::<Key<V, Secret>>().unwrap();

    let theirs: PieWrappedKey<V, Local> = pie_wrap(&local, with.wrapping()).unwrap().parse().unwrap();
    assert_eq!(theirs.unwrap(&their_with()).unwrap().expose_key().to_string(), *local_text);
    let theirs: PieWrappedKey<V, Secret> = pie_wrap(&pair, with.wrapping()).unwrap().parse().unwrap();
    assert_eq!(theirs.unwrap(&their_with()).unwrap().expose_key().to_string(), *secret_text);
    let ours: L = pie_unwrap(&their_local().wrap_pie(&their_with()).unwrap().to_string(), with.wrapping()).unwrap();
    assert_eq!(ours.to_text(), local.to_text());
    let ours: P = pie_unwrap(&their_secret().wrap_pie(&their_with()).unwrap().to_string(), with.wrapping()).unwrap();
    assert_eq!(ours.to_text(), pair.to_text());

    let (salt, nonce) = (vec![1; <L::Version as Version>::Cost::SALT], vec![2; L::Version::NONCE]);
    let theirs: PasswordWrappedKey<V, Local> = password::wrap_at(&local, PASSWORD, cost, &salt, &nonce).unwrap().parse().unwrap();
    assert_eq!(theirs.unwrap(PASSWORD).unwrap().expose_key().to_string(), *local_text);
    let theirs: PasswordWrappedKey<V, Secret> = password::wrap_at(&pair, PASSWORD, cost, &salt, &nonce).unwrap().parse().unwrap();
    assert_eq!(theirs.unwrap(PASSWORD).unwrap().expose_key().to_string(), *secret_text);
    let ours: L = password_unwrap(&their_local().password_wrap(PASSWORD).unwrap().to_string(), PASSWORD).unwrap();
    assert_eq!(ours.to_text(), local.to_text());
    let ours: P = password_unwrap(&their_secret().password_wrap(PASSWORD).unwrap().to_string(), PASSWORD).unwrap();
    assert_eq!(ours.to_text(), pair.to_text());

    let theirs: SealedKey<V> = seal(&local, &pair.opening()).unwrap().parse().unwrap();
    assert_eq!(theirs.unseal(&secret_text.parse::<Key<V, PkeSecret>>().unwrap()).unwrap().expose_key().to_string(), *local_text);
    let public = pair.opening().to_text().parse::<Key<V, PkePublic>>().unwrap();
    let ours: L = unseal(&their_local().seal(&public).unwrap().to_string(), &pair).unwrap();
    assert_eq!(ours.to_text(), local.to_text());
}

#[test]
fn another_implementation() {
    for _ in 0..3 {
        against::<paseto_v3::core::V3, V3LocalKey, P384Pair>(cheap_3());
        against::<paseto_v4::core::V4, V4LocalKey, Ed25519Pair>(cheap());
    }
}
