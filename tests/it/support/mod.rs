//! What the tests share: one moment, one claims type, and one fixed key a format, which can also seal what no issuer of ours would.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use session_runtime::{
    Claims, Clock, Format, Issuer, KeyId, KeyRing, Timestamp, Verified, Verifier, claims::PlainClaims, error::VerifyError,
    testing::ManualClock,
};

pub(crate) mod flaky;
pub(crate) mod forge;
pub(crate) mod scan;
pub(crate) mod shared;
pub(crate) use session_tests::stub;

pub(crate) use forge::Fixed;

/// 2030-01-01T12:00:00Z.
pub(crate) const NOON: Timestamp = Timestamp::from_unix(1_893_499_200);
pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const KEY_ID: &str = "k1";

/// The claims of most tests. No leeway, so that every edge is one second.
#[derive(Claims, Debug, Clone, PartialEq)]
#[claims(issuer = ISSUER, audience = "orders", ttl = "15m", leeway = "0s", token_type = forge::TYPE)]
pub(crate) struct Access {
    #[claim(sub)]
    pub(crate) user: String,
    #[claim(rename = "org")]
    pub(crate) tenant: String,
    pub(crate) roles: Vec<String>,
}

pub(crate) fn ada() -> Access {
    Access { user: "ada".into(), tenant: "acme".into(), roles: vec!["admin".into()] }
}

pub(crate) fn noon() -> ManualClock {
    ManualClock::at(NOON)
}

/// `seconds` after noon.
pub(crate) fn after(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOON.as_unix() + seconds)
}

pub(crate) fn key_id(text: &str) -> KeyId {
    KeyId::new(text).unwrap()
}

/// A ring of the format's fixed key, named `k1`, as if it had been made elsewhere.
pub(crate) fn ring<F: Fixed>(clock: &ManualClock) -> KeyRing<F> {
    named_ring(KEY_ID, clock)
}

pub(crate) fn named_ring<F: Fixed>(name: &str, clock: &ManualClock) -> KeyRing<F> {
    KeyRing::builder().clock(clock.clone()).import(F::key().with_id(key_id(name))).unwrap()
}

/// Whether the format is PASETO, whose tokens are for one audience.
pub(crate) fn is_paseto<F: Format>() -> bool {
    F::NAME.starts_with('v')
}

/// A ring that made its key itself, and so knows when it signed.
pub(crate) fn own_ring<F: Format>(clock: &ManualClock) -> KeyRing<F> {
    KeyRing::builder().clock(clock.clone()).generate().unwrap()
}

pub(crate) fn issuer<C: PlainClaims, F: Format>(ring: &KeyRing<F>) -> Issuer<C, F> {
    Issuer::new(ring).unwrap()
}

/// A token for [`ada`].
pub(crate) fn token<F: Format>(ring: &KeyRing<F>) -> String {
    issuer::<Access, _>(ring).issue(&ada()).unwrap().token
}

/// The verdict on a token in words: the error's text, or that it is good.
pub(crate) fn verdict<C>(answer: &Result<Verified<C>, VerifyError>) -> String {
    match answer {
        Ok(_) => "good".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// What a verifier of [`Access`] with the format's fixed key says.
pub(crate) fn verdict_at<F: Fixed>(token: &str, now: Timestamp) -> String {
    let clock = ManualClock::at(now);
    verdict(&Verifier::<Access>::new(&ring::<F>(&clock)).unwrap().verify_now(token))
}

/// The claims of a good token for [`ada`] that is issued at noon, before it is sealed.
pub(crate) fn good<F: Fixed>() -> Map<String, Value> {
    let claims = json!({
        "iss": ISSUER, "sub": "ada", "aud": "orders", "org": "acme", "roles": ["admin"], "jti": "t1",
        "iat": F::time(NOON), "exp": F::time(after(900)),
    });
    claims.as_object().unwrap().clone()
}

/// A good token whose claims were changed before it was sealed.
pub(crate) fn changed<F: Fixed>(change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let mut claims = good::<F>();
    change(&mut claims);
    F::forge(&F::head(), Value::Object(claims).to_string().as_bytes())
}

pub(crate) fn keys() -> &'static Value {
    static KEYS: OnceLock<Value> = OnceLock::new();
    KEYS.get_or_init(|| serde_json::from_str(include_str!("../../../session-runtime/src/crypto/tests/keys.json")).unwrap())
}

pub(crate) fn pem(name: &str) -> &'static str {
    keys()[name].as_str().unwrap()
}

/// Does one thing with every JWT: `for_every_jwt!(F => check::<F>())`.
macro_rules! for_every_jwt {
    ($format:ident => $body:expr) => {{
        use session_runtime::jwt::{MlDsa44, MlDsa65, MlDsa87};
        $crate::support::for_every_short_jwt!($format => $body);
        $crate::support::for_every_short_jwt!(@each $format => $body; MlDsa44 MlDsa65 MlDsa87);
    }};
}

/// The same without ML-DSA, whose seals leave no room for what some tests put into a token.
macro_rules! for_every_short_jwt {
    ($format:ident => $body:expr) => {{
        use session_runtime::jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        $crate::support::for_every_short_jwt!(
            @each $format => $body; Hs256 Hs384 Hs512 Rs256 Rs384 Rs512 Ps256 Ps384 Ps512 Es256 Es384 Es512 EdDsa
        );
    }};
    (@each $format:ident => $body:expr; $($algorithm:ident)*) => {
        $( { type $format = session_runtime::jwt::Jwt<$algorithm>; $body; } )*
    };
}

/// Runs one check in every format: `in_every_format!(check)`, `in_every_format!(check, argument)`. Of the RSA algorithms, which sign
/// slowly, one for each padding: the hash is nothing that a format sees.
macro_rules! in_every_format {
    ($check:ident $(, $argument:expr)*) => {{
        use session_runtime::jwt::{MlDsa44, MlDsa65, MlDsa87};
        $crate::support::in_every_short_format!($check $(, $argument)*);
        $crate::support::for_every_short_jwt!(@each F => $check::<F>($($argument),*); MlDsa44 MlDsa65 MlDsa87);
    }};
}

/// The same without ML-DSA.
macro_rules! in_every_short_format {
    ($check:ident $(, $argument:expr)*) => {{
        use session_runtime::{jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Ps256, Rs256}, paseto::{V3Local, V3Public, V4Local, V4Public}};
        $crate::support::for_every_short_jwt!(
            @each F => $check::<F>($($argument),*); Hs256 Hs384 Hs512 Rs256 Ps256 Es256 Es384 Es512 EdDsa
        );
        $check::<V4Public>($($argument),*);
        $check::<V4Local>($($argument),*);
        $check::<V3Public>($($argument),*);
        $check::<V3Local>($($argument),*);
    }};
}
pub(crate) use {for_every_jwt, for_every_short_jwt, in_every_format, in_every_short_format};

/// The key is what the forger says it is, and a forged token with nothing wrong is good: otherwise every refusal below would
/// prove nothing.
#[test]
fn forged_tokens_are_good_until_they_are_changed() {
    fn check<F: Fixed>() {
        assert_eq!(verdict_at::<F>(&changed::<F>(|_| ()), NOON), "good", "{}", F::NAME);
        let made = token(&ring::<F>(&noon()));
        assert_eq!(F::payload(&made)["sub"], "ada");
        assert_eq!(noon().wall(), NOON);
    }
    in_every_format!(check);
}
