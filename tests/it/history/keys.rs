//! Confused, empty, weak and wrong keys.

use serde_json::{Value, json};
use session_runtime::{
    KeyRing, Verifier,
    error::{KeyError, KeyRule, VerifyError},
    jwt::{EdDsa, Es256, Es384, Es512, Hs256, Jwt, MlDsa44, Ps256, Rs256},
    keyring::{FileKeys, Key, LocalKek, PublicKeys, VerifyingKeys},
    paseto::{V3Local, V3Public, V4Local, V4Public},
};

use super::{ALGORITHM, BAD_SEAL, REFUSED_HEADER, good_payload, open};
use crate::support::{
    Access, Fixed, ada, for_every_jwt,
    forge::{self, base64, hs256, jws},
    issuer, keys, noon, pem, ring, verdict,
};

/// Every way in which others wrote an algorithm's name into a header.
const NAMES: [&str; 35] = [
    "HS256",
    "RS256",
    "ES256",
    "EdDSA",
    "Ed25519",
    "Ed448",
    "RS384",
    "RS512",
    "PS384",
    "PS512",
    "ES384",
    "ES512",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
    "ML-DSA",
    "ESP256",
    "ml-dsa-44",
    "none",
    "None",
    "NONE",
    "noNE",
    "nOnE",
    "",
    " HS256",
    "HS256 ",
    "hs256",
    "rs256",
    "HS384",
    "HS512",
    "PS256",
    "ES256K",
    "RS1",
    "dir",
    "HS256\u{0}",
];

/// H-01: a header names the algorithm of another key, in good faith or not.
///
/// CVE-2015-9235, CVE-2016-10555, CVE-2016-5431, CVE-2024-37568, CVE-2024-33663, CVE-2021-46743, CVE-2022-23540,
/// GHSA-88q6-jcjg-hvmw, GHSA-jc38-x7x8-2xc8.
#[test]
fn h01_a_header_never_chooses_the_algorithm() {
    fn check<F: Fixed>() {
        let accepted = if F::NAME == "EdDSA" { &["EdDSA", "Ed25519"][..] } else { &[F::NAME] };
        for name in NAMES {
            let head = json!({ "alg": name, "kid": "k1", "typ": "at+jwt" }).to_string();
            let want = if accepted.contains(&name) { Ok(()) } else { ALGORITHM };
            // Sealed with the verifier's own key: what refuses it is the name alone.
            assert_eq!(open::<F>(&F::forge(&head, &good_payload::<F>())), want, "{} as {name:?}", F::NAME);
            // And without any seal.
            let bare = jws(&head, &good_payload::<F>(), |_| Vec::new());
            assert_eq!(open::<F>(&bare), if accepted.contains(&name) { BAD_SEAL } else { ALGORITHM }, "{} as {name:?}", F::NAME);
        }
    }
    for_every_jwt!(F => check::<F>());
}

/// H-01: each key kind reads what it sealed and nothing that another kind sealed, under either's header.
#[test]
fn h01_only_the_diagonal_is_accepted() {
    fn cell<Sealer: Fixed, Reader: Fixed>() {
        let own = open::<Reader>(&Sealer::forge(&Sealer::head(), &good_payload::<Reader>()));
        let disguised = open::<Reader>(&Sealer::forge(&Reader::head(), &good_payload::<Reader>()));
        let want = if Sealer::NAME == Reader::NAME { [Ok(()), Ok(())] } else { [ALGORITHM, BAD_SEAL] };
        assert_eq!([own, disguised], want, "{} as {}", Sealer::NAME, Reader::NAME);
    }
    fn row<Sealer: Fixed>() {
        for_every_jwt!(Reader => cell::<Sealer, Reader>());
    }
    for_every_jwt!(F => row::<F>());
}

/// H-01: everybody knows the public key, so everybody could make an HMAC with it.
#[test]
fn h01_a_public_key_is_no_secret() {
    fn check<F: Fixed>(names: &[&str]) {
        for name in names {
            let text = pem(name);
            for secret in [text.as_bytes(), text.trim_end().as_bytes(), &forge::der(name)] {
                for (alg, want) in [("HS256", ALGORITHM), (F::NAME, BAD_SEAL)] {
                    let head = json!({ "alg": alg, "kid": "k1", "typ": "at+jwt" }).to_string();
                    let token = jws(&head, &good_payload::<F>(), |message| hs256(secret, message));
                    assert_eq!(open::<F>(&token), want, "{} {name} {alg}", F::NAME);
                }
            }
        }
    }
    check::<Jwt<Rs256>>(&["rsa.spki", "rsa.pkcs1-public"]);
    check::<Jwt<Ps256>>(&["rsa.spki", "rsa-pss-sha256.spki"]);
    check::<Jwt<Es256>>(&["p256.spki", "p256-compressed.spki"]);
    check::<Jwt<Es384>>(&["p384.spki"]);
    check::<Jwt<Es512>>(&["p521.spki"]);
    check::<Jwt<EdDsa>>(&["ed25519.spki"]);
    check::<Jwt<MlDsa44>>(&["ml-dsa-44.spki"]);
}

/// H-02: the text of a key, public or private, in whatever form and behind whatever white space, is offered as a shared secret.
///
/// CVE-2017-11424, CVE-2022-29217, CVE-2023-48223, CVE-2026-34950, CVE-2026-48526.
#[test]
fn h02_the_text_of_a_key_is_no_secret() {
    fn refused(secret: &[u8]) -> Vec<Option<KeyRule>> {
        let rule = |error: KeyError| match error {
            KeyError::Refused { rule, .. } => Some(rule),
            other => panic!("{other}"),
        };
        let jwk = json!({ "kty": "oct", "k": base64(secret) }).to_string();
        vec![
            Key::<Jwt<Hs256>>::from_secret(secret).err().and_then(rule),
            KeyRing::<Jwt<Hs256>>::from_secret(secret).err().and_then(rule),
            VerifyingKeys::<Jwt<Hs256>>::from_secret(secret).err().and_then(rule),
            Key::<Jwt<Hs256>>::from_jwk(&jwk).err().and_then(rule),
            VerifyingKeys::<Jwt<Hs256>>::from_jwk(&jwk).err().and_then(rule),
        ]
    }
    let mut texts: Vec<(String, String)> = Vec::new();
    for (name, value) in keys().as_object().unwrap() {
        match value {
            _ if name == "warning" || name.ends_with(".signature") => {}
            Value::String(text) => texts.push((name.clone(), text.clone())),
            jwk => {
                texts.push((name.clone(), jwk.to_string()));
                texts.push((format!("{name} in lines"), serde_json::to_string_pretty(jwk).unwrap()));
                texts.push((format!("{name} in a set"), json!({ "keys": [jwk] }).to_string()));
            }
        }
    }
    assert!(texts.len() > 30);
    for (name, text) in &texts {
        let forms =
            ["", " ", "\n", "\r\n\t ", "\u{feff}", "\u{feff}\n", "\u{a0}", "\0", "# comment\n"].map(|before| format!("{before}{text}"));
        let after = ["\n", " ", "\0", "\n\n# comment"].map(|after| format!("{text}{after}"));
        // JSON knows no comments, so with one it is the text of nothing.
        let comments = !text.starts_with('{');
        for form in forms.into_iter().chain(after).filter(|form| comments || !form.contains('#')) {
            for rule in refused(form.as_bytes()) {
                assert_eq!(rule, Some(KeyRule::SecretIsKeyText), "{name}: {form:?}");
            }
        }
    }
    // The same way in lets a secret pass.
    assert!(refused(forge::SECRET).iter().all(Option::is_none));
}

/// H-05: the token brings the key that it is to be checked with, or says where to fetch it.
///
/// CVE-2018-0114, CVE-2025-24976.
#[test]
fn h05_a_token_brings_no_key() {
    fn check<F: Fixed>() {
        let public = keys()["ed25519.jwk"].clone();
        for (name, value) in [
            ("jwk", json!({ "kty": "OKP", "crv": "Ed25519", "x": public["x"] })),
            ("jwk", Value::Null),
            ("jku", json!("https://attacker.example/jwks.json")),
            ("x5u", json!("https://attacker.example/cert.pem")),
            ("x5c", json!(["MIIB"])),
            ("x5c", json!([])),
        ] {
            let mut head = json!({ "alg": F::NAME, "kid": "k1", "typ": "at+jwt" });
            head[name] = value;
            // The seal is good, and still nobody may think that the key was looked at.
            assert_eq!(open::<F>(&F::forge(&head.to_string(), &good_payload::<F>())), REFUSED_HEADER, "{} {name}", F::NAME);
            let escaped = head.to_string().replace(&format!("\"{name}\""), &format!("\"\\u{:04x}{}\"", name.as_bytes()[0], &name[1..]));
            assert_ne!(escaped, head.to_string());
            assert_eq!(open::<F>(&F::forge(&escaped, &good_payload::<F>())), REFUSED_HEADER, "{} {name}", F::NAME);
        }
    }
    for_every_jwt!(F => check::<F>());
    // PASERK: a footer with key material in it.
    fn footer<F: Fixed>() {
        for material in ["k4.local.AAAA", "k4.secret.AAAA", "k4.public.AAAA", "k4.local-pw.AAAA"] {
            let head = json!({ "kid": "k1", "key": material }).to_string();
            assert_eq!(open::<F>(&F::forge(&head, &good_payload::<F>())), REFUSED_HEADER, "{} {material}", F::NAME);
        }
    }
    footer::<V4Public>();
    footer::<V4Local>();
    footer::<V3Public>();
    footer::<V3Local>();
}

/// H-06: the path of a key file was taken for the key.
///
/// CVE-2021-41106.
#[test]
fn h06_the_path_of_a_key_is_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    std::fs::write(&path, pem("rsa.pkcs8")).unwrap();
    for path in [path.to_str().unwrap().to_owned(), format!("file://{}", path.display())] {
        let rule = |error: Result<(), KeyError>| matches!(error, Err(KeyError::Refused { rule: KeyRule::Unreadable(_), .. }));
        assert!(rule(Key::<Jwt<Rs256>>::from_pem(&path).map(drop)), "{path}");
        assert!(rule(PublicKeys::<Jwt<EdDsa>>::from_pem(&path).map(drop)), "{path}");
        assert!(rule(Key::<Jwt<Hs256>>::from_jwk(&path).map(drop)), "{path}");
        assert!(rule(Key::<V4Local>::from_paserk(&path).map(drop)), "{path}");
    }
}

/// H-10: an empty or short secret, above all the one that a failed look-up leaves behind.
///
/// CVE-2026-44351, CVE-2026-45363, CVE-2026-49852, CVE-2019-20933.
#[test]
fn h10_short_secrets_are_no_secrets() {
    for length in 0..=64 {
        let secret = &forge::SECRET[..length];
        let want = if length < 32 { Err(KeyRule::TooShort { found: length, least: 32 }) } else { Ok(()) };
        let rule = |result: Result<(), KeyError>| {
            result.map_err(|error| match error {
                KeyError::Refused { rule, .. } => rule,
                other => panic!("{other}"),
            })
        };
        let jwk = json!({ "kty": "oct", "k": base64(secret) }).to_string();
        assert_eq!(rule(Key::<Jwt<Hs256>>::from_secret(secret).map(drop)), want);
        assert_eq!(rule(VerifyingKeys::<Jwt<Hs256>>::from_secret(secret).map(drop)), want);
        assert_eq!(rule(Key::<Jwt<Hs256>>::from_jwk(&jwk).map(drop)), want, "{length}");
        // Zeros are as good as nothing at any length.
        let zeros = rule(Key::<Jwt<Hs256>>::from_secret(vec![0; length]).map(drop));
        assert_eq!(zeros, want.and(Err(KeyRule::NotRandom)));
        // A `v4.local` key has 32 bytes and no others.
        let local = Key::<V4Local>::from_paserk(&format!("k4.local.{}", base64(secret))).map(drop);
        assert_eq!(local.is_ok(), length == 32, "{length}: {local:?}");
    }
    // A token under a name that no key has, or under the name of a key that is not HMAC's, sealed with nothing.
    for (kid, want) in [("k1", BAD_SEAL), ("unknown", Err(VerifyError::UnknownKey)), ("", Err(VerifyError::UnknownKey))] {
        for secret in [b"".as_slice(), b"\0", b"null", b"undefined", &[0; 32], &[0; 64]] {
            let head = json!({ "alg": "HS256", "kid": kid, "typ": "at+jwt" }).to_string();
            let token = jws(&head, &good_payload::<Jwt<Hs256>>(), |message| hs256(secret, message));
            assert_eq!(open::<Jwt<Hs256>>(&token), want, "{kid}");
        }
    }
}

/// H-41: a key that is wrapped by a password says itself how long unwrapping takes.
///
/// CVE-2023-50658, CVE-2023-49290, CVE-2023-6681, CVE-2023-52428.
#[test]
fn h41_no_input_says_how_much_work_it_is() {
    for kind in ["local-pw", "secret-pw", "local-wrap.pie", "seal"] {
        let paserk = format!("k4.{kind}.{}", base64([0xff; 128]));
        assert!(matches!(Key::<V4Local>::from_paserk(&paserk), Err(KeyError::Refused { .. })), "{kind}");
        assert!(matches!(Key::<V4Public>::from_paserk(&paserk), Err(KeyError::Refused { .. })), "{kind}");
    }
    let rule = Key::<Jwt<Es256>>::from_pem(pem("p256.encrypted")).map(drop).unwrap_err();
    assert!(matches!(rule, KeyError::Refused { .. }), "{rule}");
    let head = json!({ "alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_000_000_000, "p2s": "AAAA", "kid": "k1" }).to_string();
    assert_eq!(open::<Jwt<Hs256>>(&<Jwt<Hs256> as Fixed>::forge(&head, b"{}")), ALGORITHM);
    // The exponent of an RSA key is work, too.
    let huge = json!({ "kty": "RSA", "n": keys()["rsa.jwk"]["n"], "e": base64([0xff; 256]) }).to_string();
    assert!(PublicKeys::<Jwt<Rs256>>::from_jwk(&huge).is_err());
}

/// H-55: the ring signed with its oldest key after a rotation.
///
/// CVE-2025-47278.
#[tokio::test]
async fn h55_the_newest_key_signs_on_every_node() {
    let folder = tempfile::tempdir().unwrap();
    let store = || FileKeys::at(folder.path().join("keys.json"));
    let kek = || LocalKek::from_bytes(&[7; 32]).unwrap();
    let clock = noon();
    let open = || KeyRing::<Jwt<EdDsa>>::builder().clock(clock.clone()).open(store(), kek());
    let (writer, node) = (open().await.unwrap(), open().await.unwrap());
    let issuer = issuer::<Access, _>(&node);
    for _ in 0..10 {
        let rotated = writer.rotate().await.unwrap();
        node.reload().await.unwrap();
        assert_eq!(issuer.issue(&ada()).unwrap().key_id, Some(rotated.key_id.clone()));
        let restarted = open().await.unwrap();
        let issued = session_runtime::Issuer::<Access, _>::new(&restarted).unwrap().issue(&ada()).unwrap();
        assert_eq!(issued.key_id, Some(rotated.key_id));
        assert_eq!(verdict(&Verifier::<Access>::new(&node).unwrap().verify_now(&issued.token)), "good");
    }
}

/// H-56: the seal covered other bytes than were read, and tokens that had been forged meanwhile outlived the patch.
///
/// CVE-2026-40372.
#[tokio::test]
async fn h56_every_byte_is_sealed_and_one_call_ends_everything() {
    fn check<F: Fixed>() {
        let token = crate::support::token(&ring::<F>(&noon()));
        let verifier = Verifier::<Access>::new(&ring::<F>(&noon())).unwrap();
        for index in 0..token.len() {
            let other = if &token[index..=index] == "A" { "B" } else { "A" };
            let tampered = format!("{}{other}{}", &token[..index], &token[index + 1..]);
            assert!(verifier.verify_now(&tampered).is_err(), "{} byte {index}", F::NAME);
        }
        // Of what is sealed and decodes, nothing is refused for another reason than its seal.
        let body = token.find('.').unwrap() + token.len() / 3;
        let other = if &token[body..=body] == "A" { "B" } else { "A" };
        let tampered = format!("{}{other}{}", &token[..body], &token[body + 1..]);
        assert_eq!(verifier.verify_now(&tampered).map(drop), BAD_SEAL, "{}", F::NAME);
    }
    crate::support::in_every_format!(check);
    let revocations = session_runtime::Revocations::open(session_runtime::revocation::MemoryRevocations::new().unwrap()).await.unwrap();
    let ring = ring::<V4Local>(&noon());
    let issuer = issuer::<Access, _>(&ring).with_revocations(&revocations).await.unwrap();
    let verifier = Verifier::<Access>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
    let token = issuer.issue(&ada()).unwrap().token;
    revocations.revoke_all().await.unwrap();
    assert_eq!(verifier.verify_now(&token).map(drop), Err(VerifyError::Revoked));
}
