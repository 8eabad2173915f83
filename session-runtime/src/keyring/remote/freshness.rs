//! How long the headers of an answer let others keep it (RFC 9111 §4.2).

use std::time::Duration;

/// What `Cache-Control` and `Age` say; `None` when they say nothing. We are a private cache, so `s-maxage` is not for us.
pub(super) fn fresh_for<'h>(cache_control: impl IntoIterator<Item = &'h str>, age: Option<&str>) -> Option<Duration> {
    let mut max_age = None;
    for directive in cache_control.into_iter().flat_map(|header| header.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let name = name.trim();
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return Some(Duration::ZERO);
        }
        if name.eq_ignore_ascii_case("max-age") {
            // RFC 9111 §4.2.1: said twice, the shorter one; not understood, it is over already.
            let said = seconds(value.trim().trim_matches('"')).unwrap_or(0);
            max_age = Some(max_age.map_or(said, |other: u64| other.min(said)));
        }
    }
    let age = age.and_then(|age| seconds(age.trim())).unwrap_or(0);
    max_age.map(|max_age| Duration::from_secs(max_age.saturating_sub(age)))
}

/// RFC 9111 §1.2.2: digits only; a number that is too large is 2³¹.
fn seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX).min(1 << 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_headers_say() {
        #[track_caller]
        fn check(cache_control: &[&str], age: Option<&str>, want: Option<u64>) {
            assert_eq!(fresh_for(cache_control.iter().copied(), age), want.map(Duration::from_secs), "{cache_control:?} {age:?}");
        }
        check(&[], None, None);
        check(&[""], Some("9"), None);
        check(&["public"], None, None);
        check(&["public, max-age=600"], None, Some(600));
        check(&["Public,MAX-AGE = 600 , must-revalidate"], None, Some(600));
        check(&["max-age=\"600\""], None, Some(600));
        check(&["max-age=600"], Some("100"), Some(500));
        check(&["max-age=600"], Some("600"), Some(0));
        check(&["max-age=600"], Some("9999"), Some(0));
        check(&["max-age=600"], Some("-5"), Some(600));
        check(&["max-age=600"], Some("soon"), Some(600));
        check(&["max-age=0"], None, Some(0));
        check(&["max-age=-1"], None, Some(0));
        check(&["max-age"], None, Some(0));
        check(&["max-age=1e9"], None, Some(0));
        check(&["max-age=99999999999999999999999999"], None, Some(1 << 31));
        check(&["max-age=600, max-age=60"], None, Some(60));
        check(&["max-age=600", "max-age=60"], None, Some(60));
        check(&["max-age=600, no-cache"], None, Some(0));
        check(&["no-store"], None, Some(0));
        check(&["s-maxage=600"], None, None);
        check(&["x-max-age=600"], None, None);
    }
}
