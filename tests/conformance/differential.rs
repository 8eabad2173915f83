//! Against other implementations: what we issue they verify with the same claims, and what they issue we do.

use std::collections::BTreeMap;

use base64_simd::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use paseto_core::version::{Local as TheirLocal, SealingVersion, UnsealingVersion};
use pasetors::{
    Local, Public,
    keys::{AsymmetricPublicKey, AsymmetricSecretKey, SymmetricKey},
    token::UntrustedToken,
    version3,
    version4::{LocalToken, PublicToken, V4},
};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use session_runtime::{
    Claims, Format, Issuer, KeyId, KeyRing, Timestamp, Verifier,
    jwt::{
        AsymmetricAlgorithm, EdDsa, Es256, Es384, Hs256, Hs384, Hs512, Jwt, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512, SymmetricAlgorithm,
    },
    keyring::Key,
    paseto::{V3Local, V3Public, V4Local, V4Public},
    testing::ManualClock,
};
use session_tests::{needs::Missing, require, verdicts::jwk_without_id};

use crate::keys::shared;

#[derive(Debug, Clone, PartialEq, Claims)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", leeway = "0s", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
    #[claim(jti)]
    id: String,
    tenant: Option<String>,
    roles: Vec<String>,
    level: i64,
    limit: u64,
    share: f64,
    admin: bool,
    profile: BTreeMap<String, Vec<Option<String>>>,
}

fn access() -> impl Strategy<Value = Access> {
    // Halves are exact in every reader, so that the comparison is about claims and not about digits.
    let share = any::<i32>().prop_map(|number| f64::from(number) / 2.0);
    let profile = btree_map(".{0,8}", vec(option::of(".{0,12}"), 0..3), 0..4);
    let texts = (".{1,40}", ".{1,20}", option::of(".{0,20}"), vec(".{0,16}", 0..4));
    (texts, any::<i64>(), any::<u64>(), share, any::<bool>(), profile).prop_map(|(texts, level, limit, share, admin, profile)| {
        let (user, id, tenant, roles) = texts;
        Access { user, id, tenant, roles, level, limit, share, admin, profile }
    })
}

const NOW: i64 = 1_900_000_000;

/// The payload, written by serde_json alone.
fn payload(access: &Access, time: impl Fn(i64) -> Value) -> Value {
    let mut payload = json!({
        "iss": "https://id.example", "aud": "orders", "iat": time(NOW), "exp": time(NOW + 900),
        "sub": access.user, "jti": access.id, "roles": access.roles, "level": access.level, "limit": access.limit,
        "share": access.share, "admin": access.admin, "profile": access.profile,
    });
    if let Some(tenant) = &access.tenant {
        payload["tenant"] = tenant.as_str().into();
    }
    payload
}

fn ring<F: Format>(key: Key<F>) -> KeyRing<F> {
    KeyRing::builder().clock(ManualClock::at(Timestamp::from_unix(NOW))).import(key).unwrap()
}

/// Runs `check` on generated claims with our issuer and our verifier for `ring`.
fn both_ways<F: Format>(ring: &KeyRing<F>, cases: u32, check: impl Fn(&Access, String, &dyn Fn(&str) -> Access), assertion: &[u8]) {
    let issuer = Issuer::<Access, F>::new(ring).unwrap().with_implicit_assertion(assertion);
    let verifier = Verifier::<Access>::new(ring).unwrap().with_implicit_assertion(assertion);
    let now = Timestamp::from_unix(NOW);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let run = |access: Access| {
        let token = issuer.issue_at(&access, now).unwrap().token;
        assert_eq!(verifier.open_at(&token, now).unwrap().into_claims(), access);
        check(&access, token, &|theirs| verifier.open_at(theirs, now).unwrap().into_claims());
        Ok(())
    };
    TestRunner::new(config).run(&access(), run).unwrap();
}

#[allow(clippy::disallowed_methods, reason = "the other implementation as its users call it")]
fn jwt<F: Format>(cases: u32, key: Key<F>, algorithm: Algorithm, signing: &EncodingKey, checking: &DecodingKey) {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false; // their clock is the machine's
    validation.set_audience(&["orders"]);
    validation.set_issuer(&["https://id.example"]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    let mut header = Header::new(algorithm);
    header.typ = Some("at+jwt".to_owned());
    let check = |access: &Access, ours: String, open: &dyn Fn(&str) -> Access| {
        let wanted = payload(access, Value::from);
        let found = jsonwebtoken::decode::<Value>(&ours, checking, &validation).unwrap();
        assert_eq!(found.claims, wanted);
        assert_eq!((found.header.alg, found.header.typ.as_deref()), (algorithm, Some("at+jwt")));
        let theirs = jsonwebtoken::encode(&header, &wanted, signing).unwrap();
        assert_eq!(open(&theirs), *access);
    };
    both_ways(&ring(key), cases, check, b"");
}

/// The shared key of this name as texts: the private JWK, and both halves as PEM.
fn texts(keys: &Value, name: &str) -> [String; 3] {
    let key = &keys["jose"][name];
    [
        jwk_without_id(&key["private"]),
        key["private_pem"].as_str().unwrap_or("").to_owned(),
        key["public_pem"].as_str().unwrap_or("").to_owned(),
    ]
}

// They have no ES512 and no ML-DSA.

fn secret<A: SymmetricAlgorithm>(cases: u32, name: &str, algorithm: Algorithm) -> Result<(), Missing> {
    let [jwk, ..] = texts(&shared()?, name);
    let secret = URL_SAFE_NO_PAD.decode_to_vec(serde_json::from_str::<Value>(&jwk).unwrap()["k"].as_str().unwrap()).unwrap();
    let key = Key::<Jwt<A>>::from_jwk(&jwk).unwrap();
    jwt(cases, key, algorithm, &EncodingKey::from_secret(&secret), &DecodingKey::from_secret(&secret));
    Ok(())
}

fn rsa<A: AsymmetricAlgorithm>(cases: u32, name: &str, algorithm: Algorithm) -> Result<(), Missing> {
    let [jwk, private, public] = texts(&shared()?, name);
    let (signing, checking) =
        (EncodingKey::from_rsa_pem(private.as_bytes()).unwrap(), DecodingKey::from_rsa_pem(public.as_bytes()).unwrap());
    jwt(cases, Key::<Jwt<A>>::from_jwk(&jwk).unwrap(), algorithm, &signing, &checking);
    Ok(())
}

fn ec<A: AsymmetricAlgorithm>(cases: u32, name: &str, algorithm: Algorithm) -> Result<(), Missing> {
    let [jwk, private, public] = texts(&shared()?, name);
    let (signing, checking) = (EncodingKey::from_ec_pem(private.as_bytes()).unwrap(), DecodingKey::from_ec_pem(public.as_bytes()).unwrap());
    jwt(cases, Key::<Jwt<A>>::from_jwk(&jwk).unwrap(), algorithm, &signing, &checking);
    Ok(())
}

#[test]
fn jsonwebtoken_hmac() {
    require!(secret::<Hs256>(400, "hs256", Algorithm::HS256));
    require!(secret::<Hs384>(100, "hs384", Algorithm::HS384));
    require!(secret::<Hs512>(100, "hs512", Algorithm::HS512));
}

#[test]
fn jsonwebtoken_rsa() {
    require!(rsa::<Rs256>(60, "rs256", Algorithm::RS256));
    require!(rsa::<Rs384>(20, "rs384", Algorithm::RS384));
    require!(rsa::<Rs512>(20, "rs512", Algorithm::RS512));
    require!(rsa::<Ps256>(60, "ps256", Algorithm::PS256));
    require!(rsa::<Ps384>(20, "ps384", Algorithm::PS384));
    require!(rsa::<Ps512>(20, "ps512", Algorithm::PS512));
}

#[test]
fn jsonwebtoken_ecdsa() {
    require!(ec::<Es256>(400, "es256", Algorithm::ES256));
    require!(ec::<Es384>(100, "es384", Algorithm::ES384));
}

#[test]
fn jsonwebtoken_eddsa() {
    let [jwk, private, public] = texts(&require!(shared()), "eddsa");
    let (signing, checking) = (EncodingKey::from_ed_pem(private.as_bytes()).unwrap(), DecodingKey::from_ed_pem(public.as_bytes()).unwrap());
    jwt(400, Key::<Jwt<EdDsa>>::from_jwk(&jwk).unwrap(), Algorithm::EdDSA, &signing, &checking);
}

fn rfc3339(seconds: i64) -> Value {
    Timestamp::from_unix(seconds).to_string().into()
}

/// What a token carries and is bound to beside its claims.
struct Setting {
    key_id: Option<&'static str>,
    assertion: &'static [u8],
    footer: Option<&'static [u8]>,
    /// What the token type and the user's assertion become, byte for byte.
    implicit: &'static [u8],
}

const PLAIN: Setting = Setting { key_id: None, assertion: b"", footer: None, implicit: b"at+jwt" };
const NAMED_AND_BOUND: Setting = Setting {
    key_id: Some("k1"),
    assertion: b"tenant-7",
    footer: Some(br#"{"kid":"k1"}"#),
    implicit: b"\x02\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0at+jwt\x08\0\0\0\0\0\0\0tenant-7",
};

fn named<F: Format>(key: Key<F>, setting: &Setting) -> Key<F> {
    match setting.key_id {
        Some(id) => key.with_id(KeyId::new(id).unwrap()),
        None => key,
    }
}

fn hex(text: &Value) -> Vec<u8> {
    let digits = text.as_str().unwrap().as_bytes();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn pasetors_v4_public() {
    let keys = require!(shared());
    let shared = &keys["paseto"]["v4.public"];
    let signing = AsymmetricSecretKey::<V4>::from(&hex(&shared["secret_key_hex"])).unwrap();
    let checking = AsymmetricPublicKey::<V4>::from(&hex(&shared["public_key_hex"])).unwrap();
    for setting in [PLAIN, NAMED_AND_BOUND] {
        let key = Key::<V4Public>::from_paserk(shared["paserk_secret"].as_str().unwrap()).unwrap();
        let check = |access: &Access, ours: String, open: &dyn Fn(&str) -> Access| {
            let wanted = payload(access, rfc3339);
            let token = UntrustedToken::<Public, V4>::try_from(&ours).unwrap();
            let found = PublicToken::verify(&checking, &token, setting.footer, Some(setting.implicit)).unwrap();
            assert_eq!(serde_json::from_str::<Value>(found.payload()).unwrap(), wanted);
            // Ed25519 draws nothing, so the same payload is the same token.
            let same = PublicToken::sign(&signing, found.payload().as_bytes(), setting.footer, Some(setting.implicit)).unwrap();
            assert_eq!(same, ours);
            let theirs = PublicToken::sign(&signing, wanted.to_string().as_bytes(), setting.footer, Some(setting.implicit)).unwrap();
            assert_eq!(open(&theirs), *access);
        };
        both_ways(&ring(named(key, &setting)), 200, check, setting.assertion);
    }
}

#[test]
fn pasetors_v4_local() {
    let keys = require!(shared());
    let shared = &keys["paseto"]["v4.local"];
    let secret = SymmetricKey::<V4>::from(&hex(&shared["key_hex"])).unwrap();
    for setting in [PLAIN, NAMED_AND_BOUND] {
        let key = Key::<V4Local>::from_paserk(shared["paserk"].as_str().unwrap()).unwrap();
        let check = |access: &Access, ours: String, open: &dyn Fn(&str) -> Access| {
            let wanted = payload(access, rfc3339);
            let token = UntrustedToken::<Local, V4>::try_from(&ours).unwrap();
            let found = LocalToken::decrypt(&secret, &token, setting.footer, Some(setting.implicit)).unwrap();
            assert_eq!(serde_json::from_str::<Value>(found.payload()).unwrap(), wanted);
            let theirs = LocalToken::encrypt(&secret, wanted.to_string().as_bytes(), setting.footer, Some(setting.implicit)).unwrap();
            assert_eq!(open(&theirs), *access);
        };
        both_ways(&ring(named(key, &setting)), 200, check, setting.assertion);
    }
}

#[test]
#[allow(clippy::disallowed_types, reason = "pasetors as an oracle; the call that panics is not made")]
fn pasetors_v3_public() {
    let keys = require!(shared());
    let shared = &keys["paseto"]["v3.public"];
    let signing = AsymmetricSecretKey::<version3::V3>::from(&hex(&shared["secret_key_hex"])).unwrap();
    let checking = AsymmetricPublicKey::<version3::V3>::from(&hex(&shared["public_key_hex"])).unwrap();
    for setting in [PLAIN, NAMED_AND_BOUND] {
        let key = Key::<V3Public>::from_paserk(shared["paserk_secret"].as_str().unwrap()).unwrap();
        let check = |access: &Access, ours: String, open: &dyn Fn(&str) -> Access| {
            let wanted = payload(access, rfc3339);
            let token = UntrustedToken::<Public, version3::V3>::try_from(&ours).unwrap();
            let found = version3::PublicToken::verify(&checking, &token, setting.footer, Some(setting.implicit)).unwrap();
            assert_eq!(serde_json::from_str::<Value>(found.payload()).unwrap(), wanted);
            let bytes = wanted.to_string();
            let theirs = version3::PublicToken::sign(&signing, bytes.as_bytes(), setting.footer, Some(setting.implicit)).unwrap();
            assert_eq!(open(&theirs), *access);
        };
        both_ways(&ring(named(key, &setting)), 50, check, setting.assertion);
    }
}

#[test]
fn paseto_v3_local() {
    type Theirs = paseto_v3::core::V3;
    let keys = require!(shared());
    let shared = &keys["paseto"]["v3.local"];
    let secret = paseto_v3::core::LocalKey::from_raw_bytes(hex(&shared["key_hex"]).try_into().unwrap());
    for setting in [PLAIN, NAMED_AND_BOUND] {
        let key = Key::<V3Local>::from_paserk(shared["paserk"].as_str().unwrap()).unwrap();
        let footer = setting.footer.unwrap_or_default();
        let check = |access: &Access, ours: String, open: &dyn Fn(&str) -> Access| {
            let wanted = payload(access, rfc3339);
            let mut body = URL_SAFE_NO_PAD.decode_to_vec(ours.split('.').nth(2).unwrap()).unwrap();
            let found = <Theirs as UnsealingVersion<TheirLocal>>::unseal(&secret, "", &mut body, footer, setting.implicit).unwrap();
            assert_eq!(serde_json::from_slice::<Value>(found).unwrap(), wanted);
            let nonce = <Theirs as SealingVersion<TheirLocal>>::nonce().unwrap();
            let drawn = [nonce.as_slice(), wanted.to_string().as_bytes()].concat();
            let sealed =
                <Theirs as SealingVersion<TheirLocal>>::dangerous_seal_with_nonce(&secret, "", drawn, footer, setting.implicit).unwrap();
            let tail = setting.footer.map(|footer| format!(".{}", URL_SAFE_NO_PAD.encode_to_string(footer))).unwrap_or_default();
            assert_eq!(open(&format!("v3.local.{}{tail}", URL_SAFE_NO_PAD.encode_to_string(sealed))), *access);
        };
        both_ways(&ring(named(key, &setting)), 200, check, setting.assertion);
    }
}
