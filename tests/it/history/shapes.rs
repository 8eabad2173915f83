//! Other serializations, headers that ask for what nobody should do, and input that is built to hurt.

use serde_json::json;
use session_runtime::{
    Verifier,
    error::{Malformed, VerifyError},
    jwt::{Hs256, Jwt},
    limits,
    paseto::{V4Local, V4Public},
};

use super::{ALGORITHM, BAD_SEAL, ENCODING, HEADER, PAYLOAD, REFUSED_HEADER, SHAPE, good_payload, open};
use crate::support::{
    Access, Fixed, changed, for_every_jwt, for_every_short_jwt,
    forge::{base64, jws},
    in_every_format, in_every_short_format, is_paseto, noon, ring,
};

/// H-03: the signature of one serialization was checked, and the claims of another were read.
///
/// CVE-2022-39227, GHSA-jc38-x7x8-2xc8; RFC 8725bis §2.13 and §3.14.
#[test]
fn h03_only_the_compact_form_is_a_token() {
    let good = changed::<Jwt<Hs256>>(|_| ());
    let parts: Vec<&str> = good.split('.').collect();
    let forged = base64(br#"{"sub":"root"}"#);
    let flat = json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2] });
    let general = json!({ "payload": parts[1], "signatures": [{ "protected": parts[0], "signature": parts[2] }] });
    let unprotected = json!({ "header": { "alg": "none" }, "protected": parts[0], "payload": forged, "signature": parts[2] });
    for json in [&flat, &general, &unprotected] {
        assert_eq!(open::<Jwt<Hs256>>(&json.to_string()), SHAPE);
        assert_eq!(open::<Jwt<Hs256>>(&serde_json::to_string_pretty(json).unwrap()), SHAPE);
    }
    // The text that python-jwt read twice: JSON to one reader, and to another a compact token.
    let twofold =
        format!(r#"{{"  {}.{forged}.":"","protected":"{}","payload":"{}","signature":"{}"}}"#, parts[0], parts[0], parts[1], parts[2]);
    assert_eq!(twofold.matches('.').count(), 2);
    assert_eq!(open::<Jwt<Hs256>>(&twofold), ENCODING);
    assert_eq!(open::<Jwt<Hs256>>(&good), Ok(()));
}

/// H-03: characters that are in no token, wherever they stand.
#[test]
fn h03_no_character_is_skipped() {
    fn check<F: Fixed>() {
        let good = changed::<F>(|_| ());
        let first = good.find('.').unwrap();
        for strange in [" ", "\n", "\t", "=", "+", "/", "%2e", "\0", "\u{feff}", "é", "\u{2028}", ","] {
            for at in [first / 2, first + 1, good.len() / 2, good.len() - 1] {
                let text = format!("{}{strange}{}", &good[..at], &good[at..]);
                let answer = open::<F>(&text);
                assert!([ENCODING, SHAPE, BAD_SEAL, ALGORITHM].contains(&answer), "{} {strange:?} at {at}: {answer:?}", F::NAME);
            }
            for text in [format!("{strange}{good}"), format!("{good}{strange}")] {
                let answer = open::<F>(&text);
                assert!([ENCODING, SHAPE].contains(&answer), "{} {strange:?}: {answer:?}", F::NAME);
            }
        }
    }
    in_every_format!(check);
}

/// H-04: an encrypted token that hides one that nobody signed, or a bomb.
///
/// CVE-2023-51774, CVE-2026-29000, CVE-2024-28180, CVE-2024-28122, CVE-2026-34986.
#[test]
fn h04_encrypted_and_nested_tokens_are_no_tokens() {
    let inner = jws(r#"{"alg":"none"}"#, &good_payload::<Jwt<Hs256>>(), |_| Vec::new());
    let head = base64(json!({ "alg": "dir", "enc": "A128GCM", "kid": "k1", "cty": "JWT" }).to_string());
    for text in [
        format!("{head}..AAAA.{}.AAAA", base64(&inner)),
        format!("{head}.AAAA.AAAA.AAAA.AAAA"),
        format!("{head}...."),
        format!("{}..", changed::<Jwt<Hs256>>(|_| ())),
        inner.replace('.', ".."),
    ] {
        assert_eq!(open::<Jwt<Hs256>>(&text), SHAPE, "{text}");
    }
    assert_eq!(open::<Jwt<Hs256>>(&inner), ALGORITHM);
    fn check<F: Fixed>() {
        for (name, value) in [("zip", json!("DEF")), ("cty", json!("JWT")), ("cty", json!("application/jwt")), ("b64", json!(false))] {
            let mut head = json!({ "alg": F::NAME, "kid": "k1", "typ": "at+jwt" });
            head[name] = value;
            assert_eq!(open::<F>(&F::forge(&head.to_string(), &good_payload::<F>())), REFUSED_HEADER, "{} {name}", F::NAME);
        }
        // A token as the payload of a token, sealed by the right key.
        assert_eq!(open::<F>(&F::forge(&F::head(), changed::<F>(|_| ()).as_bytes())), PAYLOAD, "{}", F::NAME);
    }
    for_every_short_jwt!(F => check::<F>());
}

/// H-07: the footer that was expected was silently not compared.
///
/// paseto-dotnet#179.
#[test]
fn h07_a_footer_is_sealed() {
    fn check<F: Fixed>() {
        let good = changed::<F>(|_| ());
        let (body, footer) = good.rsplit_once('.').unwrap();
        assert_eq!(footer, base64(F::head()));
        let with = |footer: &str| open::<F>(&format!("{body}.{}", base64(footer)));
        assert_eq!(with(r#"{"kid":"k1"}"#), Ok(()), "{}", F::NAME);
        // The same name in another spelling: the right key, and not the bytes that it sealed.
        for other in [r#"{"kid": "k1"}"#, r#"{"kid":"k1","x":1}"#, r#"{"k\u0069d":"k1"}"#, r#"{"kid":"\u006b1"}"#] {
            assert_eq!(with(other), BAD_SEAL, "{} {other}", F::NAME);
        }
        for unnamed in [r#"{"kid":"k2"}"#, "{}", "k1", r#"["k1"]"#] {
            assert_eq!(with(unnamed), Err(VerifyError::UnknownKey), "{} {unnamed}", F::NAME);
        }
        assert_eq!(open::<F>(body), Err(VerifyError::UnknownKey), "{}", F::NAME);
        for malformed in [r#"{"kid":"k1""#, r#"{"kid":"k1","kid":"k1"}"#, r#"{"kid":1}"#, r#"{"kid":"k1","x":[]}"#, "{\"kid\":\"k1\"}\0"] {
            assert_eq!(with(malformed), HEADER, "{} {malformed}", F::NAME);
        }
        assert_eq!(open::<F>(&format!("{body}.")), SHAPE, "{}", F::NAME);
    }
    check::<V4Public>();
    check::<V4Local>();
}

/// H-22: an extension that must be understood was not, and the token was accepted.
///
/// CVE-2025-59420, CVE-2026-32597, GHSA-hm7r-c7qw-ghp6.
#[test]
fn h22_any_critical_extension_refuses() {
    fn check<F: Fixed>() {
        for crit in [json!(["exp"]), json!(["b64"]), json!(["urn:unknown"]), json!([]), json!(null), json!("b64"), json!({}), json!(0)] {
            let head = json!({ "alg": F::NAME, "kid": "k1", "typ": "at+jwt", "crit": crit, "urn:unknown": 1 }).to_string();
            assert_eq!(open::<F>(&F::forge(&head, &good_payload::<F>())), REFUSED_HEADER, "{} {crit}", F::NAME);
        }
        let without = json!({ "alg": F::NAME, "kid": "k1", "typ": "at+jwt", "urn:unknown": 1 }).to_string();
        assert_eq!(open::<F>(&F::forge(&without, &good_payload::<F>())), Ok(()), "{}: an unknown member that is not critical", F::NAME);
    }
    for_every_jwt!(F => check::<F>());
}

/// `depth` arrays or objects in each other.
fn nested(depth: usize, objects: bool) -> String {
    let (open, close) = if objects { (r#"{"a":"#, "}") } else { ("[", "]") };
    format!("{}1{}", open.repeat(depth), close.repeat(depth))
}

/// H-40: JSON that is nested so deeply that reading it exhausts the stack.
///
/// CVE-2025-53864, RUSTSEC-2024-0012.
#[test]
fn h40_depth_is_bounded_wherever_json_is_read() {
    fn check<F: Fixed>() {
        let verifier = Verifier::<Access>::builder().accept(&ring::<F>(&noon())).max_length(limits::TOKEN_LENGTH_CAP).build().unwrap();
        for objects in [false, true] {
            // The payload itself is the first level.
            for (depth, fits) in [(1, true), (15, true), (16, false), (17, false), (127, false), (128, false), (5_000, false)] {
                let mut payload = String::from_utf8(good_payload::<F>()).unwrap();
                payload.pop();
                let payload = format!(r#"{payload},"deep":{}}}"#, nested(depth, objects));
                let want = if fits { Ok(()) } else { PAYLOAD };
                assert_eq!(verifier.verify_now(&F::forge(&F::head(), payload.as_bytes())).map(drop), want, "{} {depth}", F::NAME);
                // In a field that the type knows.
                let known = payload.replace(r#""roles":["admin"]"#, &format!(r#""roles":{}"#, nested(depth, objects)));
                let answer = verifier.verify_now(&F::forge(&F::head(), known.as_bytes())).map(drop).unwrap_err();
                assert_eq!(matches!(answer, VerifyError::Claims(_)), fits, "{} {depth}: {answer}", F::NAME);
                // Before any seal is checked.
                let head = F::head().replacen('{', &format!(r#"{{"deep":{},"#, nested(depth, objects)), 1);
                let answer = verifier.verify_now(&F::forge(&head, &good_payload::<F>())).map(drop);
                let fits = fits && !is_paseto::<F>();
                assert_eq!(answer, if fits { Ok(()) } else { HEADER }, "{} {depth}", F::NAME);
            }
            let endless = if objects { r#"{"a":"#.repeat(8_000) } else { "[".repeat(45_000) };
            assert_eq!(verifier.verify_now(&F::forge(&F::head(), endless.as_bytes())).map(drop), PAYLOAD, "{}", F::NAME);
        }
    }
    in_every_short_format!(check);
}

/// H-40 and its neighbours: many members, long texts and long numbers.
#[test]
fn h40_width_is_bounded_too() {
    fn check<F: Fixed>() {
        let with = |more: &str| {
            let mut payload = String::from_utf8(good_payload::<F>()).unwrap();
            payload.pop();
            let verifier = Verifier::<Access>::builder().accept(&ring::<F>(&noon())).max_length(limits::TOKEN_LENGTH_CAP).build().unwrap();
            verifier.verify_now(&F::forge(&F::head(), format!("{payload}{more}}}").as_bytes())).map(drop)
        };
        let members = |count: usize| (0..count).map(|index| format!(r#","m{index}":1"#)).collect::<String>();
        let own = crate::support::good::<F>().len();
        assert_eq!(with(&members(limits::JsonLimits::DEFAULT.members - own)), Ok(()), "{}", F::NAME);
        assert_eq!(with(&members(limits::JsonLimits::DEFAULT.members - own + 1)), PAYLOAD, "{}", F::NAME);
        let text = |length: usize| format!(r#","x":"{}""#, "x".repeat(length));
        assert_eq!(with(&text(limits::JsonLimits::DEFAULT.string)), Ok(()), "{}", F::NAME);
        assert_eq!(with(&text(limits::JsonLimits::DEFAULT.string + 1)), PAYLOAD, "{}", F::NAME);
        assert_eq!(with(&format!(r#","{}":1"#, "x".repeat(limits::JsonLimits::DEFAULT.string + 1))), PAYLOAD, "{}", F::NAME);
        assert_eq!(with(&format!(r#","x":{}"#, "9".repeat(limits::JsonLimits::DEFAULT.string + 1))), PAYLOAD, "{}", F::NAME);
        assert_eq!(with(r#","x":1e999999999"#), Ok(()), "{}: a number that nobody reads", F::NAME);
    }
    in_every_format!(check);
}

/// A payload that is no strict JSON object, under a good seal.
///
/// CVE-2020-26521, CVE-2024-21664; PASETO: readers must refuse doubled names.
#[test]
fn h40_what_is_not_strict_json_is_no_payload() {
    fn check<F: Fixed>() {
        let good = String::from_utf8(good_payload::<F>()).unwrap();
        for payload in [
            " ".into(),
            "null".into(),
            "[]".into(),
            format!("[{good}]"),
            format!("{good}{good}"),
            format!("{good} x"),
            format!("\u{feff}{good}"),
            good.replacen('{', "{,", 1),
            good.replacen('}', ",}", 1),
            good.replace('"', "'"),
            good.replacen(r#""ada""#, r#""ada"#, 1),
            good.replacen(r#""ada""#, r#""a\u{0}da""#, 1).replace("\\u{0}", "\u{1}"),
            good.replacen(r#""ada""#, r#""\ud800""#, 1),
            good.replacen(r#""ada""#, r#""\x41""#, 1),
            good.replacen('{', r#"{"x":NaN,"#, 1),
            good.replacen('{', r#"{"x":01,"#, 1),
            good.replacen('{', r#"{"x":{"a":1,"a":2},"#, 1),
            good.replacen('{', r#"{"x":{"a":1,"\u0061":2},"#, 1),
            good.replacen('{', r#"{"x":1,"x":1,"#, 1),
            good.replacen('{', "{/* */", 1),
        ] {
            assert_eq!(open::<F>(&F::forge(&F::head(), payload.as_bytes())), PAYLOAD, "{} {payload}", F::NAME);
        }
        for bytes in [b"\xff\xfe{}".as_slice(), b"{\"x\":\"\xc0\xaf\"}", b"{\"x\":\"\xed\xa0\x80\"}", b"\0"] {
            let token = if is_paseto::<F>() { continue } else { F::forge(&F::head(), bytes) };
            assert_eq!(open::<F>(&token), PAYLOAD, "{} {bytes:?}", F::NAME);
        }
        assert_eq!(open::<F>(&F::forge(&F::head(), format!(" \t\r\n{good}\n ").as_bytes())), Ok(()), "{}", F::NAME);
        assert_eq!(Malformed::Payload.to_string(), "the payload is not an acceptable JSON object");
    }
    in_every_format!(check);
}

/// B1, B2: thousands of dots, in every place.
///
/// CVE-2025-30204, CVE-2025-22868, CVE-2025-27144.
#[test]
fn b2_dots_are_cheap() {
    fn check<F: Fixed>() {
        let good = changed::<F>(|_| ());
        for text in [".".repeat(8_000), good.replace('.', &".".repeat(2_000)), format!("{good}{}", ".".repeat(5_000)), "a.".repeat(4_000)] {
            assert_eq!(open::<F>(&text), SHAPE, "{}", F::NAME);
        }
    }
    in_every_short_format!(check);
}
