//! No mutant of a good token is accepted: every bit flipped, every byte left out, doubled or put in, every cut, every other
//! order of the parts, other spellings of the algorithm, and the parts of one token with those of another.

use std::{collections::BTreeSet, ops::Range};

use base64_simd::URL_SAFE_NO_PAD;
use session_runtime::{
    Claims, Format, Issuer, KeyRing, Timestamp, Verifier,
    jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Jwt, MlDsa44, Ps256, Rs256},
    keyring::{Key, Keys},
    paseto::{V3Local, V3Public, V4Local, V4Public},
    testing::ManualClock,
};
use session_tests::verdicts::segment;

#[derive(Debug, Clone, Claims)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", leeway = "0s", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
    roles: Vec<String>,
}

const NOW: Timestamp = Timestamp::from_unix(1_900_000_000);

/// A ring of one key with an id, and one of a key without.
fn rings<F: Format>() -> [KeyRing<F>; 2] {
    let ring = |key| KeyRing::builder().clock(ManualClock::at(NOW)).import(key).unwrap();
    [ring(Key::<F>::generate().unwrap()), ring(Key::<F>::generate().unwrap().without_id())]
}

/// Two tokens of one ring, a short one and a longer one.
fn tokens<F: Format>(ring: &KeyRing<F>) -> [String; 2] {
    let issuer = Issuer::<Access, F>::new(ring).unwrap();
    let issue = |user: &str, roles: &[&str]| {
        let access = Access { user: user.to_owned(), roles: roles.iter().map(|role| (*role).to_owned()).collect() };
        issuer.issue_at(&access, NOW).unwrap().token
    };
    [issue("a", &[]), issue("ada", &["admin", "editor"])]
}

fn accepts<K: Keys>(keys: &K) -> impl Fn(&str) -> bool {
    let verifier = Verifier::<Access>::new(keys).unwrap();
    move |text| verifier.open_at(text, NOW).is_ok()
}

/// All mutants of both tokens of both rings, before a verifier for that ring alone and before one that accepts every format.
///
/// Of a long token, or one that is dear to check, only every `step`th place is changed; it has no common factor with what repeats in a
/// token, so that every kind of place is met.
fn check<F: Format>(step: usize, least: usize) {
    let mut tried = 0;
    for ring in rings::<F>() {
        let everything = Verifier::<Access>::builder()
            .accept(&ring)
            .accept_from("https://other.example", &rings::<Jwt<Hs256>>()[1])
            .accept_from("https://other.example", &rings::<Jwt<EdDsa>>()[1])
            .accept_from("https://other.example", &rings::<Jwt<Es256>>()[1])
            .accept_from("https://other.example", &rings::<Jwt<Es512>>()[1])
            .accept_from("https://other.example", &rings::<Jwt<MlDsa44>>()[1])
            .accept_from("https://other.example", &rings::<V4Public>()[1])
            .accept_from("https://other.example", &rings::<V4Local>()[1])
            .accept_from("https://other.example", &rings::<V3Public>()[1])
            .accept_from("https://other.example", &rings::<V3Local>()[1])
            .build()
            .unwrap();
        let [token, other] = tokens(&ring);
        for (base, other) in [(&token, &other), (&other, &token)] {
            let mutants = mutants(base, other, step);
            tried += mutants.len();
            assert!(accepts(&ring)(base) && everything.open_at(base, NOW).is_ok(), "{base}");
            assert_eq!(survivors(&mutants, accepts(&ring)), Vec::<&str>::new(), "mutants of {base}");
            assert_eq!(survivors(&mutants, |text| everything.open_at(text, NOW).is_ok()), Vec::<&str>::new(), "mutants of {base}");
        }
    }
    assert!(tried >= least, "{tried} mutants");
}

fn survivors(mutants: &BTreeSet<String>, accepts: impl Fn(&str) -> bool) -> Vec<&str> {
    mutants.iter().map(String::as_str).filter(|mutant| accepts(mutant)).collect()
}

/// Every mutant that is still text, but for the two tokens themselves.
fn mutants(base: &str, other: &str, step: usize) -> BTreeSet<String> {
    const FOREIGN: [char; 11] = [' ', '\n', '\t', '\0', '=', '.', '+', '/', 'A', '%', '\u{feff}'];
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let spliced = |range: Range<usize>, with: &str| format!("{}{with}{}", &base[..range.start], &base[range.end..]);
    let mut all = BTreeSet::new();

    for (at, byte) in base.bytes().enumerate().step_by(step) {
        for bit in 0..8 {
            let flipped = [byte ^ (1 << bit)];
            all.extend(std::str::from_utf8(&flipped).ok().map(|flipped| spliced(at..at + 1, flipped)));
        }
        all.insert(spliced(at..at + 1, ""));
        all.insert(spliced(at..at, &base[at..=at]));
        all.insert(base[..at].to_owned());
        all.insert(base[at + 1..].to_owned());
        all.extend(FOREIGN.map(|foreign| spliced(at..at, foreign.encode_utf8(&mut [0; 4]))));
    }
    all.extend(FOREIGN.map(|foreign| format!("{base}{foreign}")));
    all.extend(["=", "==", "===", "%3D", ".", "..", ".e30", "\r\n", ".e30.e30"].map(|tail| format!("{base}{tail}")));
    all.extend([base.to_uppercase(), base.to_lowercase(), format!("{base}{base}"), format!("{base}.{other}"), format!("Bearer {base}")]);

    let parts: Vec<&str> = base.split('.').collect();
    let others: Vec<&str> = other.split('.').collect();
    let mut joined = |parts: &[&str]| all.insert(parts.join("."));
    for at in 0..parts.len() {
        let with = |part: &str| {
            let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            changed[at] = part.to_owned();
            changed
        };
        for part in others.iter().chain(&parts).chain(&[""]) {
            joined(&with(part).iter().map(String::as_str).collect::<Vec<_>>());
        }
        // Other spellings of the same bytes, in the bits of the last letter that stand for nothing.
        for letter in LETTERS.chars() {
            let spelled = parts[at].get(..parts[at].len().saturating_sub(1)).map(|start| format!("{start}{letter}")).unwrap_or_default();
            joined(&with(&spelled).iter().map(String::as_str).collect::<Vec<_>>());
        }
        joined(&[&parts[..at], &parts[at + 1..]].concat());
        joined(&[&parts[..at], &[parts[at]], &parts[at..]].concat());
        for to in 0..parts.len() {
            let mut swapped = parts.clone();
            swapped.swap(at, to);
            joined(&swapped);
        }
    }
    if let Ok(header) = URL_SAFE_NO_PAD.decode_to_vec(parts[0])
        && let Ok(serde_json::Value::Object(header)) = serde_json::from_slice(&header)
    {
        let written = header["alg"].as_str().unwrap();
        let names = [
            &written.to_lowercase(),
            &format!("{written} "),
            "none",
            "None",
            "NONE",
            "",
            "HS256",
            "HS512",
            "RS256",
            "PS256",
            "ES256",
            "ES512",
            "EdDSA",
            "Ed448",
            "ML-DSA-44",
            "ML-DSA-87",
        ];
        for name in names.into_iter().filter(|name| *name != written) {
            let mut header = header.clone();
            header.insert("alg".to_owned(), name.into());
            let header = segment(serde_json::Value::Object(header).to_string().as_bytes());
            joined(&[&header, parts[1], parts[2]]);
            joined(&[&header, parts[1], ""]);
        }
    }
    for version in ["v1", "v2", "v3", "v4", "v5", "V4"] {
        for purpose in ["local", "public", "Local", "secret"] {
            joined(&[&[version, purpose], parts.get(2..).unwrap_or_default()].concat());
        }
    }
    all.remove(base);
    all.remove(other);
    all
}

#[test]
fn of_hs256() {
    check::<Jwt<Hs256>>(1, 25_000);
}

#[test]
fn of_hs384_and_hs512() {
    check::<Jwt<Hs384>>(1, 25_000);
    check::<Jwt<Hs512>>(1, 25_000);
}

#[test]
fn of_rs256() {
    check::<Jwt<Rs256>>(1, 60_000);
}

#[test]
fn of_ps256() {
    check::<Jwt<Ps256>>(7, 8_000);
}

#[test]
fn of_es256() {
    check::<Jwt<Es256>>(1, 25_000);
}

#[test]
fn of_es384_and_es512() {
    check::<Jwt<Es384>>(13, 2_000);
    check::<Jwt<Es512>>(29, 2_000);
}

#[test]
fn of_ml_dsa_44() {
    check::<Jwt<MlDsa44>>(29, 8_000);
}

#[test]
fn of_eddsa() {
    check::<Jwt<EdDsa>>(1, 25_000);
}

#[test]
fn of_v4_public() {
    check::<V4Public>(1, 25_000);
}

#[test]
fn of_v4_local() {
    check::<V4Local>(1, 25_000);
}

#[test]
fn of_v3_public() {
    check::<V3Public>(7, 3_500);
}

#[test]
fn of_v3_local() {
    check::<V3Local>(1, 25_000);
}

/// Sabotage: a reader that is a little kind is found, with the very mutants that it is kind to.
#[test]
fn a_kind_reader_is_found() {
    let [_, ring] = rings::<Jwt<Hs256>>();
    let [token, other] = tokens(&ring);
    let mutants = mutants(&token, &other, 1);
    let strict = accepts(&ring);
    let padded = survivors(&mutants, |text| strict(text.trim_end_matches('=')));
    assert_eq!(padded, [format!("{token}="), format!("{token}=="), format!("{token}===")]);
    let spaced = survivors(&mutants, |text| strict(&text.replace(char::is_whitespace, "")));
    assert!(spaced.len() > 3 * token.len(), "{}", spaced.len());
}
