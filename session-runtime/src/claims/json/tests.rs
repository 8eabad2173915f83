//! The strict reader against tables, and against serde_json on generated and damaged text.

use proptest::prelude::*;

use super::{scanner::literal, *};

fn read(text: &str) -> Result<Vec<(String, String)>, NotStrict> {
    let mut object = Object::open(text, JsonLimits::DEFAULT)?;
    let mut members = Vec::new();
    while let Some(member) = object.next_member()? {
        members.push((member.name.into_owned(), member.value.to_owned()));
    }
    Ok(members)
}

#[test]
fn members_come_as_written() {
    let members = read(" { \"a\" : 1 , \"b\\u0062\":[ 1, {\"x\":null} ] ,\"c\":\"\\ud83d\\ude00\" } \n").unwrap();
    let want = [("a", "1"), ("bb", r#"[ 1, {"x":null} ]"#), ("c", r#""\ud83d\ude00""#)];
    assert_eq!(members, want.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(read("{}").unwrap(), []);
}

#[test]
fn what_is_not_strict_is_refused() {
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(16), "]".repeat(16));
    let wide = format!("{{{}}}", (0..129).map(|index| format!("\"{index}\":1")).collect::<Vec<_>>().join(","));
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(JsonLimits::DEFAULT.string + 1));
    for text in [
        "",
        "[]",
        "null",
        "{",
        "{}x",
        "{} {}",
        "\u{feff}{}",
        r#"{"a":1,}"#,
        r#"{,"a":1}"#,
        r#"{"a" 1}"#,
        r#"{a:1}"#,
        r#"{"a":01}"#,
        r#"{"a":1.}"#,
        r#"{"a":.5}"#,
        r#"{"a":+1}"#,
        r#"{"a":1e}"#,
        r#"{"a":NaN}"#,
        r#"{"a":tru}"#,
        r#"{"a":"\x"}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\udc00"}"#,
        r#"{"a":"\ud800\u0041"}"#,
        "{\"a\":\"\n\"}",
        r#"{"a":{"b":1,"b":2}}"#,
        r#"{"a":[{"b":1,"\u0062":2}]}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":[1 2]}"#,
        r#"{"a":1"b":2}"#,
        &deep,
        &wide,
        &long,
    ] {
        assert_eq!(read(text), Err(NotStrict), "{text}");
    }
    assert!(read(&format!(r#"{{"a":{}1{}}}"#, "[".repeat(15), "]".repeat(15))).is_ok());
}

#[test]
fn arrays_of_strings_are_nothing_else() {
    assert_eq!(strings(r#"["a", "b\n"]"#).unwrap().to_vec(), ["a", "b\n"]);
    assert_eq!(strings("[]").unwrap().len(), 0);
    for other in [r#"["a",1]"#, r#"[["a"]]"#, r#""a""#, "{}", "[null]"] {
        assert_eq!(strings(other), None, "{other}");
    }
}

#[test]
fn eight_at_a_time_is_one_by_one() {
    let literal_alone = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    // Every byte at every place, before and after neighbours that differ from a special one by one, or in the top bit.
    for byte in 0..=u8::MAX {
        for neighbour in [b'a', b' ', b'!', b'#', b'[', b']', 0x1f, 0x7f, 0x80, 0x9f, 0xa2, 0xdc, 0xff] {
            for at in 0..20 {
                let mut bytes = [neighbour; 20];
                bytes[at] = byte;
                let want = bytes.iter().take_while(|byte| literal_alone(**byte)).count();
                assert_eq!(literal(&bytes), want, "{byte:#x} at {at} among {neighbour:#x}");
                if let Ok(text) = std::str::from_utf8(&bytes) {
                    assert_eq!(is_literal(text), want == text.len(), "{text:?}");
                }
            }
        }
    }
}

fn values() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        // Halves are exact in both directions, so that the comparison below is about the reader and not about digits.
        any::<i32>().prop_map(|number| (f64::from(number) / 2.0).into()),
        ".{0,20}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(".{0,6}", inner, 0..6).prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// What serde_json writes is read, member by member, to the same values.
    #[test]
    fn agrees_with_serde_json_on_valid_text(map in prop::collection::btree_map(".{0,8}", values(), 0..12)) {
        let text = serde_json::to_string(&map).unwrap();
        let members = read(&text).unwrap();
        prop_assert_eq!(members.len(), map.len());
        for (name, value) in members {
            prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&value).unwrap(), map.get(&name).unwrap());
        }
    }

    /// Whatever is read, serde_json reads too: ours is never laxer. The text is valid JSON with a few bytes changed.
    #[test]
    fn is_never_laxer_than_serde_json(
        map in prop::collection::btree_map("[a-c\"\\\\]{0,3}", values(), 0..6),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(br#"{}[]":,\u0e-+.1tfnd8 "#.to_vec())), 0..4),
    ) {
        let mut bytes = serde_json::to_vec(&map).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(text) = String::from_utf8(bytes)
            && let Ok(members) = read(&text)
        {
            // A number may be out of a double's range: that is for the field that reads it to say.
            let theirs: std::collections::HashMap<String, serde::de::IgnoredAny> = serde_json::from_str(&text)
                .map_err(|error| TestCaseError::fail(format!("accepted what serde_json refuses ({error}): {text}")))?;
            for (name, _) in members {
                prop_assert!(theirs.contains_key(&name));
            }
        }
    }
}
