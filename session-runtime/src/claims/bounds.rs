//! `one_of`, `range` and `max_len`: judged on the JSON of a value, so that they hold for every type of field.

use super::{
    Raw, Schema, Spec,
    json::{self, Elements},
    spec::{Bounds, Range},
};
use crate::error::Problem;

/// Which bound of its claim a value breaks that is about to be read.
#[inline(never)]
pub(super) fn broken(schema: &Schema, value: Raw<'_>) -> Option<Problem> {
    let Spec { bounds, .. } = schema.claims.get(usize::from(value.claim()))?;
    judge(bounds, value.json())
}

/// Which of the bounds a value breaks; none, when it is `null` and so absent.
pub(super) fn judge(bounds: &Bounds, json: &str) -> Option<Problem> {
    if json == "null" {
        return None;
    }
    // A string is as long as it is written, escapes included, without its quotes.
    let length = json.len().saturating_sub(if json.starts_with('"') { 2 } else { 0 });
    if let Some(limit) = bounds.max_len.filter(|limit| length > *limit) {
        return Some(Problem::TooLong { limit });
    }
    let each = |holds: &dyn Fn(&str) -> bool| match Elements::open(json) {
        None => holds(json),
        Some(mut elements) => loop {
            match elements.next_element() {
                Ok(Some((element, _))) if holds(element) => {}
                Ok(None) => break true,
                // `null` in a list is no absent claim, and no value that was allowed.
                _ => break false,
            }
        },
    };
    let allowed = |json: &str| json::string(json).is_some_and(|text| bounds.one_of.contains(&&*text));
    if !bounds.one_of.is_empty() && !each(&allowed) {
        return Some(Problem::NotOneOf);
    }
    let range = bounds.range?;
    if each(&|json| holds(range, json)) {
        return None;
    }
    let Range { least, most, exclusive } = range;
    Some(Problem::OutOfRange { least, most, exclusive })
}

/// Whether a value is a number of the range.
fn holds(range: Range, json: &str) -> bool {
    // What the number lies between, as whole numbers: twice itself when it is one.
    let Some((floor, ceiling)) = around(json) else { return false };
    let least = range.least.is_none_or(|least| i128::from(least) <= floor);
    let most = range.most.map(i128::from).is_none_or(|most| if range.exclusive { floor < most } else { ceiling <= most });
    least && most
}

/// The whole numbers below and above a JSON number; `None` for what is none.
///
/// Comparing those is exact, and comparing a bound of 64 bits as a double is not.
fn around(json: &str) -> Option<(i128, i128)> {
    if let Ok(whole) = json.parse::<i64>() {
        return Some((whole.into(), whole.into()));
    }
    if !json.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
        return None;
    }
    let number: f64 = json.parse().ok()?;
    #[allow(clippy::cast_possible_truncation, reason = "what is beyond 128 bits is beyond every bound, and becomes the nearest")]
    Some((number.floor() as i128, number.ceil() as i128))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bounds: Bounds, json: &str, want: Option<&str>) {
        assert_eq!(judge(&bounds, json).map(|problem| problem.to_string()).as_deref(), want, "{json}");
    }

    #[test]
    fn one_of_is_a_list_of_texts() {
        const NOT: Option<&str> = Some("not one of the values that are allowed");
        let bounds = Bounds { one_of: &["admin", "guest"], ..Bounds::NONE };
        for good in [r#""admin""#, r#""\u0061dmin""#, "null", "[]", r#"["guest","admin"]"#, r#"[ "guest" ]"#] {
            check(bounds, good, None);
        }
        for bad in
            [r#""Admin""#, r#""admin ""#, r#""""#, "1", "true", "{}", r#"{"admin":1}"#, "[null]", r#"["admin","x"]"#, r#"[["admin"]]"#]
        {
            check(bounds, bad, NOT);
        }
    }

    #[test]
    fn ranges_are_exact_at_their_ends() {
        let range = |least, most, exclusive| Bounds { range: Some(Range::new(least, most, exclusive)), ..Bounds::NONE };
        let closed = range(Some(1), Some(9), false);
        for good in ["1", "9", "1.0", "9e0", "8.999", "0.1e1", "[1,9]", "null", "[]"] {
            check(closed, good, None);
        }
        for bad in ["0", "10", "0.999", "9.001", "-1", "1e400", "-1e400", "99999999999999999999", "\"5\"", "true", "{}", "[5,10]", "[null]"]
        {
            check(closed, bad, Some("not in 1..=9"));
        }
        let half_open = range(Some(-3), Some(3), true);
        check(half_open, "-3", None);
        check(half_open, "2.999", None);
        check(half_open, "-3.001", Some("not in -3..3"));
        check(half_open, "3", Some("not in -3..3"));
        check(half_open, "3.0", Some("not in -3..3"));
        check(range(Some(i64::MAX), None, false), "9223372036854775806", Some("not in 9223372036854775807.."));
        check(range(Some(i64::MAX), None, false), "9223372036854775808", None);
        check(range(None, Some(0), false), "-0", None);
        check(range(None, Some(0), false), "1", Some("not in ..=0"));
    }

    #[test]
    fn lengths_are_of_the_json() {
        let bounds = Bounds { max_len: Some(4), ..Bounds::NONE };
        for good in [r#""abcd""#, "1234", "[12]", r#""\n\n""#, "null"] {
            check(bounds, good, None);
        }
        for bad in [r#""abcde""#, "12345", "[123]", r#""\u0061""#, "\"\u{e9}\u{e9}x\""] {
            check(bounds, bad, Some("longer than 4 bytes"));
        }
    }
}
