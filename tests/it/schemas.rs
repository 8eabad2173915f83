//! A change of a claims type is told by whether live tokens survive it; and what is told is what a verifier then does.

use std::{fs, path::Path};

use session_runtime::{
    Claims,
    claims::ClaimsType,
    testing::{Accept, compare_schema, described},
};

/// A claims type in a module of its own, so that two of them may have one name.
macro_rules! claims {
    ($name:ident [$($setting:tt)*] $($field:tt)*) => {
        #[derive(Claims)]
        #[claims($($setting)*)]
        #[allow(dead_code, reason = "only its schema is read")]
        struct $name { $($field)* }
    };
}

claims!(Before [token_type = "at+jwt", issuer = "https://id.example", audience = "orders", ttl = "15m"]
    #[claim(sub)] user: String, org: String, seats: u16, note: Option<String>, #[claim(range = 1..=9)] level: u8);

/// Writes the file for one type and compares another one with it: what the message says of each line.
#[track_caller]
fn check<Old: ClaimsType, New: ClaimsType>(want: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("schemas/Access.json");
    compare_schema(described::<Old>(), None, &path, Accept::Compatible).unwrap();
    let Err(message) = compare_schema(described::<New>(), None, &path, Accept::Nothing) else {
        assert_eq!(want, [""; 0]);
        return;
    };
    let told: Vec<&str> = message.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    assert_eq!(told, want, "{message}");
    let strands = told.iter().any(|line| line.ends_with("STRANDS live tokens"));
    let update = compare_schema(described::<New>(), None, &path, Accept::Compatible);
    assert_eq!(update.is_err(), strands, "`update` writes what strands nobody, and nothing else");
    compare_schema(described::<New>(), None, &path, Accept::All).unwrap();
    compare_schema(described::<New>(), None, &path, Accept::Nothing).unwrap();
}

#[test]
fn the_file_is_made_on_request_and_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Before.json");
    let missing = compare_schema(described::<Before>(), None, &path, Accept::Nothing).unwrap_err();
    assert!(missing.ends_with("is not there: `CLAIMS_SCHEMA=update cargo test` writes it, then commit it"), "{missing}");
    assert!(!path.exists());
    compare_schema(described::<Before>(), None, &path, Accept::Compatible).unwrap();
    compare_schema(described::<Before>(), None, &path, Accept::Nothing).unwrap();
    fs::write(&path, "{}").unwrap();
    assert!(compare_schema(described::<Before>(), None, &path, Accept::Nothing).is_err());
}

#[test]
fn the_same_type_says_nothing() {
    check::<Before, Before>(&[]);
}

#[test]
fn claims_that_come_and_go() {
    claims!(More [token_type = "at+jwt", issuer = "https://id.example", audience = "orders", ttl = "15m"]
        #[claim(sub)] user: String, org: String, seats: u16, note: Option<String>, #[claim(range = 1..=9)] level: u8,
        plan: String, #[claim(default)] tags: Vec<String>);
    check::<Before, More>(&["claim `plan`: new and required: STRANDS live tokens", "claim `tags`: new and optional: compatible"]);
    check::<More, Before>(&["claim `plan`: no longer read: STRANDS live tokens", "claim `tags`: no longer read: STRANDS live tokens"]);
}

#[test]
fn names_that_change() {
    claims!(Renamed [token_type = "at+jwt", issuer = "https://id.example", audience = "orders", ttl = "15m"]
        #[claim(sub)] user: String, #[claim(rename = "tenant")] org: String, seats: u16, note: Option<String>,
        #[claim(range = 1..=9)] level: u8);
    check::<Before, Renamed>(&[
        "claim `org`: no longer read: STRANDS live tokens",
        "claim `tenant`: new and required: STRANDS live tokens",
    ]);
    claims!(Aliased [token_type = "at+jwt", issuer = "https://id.example", audience = "orders", ttl = "15m"]
        #[claim(sub)] user: String, #[claim(rename = "tenant", alias = "org")] org: String, seats: u16, note: Option<String>,
        #[claim(range = 1..=9)] level: u8);
    check::<Before, Aliased>(&[
        "claim `tenant`: written as `org` before, now as `tenant`: compatible",
        "claim `tenant`: aliases [], now [\"org\"]: compatible",
    ]);
}

#[test]
fn types_and_bounds_that_change() {
    claims!(Narrow [token_type = "at+jwt", issuer = "https://id.example", audience = "orders", ttl = "15m"]
        #[claim(sub)] user: String, #[claim(one_of("free", "team"))] org: String, seats: u8, note: String,
        #[claim(range = 1..=5)] level: u8);
    check::<Before, Narrow>(&[
        "claim `org`: one of [], now [\"free\", \"team\"]: STRANDS live tokens",
        "claim `seats`: whole numbers 0 to 65535, now 0 to 255: STRANDS live tokens",
        "claim `note`: now required: STRANDS live tokens",
        "claim `note`: no longer takes null: STRANDS live tokens",
        "claim `level`: range (Some(1), Some(9)), now (Some(1), Some(5)): STRANDS live tokens",
    ]);
    check::<Narrow, Before>(&[
        "claim `org`: one of [\"free\", \"team\"], now []: compatible",
        "claim `seats`: whole numbers 0 to 255, now 0 to 65535: compatible",
        "claim `note`: now optional: compatible",
        "claim `note`: takes null: compatible",
        "claim `level`: range (Some(1), Some(5)), now (Some(1), Some(9)): compatible",
    ]);
}

#[test]
fn settings_that_change() {
    claims!(Small [token_type = "at+jwt", issuer = "https://id.example", audience = "orders", ttl = "15m"] #[claim(sub)] user: String);
    claims!(Other [token_type = "rt+jwt", issuer = "https://b.example", audience = "shop", ttl = "5m", max_ttl = "10m", deny_unknown]
        #[claim(sub)] user: String);
    check::<Small, Other>(&[
        "token_type: Some(\"at+jwt\"), now Some(\"rt+jwt\"): STRANDS live tokens",
        "issuer: Some([\"https://id.example\"]), now Some([\"https://b.example\"]): STRANDS live tokens",
        "audience: Some([\"orders\"]), now Some([\"shop\"]): STRANDS live tokens",
        "ttl: Some(900), now Some(300): compatible",
        "max_ttl: 86400, now 600: STRANDS live tokens",
        "unknown_claims: \"ignored\", now \"refused\": compatible".replace('"', "").as_str(),
    ]);
    claims!(Wider [token_type = "at+jwt", issuer = "https://id.example", audience("orders", "shop"), ttl = "5m", max_ttl = "20m"]
        #[claim(sub)] user: String);
    check::<Small, Wider>(&[
        "audience: Some([\"orders\"]), now Some([\"orders\", \"shop\"]): compatible",
        "ttl: Some(900), now Some(300): compatible",
        "max_ttl: 86400, now 1200: compatible",
    ]);
}

/// The macro fails as a test does, with the file's path.
#[test]
fn the_macro_looks_in_the_callers_folder() {
    let failure = std::panic::catch_unwind(|| session_runtime::testing::claims_schema!(Before, "no such folder/Before.json")).unwrap_err();
    let message = failure.downcast::<String>().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("no such folder/Before.json");
    assert!(message.starts_with(path.to_str().unwrap()), "{message}");
}

/// A new version strands nobody when the type that reads the older tokens is named, and still reads them.
#[test]
fn a_version_is_held_by_the_type_that_it_is_made_from() {
    claims!(Next [token_type = "at+jwt", issuer = "https://id.example", audience = "orders", ttl = "15m", version(2, from = Before)]
        #[claim(sub)] user: String);
    impl From<Before> for Next {
        fn from(Before { user, .. }: Before) -> Self {
            Self { user }
        }
    }
    claims!(Narrowed [token_type = "at+jwt", issuer = "https://id.example", audience = "orders", ttl = "15m"]
        #[claim(sub)] user: String, org: u8, seats: u16, note: Option<String>, #[claim(range = 1..=9)] level: u8);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Access.json");
    let held = |older| compare_schema(described::<Next>(), older, &path, Accept::Nothing).unwrap_err();
    compare_schema(described::<Before>(), None, &path, Accept::Compatible).unwrap();
    let none = held(None);
    assert!(none.contains("- version 1: read by no type that the macro was given with `from`: STRANDS live tokens"), "{none}");
    let narrowed = held(Some(described::<Narrowed>()));
    assert!(narrowed.contains("- claim `org`: no longer takes text: STRANDS live tokens"), "{narrowed}");
    let good = held(Some(described::<Before>()));
    assert!(good.contains("- version: 1, now 2: compatible\n") && !good.contains("STRANDS"), "{good}");

    compare_schema(described::<Next>(), Some(described::<Before>()), &path, Accept::Compatible).unwrap();
    session_runtime::testing::claims_schema!(Next, &path, from = Before);
    let strands = std::panic::catch_unwind(|| session_runtime::testing::claims_schema!(Before, &path, from = Narrowed));
    assert!(strands.is_err(), "the file says version 2");
}
