//! The official vectors of PASETO, versions 3 and 4. Sealing draws its own nonce, so what a given nonce makes is tested beside the
//! primitives; here it is opening.

use serde_json::{Value, json};
use session_runtime::{
    Audience, Claims, Issuer, KeyRing, Timestamp, Verifier,
    error::ConfigError,
    jwt::{Hs256, Jwt},
    keyring::{PublicKeys, VerifyingKeys},
    paseto::{V3Local, V3Public, V4Local, V4Public, unverified_footer},
};
use session_tests::{require, verdicts::segment};

use crate::tally::{Tally, cases, name};

/// The payload of every vector.
#[derive(Debug, Claims)]
#[claims(untyped, no_issuer, no_audience, no_issued_at)]
struct Message {
    data: String,
    #[claim(exp)]
    expires_at: Timestamp,
}

#[test]
fn every_version() {
    let mut tally = Tally::new("paseto");
    for vector in require!(cases("paseto.json")) {
        let hex = |member: &str| {
            let digits = vector[member].as_str().unwrap().as_bytes();
            digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect::<Vec<u8>>()
        };
        let builder = Verifier::<Message>::builder().max_ttl(std::time::Duration::MAX);
        let builder = match vector["verify_as"].as_str().unwrap() {
            "v4.local" => {
                builder.accept(&VerifyingKeys::<V4Local>::from_paserk(&format!("k4.local.{}", segment(&hex("key_hex")))).unwrap())
            }
            "v4.public" => {
                let pem = PublicKeys::<V4Public>::from_pem(vector["public_key_pem"].as_str().unwrap()).unwrap();
                let paserk = PublicKeys::<V4Public>::from_paserk(&format!("k4.public.{}", segment(&hex("public_key_hex")))).unwrap();
                assert!(Verifier::<Message>::builder().accept(&pem).build().is_ok(), "{}", name(&vector));
                builder.accept(&paserk)
            }
            "v3.local" => {
                builder.accept(&VerifyingKeys::<V3Local>::from_paserk(&format!("k3.local.{}", segment(&hex("key_hex")))).unwrap())
            }
            "v3.public" => {
                let pem = PublicKeys::<V3Public>::from_pem(vector["public_key_pem"].as_str().unwrap()).unwrap();
                let paserk = PublicKeys::<V3Public>::from_paserk(&format!("k3.public.{}", segment(&hex("public_key_hex")))).unwrap();
                assert!(Verifier::<Message>::builder().accept(&pem).build().is_ok(), "{}", name(&vector));
                builder.accept(&paserk)
            }
            other => panic!("{other}"),
        };
        let verifier = builder.build().unwrap().with_implicit_assertion(vector["implicit_assertion"].as_str().unwrap().as_bytes());
        let token = vector["token"].as_str().unwrap();
        let opened = verifier.open_at(token, Timestamp::from_unix(1_600_000_000));
        match (vector["expected"].as_str().unwrap(), &opened) {
            ("valid", Ok(message)) => {
                let found = json!({ "data": message.data, "exp": message.expires_at.to_string().replace('Z', "+00:00") });
                let wanted: Value = serde_json::from_str(vector["payload"].as_str().unwrap()).unwrap();
                assert_eq!(found, wanted, "{}", name(&vector));
                let footer = vector["footer"].as_str().unwrap().as_bytes();
                assert_eq!(message.footer_bytes(), footer, "{}", name(&vector));
                assert_eq!(unverified_footer(token).as_deref(), Some(footer), "{}", name(&vector));
                tally.good("opened");
            }
            ("invalid", Err(_)) => tally.good("refused"),
            _ => tally.fault(name(&vector), &opened),
        }
    }
    tally.expect(&[("opened", 13), ("refused", 5)]);
}

/// Tokens for several audiences, one of which is enough.
#[derive(Debug, Claims)]
#[claims(no_issuer, audience("orders", "billing"), ttl = "15m", token_type = "at+jwt")]
struct Stamped {}

/// The same, with a field that says which.
#[derive(Debug, Claims)]
#[claims(no_issuer, audience("orders", "billing"), ttl = "15m", token_type = "at+jwt")]
struct Chosen {
    #[claim(aud)]
    audience: Audience,
}

/// The registered `aud` of PASETO is one string.
#[test]
fn a_paseto_is_for_one_audience() {
    let (paseto, jwt) = (KeyRing::<V4Local>::generate().unwrap(), KeyRing::<Jwt<Hs256>>::generate().unwrap());
    assert!(Issuer::<Stamped, _>::new(&jwt).unwrap().issue(&Stamped {}).is_ok());
    assert_eq!(Issuer::<Stamped, _>::new(&paseto).unwrap_err(), ConfigError::SeveralAudiences);
    let one = Issuer::<Stamped, _>::builder().audience(["billing"]).build(&paseto).unwrap().issue(&Stamped {}).unwrap();
    assert!(Verifier::<Stamped>::new(&paseto).unwrap().verify_now(&one.token).is_ok());

    let issuer = Issuer::<Chosen, _>::new(&paseto).unwrap();
    let issue = |audience: Audience| issuer.issue(&Chosen { audience });
    let verified = Verifier::<Chosen>::new(&paseto).unwrap().verify_now(&issue("orders".into()).unwrap().token).unwrap();
    assert_eq!(verified.audience, Audience::from("orders"));
    let refused = issue(["orders", "billing"].into()).unwrap_err();
    assert_eq!(refused.to_string(), "claim `aud`: not one audience, which is all that a PASETO has room for");
}
