//! How long tokens become is known before they are issued, in every format, and what is for a cookie fits it.

use proptest::prelude::*;
use session_runtime::{
    Claims, Format, Issuer, KeyRing, Revocations,
    claims::ClaimsType,
    error::{ConfigError, IssueError},
    jwt::{Hs256, Jwt, MlDsa65},
    paseto::V4Local,
    revocation::MemoryRevocations,
};

use crate::support::{Access, Fixed, ISSUER, ada, in_every_format, is_paseto, issuer, noon, ring};

#[derive(Claims, Debug, Clone)]
#[claims(issuer = ISSUER, audience = "orders", ttl = "15m", token_type = "at+jwt")]
struct Bounded {
    #[claim(sub, max_len = 36)]
    user: String,
    #[claim(max_len = 20)]
    name: String,
    #[claim(max_len = 30)]
    roles: Vec<String>,
    #[claim(one_of("free", "enterprise"))]
    plan: String,
    live: bool,
    level: Option<u8>,
    balance: i64,
    share: f64,
    initial: char,
}

fn longest() -> Bounded {
    Bounded {
        user: "u".repeat(36),
        name: "n".repeat(20),
        roles: vec!["r".repeat(26)],
        plan: "enterprise".into(),
        live: false,
        level: Some(255),
        balance: i64::MIN,
        share: -f64::MIN_POSITIVE,
        initial: '\u{1}',
    }
}

#[test]
fn the_longest_token_is_as_long_as_it_was_said_to_be() {
    fn check<F: Fixed>() {
        let keys = ring::<F>(&noon());
        let issuer = issuer::<Bounded, F>(&keys);
        let (said, is) = (issuer.longest_token().unwrap(), issuer.issue(&longest()).unwrap().token.len());
        // A comma, the sign of an exponent, the quotes that a list has not; in JWT two digits of two times. Four characters for three bytes.
        let spare = if is_paseto::<F>() { 6 } else { 12 };
        assert!((is..=is + spare).contains(&said), "{}: {is} bytes, said {said}", F::NAME);
    }
    in_every_format!(check);
}

#[test]
fn a_footer_and_revocations_count() {
    #[track_caller]
    fn check<F: Format>(issuer: &Issuer<Bounded, F>, before: usize) {
        let (said, is) = (issuer.longest_token().unwrap(), issuer.issue(&longest()).unwrap().token.len());
        assert!(said > before && is <= said && said - is <= 32, "{before} {is} {said}");
    }
    let before = issuer::<Bounded, V4Local>(&ring::<V4Local>(&noon()));
    let length = before.longest_token().unwrap();
    check(&before.clone().with_footer(&serde_json::json!({ "region": "eu" })).unwrap(), length);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let revocable = runtime.block_on(async {
        let log = Revocations::open_with_clock(MemoryRevocations::new().unwrap(), noon()).await.unwrap();
        before.with_revocations(&log).await.unwrap()
    });
    check(&revocable, length);
}

/// A cookie of this length of name leaves as much room as the longest token takes, or one byte less.
#[tokio::test]
async fn an_issuer_for_a_cookie_is_not_built_where_the_longest_token_would_not_fit() {
    let keys = ring::<V4Local>(&noon());
    let longest = issuer::<Bounded, V4Local>(&keys).longest_token().unwrap();
    let build = |room: usize| Issuer::<Bounded, _>::builder().cookie(&"n".repeat(4_096 - room)).build(&keys);
    assert_eq!(build(longest - 1).unwrap_err(), ConfigError::CookieTooSmall { longest, room: longest - 1 });
    let tight = build(longest).unwrap();
    tight.issue(&self::longest()).unwrap();
    // What is added later is held to the same room.
    assert!(matches!(tight.clone().with_footer(&serde_json::json!({ "a": 1 })), Err(ConfigError::CookieTooSmall { .. })));
    let log = Revocations::open_with_clock(MemoryRevocations::new().unwrap(), noon()).await.unwrap();
    assert!(matches!(tight.with_revocations(&log).await, Err(ConfigError::CookieTooSmall { .. })));
    let quantum = Issuer::<Bounded, _>::builder().cookie("s").build(&ring::<Jwt<MlDsa65>>(&noon()));
    assert!(matches!(quantum, Err(ConfigError::CookieTooSmall { room: 4_095, .. })), "{quantum:?}");
}

#[test]
fn where_a_claim_is_not_bounded_the_single_token_is_refused() {
    assert_eq!(Access::MAX_ENCODED_LEN, None);
    let issuer = Issuer::<Access, _>::builder().cookie("__Host-session").build(&ring::<Jwt<Hs256>>(&noon())).unwrap();
    assert_eq!(issuer.longest_token(), None);
    issuer.issue(&ada()).unwrap();
    let wide = Access { tenant: "t".repeat(3_500), ..ada() };
    assert!(matches!(issuer.issue(&wide), Err(IssueError::TooLong { limit: 4_082, .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_token_within_the_bounds_is_longer(
        user in "[ -~é]{1,12}", name in "\\PC{0,5}", live: bool, level: Option<u8>, balance: i64, share in any::<u64>(), initial: char,
    ) {
        let claims = Bounded { user, name, roles: vec![], plan: "free".into(), live, level, balance, share: f64::from_bits(share), initial };
        let keys: KeyRing<Jwt<Hs256>> = ring(&noon());
        let issuer = issuer::<Bounded, _>(&keys);
        let token = issuer.issue(&claims).unwrap().token;
        prop_assert!(token.len() <= issuer.longest_token().unwrap());
        let own = Jwt::<Hs256>::payload(&token);
        let own: serde_json::Map<_, _> = own.as_object().unwrap().clone().into_iter()
            .filter(|(claim, _)| !["iss", "aud", "iat", "exp", "jti"].contains(&claim.as_str())).collect();
        prop_assert!(serde_json::to_string(&own).unwrap().len() <= Bounded::MAX_ENCODED_LEN.unwrap());
    }

    /// A number is never written longer than its type is said to be.
    #[test]
    fn numbers_are_not_longer_than_their_types(bits: u64, signed: i128, unsigned: u128) {
        use session_runtime::__private::Width;
        let length = |json: Result<String, serde_json::Error>| json.map(|json| json.len()).ok();
        prop_assert!(length(serde_json::to_string(&f64::from_bits(bits))) <= Width::<f64>::MAX);
        #[allow(clippy::cast_possible_truncation, reason = "half of the bits")]
        let half = f32::from_bits(bits as u32);
        prop_assert!(length(serde_json::to_string(&half)) <= Width::<f32>::MAX);
        prop_assert!(length(serde_json::to_string(&signed)) <= Width::<i128>::MAX);
        prop_assert!(length(serde_json::to_string(&unsigned)) <= Width::<u128>::MAX);
    }
}
