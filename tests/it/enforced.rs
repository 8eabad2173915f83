//! What is told about a type is what is enforced, with the settings of the deployment.

use std::time::Duration;

use session_runtime::{
    Claims, Issuer, Verifier,
    claims::{ClaimsType, Demand},
    jwt::{Hs256, Jwt},
    paseto::V4Local,
};

use crate::support::{Access, ISSUER, changed, noon, ring};

#[derive(Claims, Debug)]
#[claims(issuer = ISSUER, audience("orders", "billing"), ttl = "15m", max_ttl = "36h", leeway = "0s", token_type = "at+jwt", deny_unknown)]
#[allow(dead_code, reason = "only its rules are read")]
struct Bounded {
    #[claim(one_of("free", "team"), check = "is_short")]
    plan: String,
    #[claim(range = 1..=9)]
    level: Option<u8>,
    #[claim(max_len = 64, default)]
    name: String,
}

fn is_short(plan: &str) -> bool {
    plan.len() < 9
}

#[derive(Claims, Debug)]
#[claims(untyped, no_audience, never_expires, no_issued_at)]
struct Foreign {}

#[test]
fn every_attribute_is_told_in_one_line() {
    assert_eq!(
        Bounded::policy().to_string(),
        "A token of this type\n\
         - says `typ` `at+jwt`\n\
         - is issued by `https://id.example`\n\
         - is for `orders` or `billing`\n\
         - has `exp` and lives at most 36 h; one that is issued lives 15 min\n\
         - is not good before its `nbf`, if it has one\n\
         - has `iat`, which is not in the future\n\
         - is judged to the second\n\
         - has no claim that the type does not name\n\
         - has `plan`\n\
         - has `plan` only as `free` or `team`\n\
         - may have `level`\n\
         - has `level` only from 1 to 9\n\
         - may have `name`\n\
         - has `name` of at most 64 bytes\n\
         - passes `is_short` with `plan`"
    );
    assert_eq!(
        Foreign::policy().to_string(),
        "A token of this type\n\
         - says no `typ`, or `JWT`\n\
         - is issued by whom the builder names\n\
         - has no `aud`\n\
         - may have `exp`, and then lives at most 24 h\n\
         - is not good before its `nbf`, if it has one\n\
         - may have `iat`, which is not in the future\n\
         - is judged with clocks that differ by at most 30 s\n\
         - may have claims that the type does not name; they are ignored"
    );
}

/// What is told to be required is required, and what is told to be optional is not: asked of tokens that lack one claim each.
#[test]
fn required_means_that_a_token_without_it_is_refused() {
    let verifier = Verifier::<Access>::new(&ring::<Jwt<Hs256>>(&noon())).unwrap();
    let mut asked = 0;
    for rule in &Access::policy() {
        let token = changed::<Jwt<Hs256>>(|claims| drop(claims.remove(rule.claim)));
        match rule.demand {
            Demand::Required => assert!(verifier.verify_now(&token).is_err(), "{}", rule.claim),
            Demand::Optional => assert!(verifier.verify_now(&token).is_ok(), "{}", rule.claim),
            _ => continue,
        }
        asked += 1;
    }
    assert_eq!(asked, 3);
}

#[test]
fn what_a_deployment_sets_shows() {
    let builder =
        Verifier::<Access>::builder().accept(&ring::<V4Local>(&noon())).accept_from("https://b.example", &ring::<Jwt<Hs256>>(&noon()));
    let verifier = builder.audience(["shop"]).leeway(Duration::from_secs(5)).max_ttl(Duration::MAX).max_length(2_000).build().unwrap();
    let told = verifier.policy().to_string();
    for line in [
        "is issued by `https://id.example` or `https://b.example`",
        "is for `shop`",
        "has `exp` and lives for any time; one that is issued lives 15 min",
        "is judged with clocks that differ by at most 5 s",
        "is sealed as `v4.local` or `HS256`",
        "is at most 2000 bytes long",
        "holds JSON of at most 16 levels, 128 members an object and 4096 bytes a text",
    ] {
        assert!(told.lines().any(|told| told == format!("- {line}")), "{line}\n{told}");
    }
    let issuer = Issuer::<Access, _>::builder().issuer("https://c.example").build(&ring::<V4Local>(&noon())).unwrap();
    assert!(issuer.policy().to_string().contains("is issued by `https://c.example`\n"));
}

/// The documentation on the generated impl and the policy at run time are two texts about one struct, so they are held together by the
/// snapshots of the derive: each line that the derive writes is a line of the policy of the same struct.
#[test]
fn the_documentation_of_the_impl_says_what_the_policy_says() {
    #[track_caller]
    fn check<C: ClaimsType>(snapshot: &str, constants: &[(&str, &str)]) {
        let told = C::policy().to_string();
        let documented: Vec<String> = snapshot
            .lines()
            .filter_map(|line| line.trim().strip_prefix("/// "))
            .map(|line| constants.iter().fold(line.to_owned(), |line, (name, value)| line.replace(name, value)))
            .collect();
        assert!(documented.len() > 1, "{snapshot}");
        for line in documented {
            assert!(told.lines().any(|told| told == line), "{line}\n{told}");
        }
    }
    const ISSUER: &str = "https://id.example";
    const BILLING: &str = "billing";
    const LIFE: Duration = Duration::from_secs(300);
    const TYPE: &str = "strict+jwt";
    #[derive(Claims)]
    #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
    struct Access {}
    check::<Access>(include_str!("../../session-macros/snapshots/access-token.expected.rs"), &[]);

    #[derive(Claims)]
    #[claims(issuer = ISSUER, audience("orders", BILLING), ttl = LIFE, max_ttl = "2d", leeway = "1m", token_type = TYPE)]
    #[claims(no_issued_at, deny_unknown)]
    struct Strict {}
    let constants = [("`ISSUER`", "`https://id.example`"), ("names::BILLING", "billing"), ("`LIFE`", "5 min"), ("`TYPE`", "`strict+jwt`")];
    check::<Strict>(include_str!("../../session-macros/snapshots/settings.expected.rs"), &constants);

    struct Plan;
    impl Plan {
        fn is_live(plan: &str) -> bool {
            !plan.is_empty()
        }
    }
    #[derive(Claims)]
    #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt", check = Access::is_whole)]
    struct Checked {
        #[claim(check = "Plan::is_live")]
        plan: String,
    }
    impl Access {
        fn is_whole(_: &Checked) -> bool {
            true
        }
    }
    check::<Checked>(include_str!("../../session-macros/snapshots/field-words.expected.rs"), &[]);

    #[derive(Claims)]
    #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt")]
    struct Bounds {
        #[claim(one_of("free", "paid"), max_len = 8)]
        plan: String,
    }
    check::<Bounds>(include_str!("../../session-macros/snapshots/bounds.expected.rs"), &[("`PAID`", "`paid`")]);

    const ORGS: i64 = 9;
    #[derive(Claims)]
    #[claims(no_issuer, no_audience, ttl = "15m", token_type = "at+jwt", rename_all = "camelCase")]
    struct Ranged {
        #[claim(range = -1..=ORGS)]
        home_org: i64,
    }
    check::<Ranged>(include_str!("../../session-macros/snapshots/serde-words.expected.rs"), &[("`ORGS`", "9")]);
}
