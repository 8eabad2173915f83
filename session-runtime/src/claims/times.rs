//! How a claim holds a time: on the wire ([`TimeEncoding`]) and in a field ([`TimeClaim`]).

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde::Serialize;

use super::{Raw, Role};
use crate::{limits, time::Timestamp};

/// How a format writes times, by which the claims of JWT and of PASETO are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeEncoding {
    /// JWT: a number of seconds (RFC 7519 §2 `NumericDate`).
    NumericDate,
    /// PASETO: RFC 3339 text.
    Rfc3339,
}

/// A field type that can hold `exp`, `nbf` or `iat`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a time claim",
    note = "use `chrono::DateTime<Utc>`, `std::time::SystemTime`, `session_runtime::Timestamp`, `u64` or `i64` seconds, or an `Option` of one"
)]
pub trait TimeClaim: Sized {
    /// The field's value for a claim that is there; `None` when the type cannot hold it.
    fn from_timestamp(time: Timestamp) -> Option<Self>;

    /// The field's value for a claim that is not there; `None` when the type needs one.
    fn absent() -> Option<Self> {
        None
    }

    /// What is written: `Some(None)` leaves the claim to the policy, `None` means that no claim can hold the value.
    fn to_timestamp(&self) -> Option<Option<Timestamp>>;
}

impl TimeClaim for Timestamp {
    fn from_timestamp(time: Timestamp) -> Option<Self> {
        Some(time)
    }
    fn to_timestamp(&self) -> Option<Option<Timestamp>> {
        Some(Some(*self))
    }
}

impl TimeClaim for DateTime<Utc> {
    fn from_timestamp(time: Timestamp) -> Option<Self> {
        Self::from_timestamp(time.as_unix(), 0)
    }
    fn to_timestamp(&self) -> Option<Option<Timestamp>> {
        Some(Some((*self).into()))
    }
}

impl TimeClaim for SystemTime {
    fn from_timestamp(time: Timestamp) -> Option<Self> {
        let distance = Duration::from_secs(time.as_unix().unsigned_abs());
        if time >= Timestamp::UNIX_EPOCH { Self::UNIX_EPOCH.checked_add(distance) } else { Self::UNIX_EPOCH.checked_sub(distance) }
    }
    fn to_timestamp(&self) -> Option<Option<Timestamp>> {
        Some(Some((*self).into()))
    }
}

impl TimeClaim for i64 {
    fn from_timestamp(time: Timestamp) -> Option<Self> {
        Some(time.as_unix())
    }
    fn to_timestamp(&self) -> Option<Option<Timestamp>> {
        Some(Some(Timestamp::from_unix(*self)))
    }
}

impl TimeClaim for u64 {
    fn from_timestamp(time: Timestamp) -> Option<Self> {
        Self::try_from(time.as_unix()).ok()
    }
    fn to_timestamp(&self) -> Option<Option<Timestamp>> {
        i64::try_from(*self).ok().map(|seconds| Some(Timestamp::from_unix(seconds)))
    }
}

impl<T: TimeClaim> TimeClaim for Option<T> {
    fn from_timestamp(time: Timestamp) -> Option<Self> {
        T::from_timestamp(time).map(Some)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn to_timestamp(&self) -> Option<Option<Timestamp>> {
        match self {
            Some(time) => time.to_timestamp(),
            None => Some(None),
        }
    }
}

/// What a time has to be when it is issued, in words.
pub(crate) const EXPECTED_ON_ISSUE: &str = "a time between 1970 and the year 9999";

/// Reads a time from a payload; `None` when it is not one within the limits.
///
/// `exp` is rounded down and the others are rounded up, so that a fraction of a second never makes a token live longer.
pub(crate) fn read(value: Raw<'_>, role: Role) -> Option<Timestamp> {
    let round_up = role != Role::Expires;
    match value.times() {
        TimeEncoding::NumericDate => numeric(value.json(), round_up),
        TimeEncoding::Rfc3339 => rfc3339(value.plain()?, round_up),
    }
}

/// RFC 7519 §2: a JSON number, possibly with a fraction. Never a string (CVE-2026-25537), never negative, never above 2^53.
fn numeric(json: &str, round_up: bool) -> Option<Timestamp> {
    if let Some(seconds) = whole(json) {
        return (0..=limits::NUMERIC_DATE).contains(&seconds).then(|| Timestamp::from_unix(seconds));
    }
    if !json.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let number: f64 = json.parse().ok()?;
    let whole = if round_up { number.ceil() } else { number.floor() };
    // 2^53 is exact as a double, so the comparison is exact, and infinity is above it.
    #[allow(clippy::cast_precision_loss, reason = "2^53 is a power of two")]
    let limit = limits::NUMERIC_DATE as f64;
    #[allow(clippy::cast_possible_truncation, reason = "between 0 and 2^53 by the line before")]
    (0.0..=limit).contains(&whole).then(|| Timestamp::from_unix(whole as i64))
}

/// A whole number without a sign, as every issuer writes it. The standard library's reader, which checks for overflow and signs, takes
/// twice as long.
#[inline]
fn whole(json: &str) -> Option<i64> {
    // 2^53 has 16 digits, and 18 always fit.
    if json.is_empty() || json.len() > 18 {
        return None;
    }
    json.bytes().try_fold(0_i64, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| number.wrapping_mul(10).wrapping_add(i64::from(digit)))
    })
}

/// RFC 3339 §5.6 with upper-case `T` and `Z`, at most 40 bytes.
fn rfc3339(text: &str, round_up: bool) -> Option<Timestamp> {
    if let Some(seconds) = whole_seconds(text) {
        return Some(Timestamp::from_unix(seconds));
    }
    if text.len() > limits::DATE_TEXT || !is_date_shaped(text) {
        return None;
    }
    let date = DateTime::parse_from_rfc3339(text).ok()?;
    // chrono keeps a leap second as 59 with more than 10^9 nanoseconds; it counts as the second after.
    let nanoseconds = date.timestamp_subsec_nanos();
    let up = (round_up && !nanoseconds.is_multiple_of(1_000_000_000)) || nanoseconds >= 1_000_000_000;
    Some(Timestamp::from_unix(date.timestamp().saturating_add(i64::from(up))))
}

/// `2022-01-01T00:00:00`, perhaps a fraction, then `Z` or `+00:00`, all in ASCII: chrono also reads a Unicode minus sign.
fn is_date_shaped(text: &str) -> bool {
    fn is(text: &str, shape: &str) -> bool {
        let fits = |(found, wanted): (u8, u8)| if wanted == b'0' { found.is_ascii_digit() } else { found == wanted };
        text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
    }
    let Some((second, rest)) = text.split_at_checked(19) else { return false };
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()),
        None => rest,
    };
    is(second, "0000-00-00T00:00:00") && (is(offset, "Z") || is(offset, "+00:00") || is(offset, "-00:00"))
}

/// The spelling that every issuer writes, `2022-01-01T00:00:00Z`, in half the time that the general reader takes. `None` for any other,
/// and for a leap second, which both say nothing about the text.
#[inline]
fn whole_seconds(text: &str) -> Option<i64> {
    let two = |tens: &u8, ones: &u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| u32::from(tens).wrapping_mul(10).wrapping_add(u32::from(ones)))
    };
    let [a, b, c, d, b'-', e, f, b'-', g, h, b'T', i, j, b':', k, l, b':', m, n, b'Z'] = text.as_bytes() else { return None };
    let year = two(a, b)?.wrapping_mul(100).wrapping_add(two(c, d)?);
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, two(e, f)?, two(g, h)?)?;
    Some(date.and_hms_opt(two(i, j)?, two(k, l)?, two(m, n)?)?.and_utc().timestamp())
}

/// Writes a time; `None` when it is outside of what every reader understands.
pub(crate) fn write(out: &mut Vec<u8>, time: Timestamp, encoding: TimeEncoding) -> Option<()> {
    /// 9999-12-31T23:59:59Z, the last second that RFC 3339 can write with four digits of year.
    const LAST: i64 = 253_402_300_799;
    if !(0..=LAST).contains(&time.as_unix()) {
        return None;
    }
    match encoding {
        TimeEncoding::NumericDate => time.as_unix().serialize(&mut serde_json::Serializer::new(out)).ok(),
        TimeEncoding::Rfc3339 => {
            // Digit by digit: chrono's own formatting allocates a text and takes five times as long.
            let date = DateTime::<Utc>::from_timestamp(time.as_unix(), 0)?.naive_utc();
            let year = u32::try_from(date.year()).ok()?;
            let mut text = *b"\"....-..-..T..:..:..Z\"";
            let pairs = [year / 100, year % 100, date.month(), date.day(), date.hour(), date.minute(), date.second()];
            for (pair, at) in pairs.into_iter().zip([1, 3, 6, 9, 12, 15, 18]) {
                if let Some(digits) = text.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                    *digits = [digit(pair / 10), digit(pair % 10)];
                }
            }
            out.extend_from_slice(&text);
            Some(())
        }
    }
}

/// Only ever called with one digit.
fn digit(value: u32) -> u8 {
    u8::try_from(value).map_or(b'0', |value| b'0'.saturating_add(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(encoding: TimeEncoding, role: Role, json: &str, want: Option<i64>) {
        let plain = json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('\\'));
        assert_eq!(read(Raw::new(json, plain, encoding), role).map(Timestamp::as_unix), want, "{json}");
    }

    #[test]
    fn numeric_dates_are_exact_or_refused() {
        let jwt = |role, json, want| check(TimeEncoding::NumericDate, role, json, want);
        jwt(Role::Expires, "0", Some(0));
        jwt(Role::Expires, "1700000000.9", Some(1_700_000_000));
        jwt(Role::NotBefore, "1700000000.1", Some(1_700_000_001));
        jwt(Role::Expires, "17e8", Some(1_700_000_000));
        jwt(Role::Expires, "9007199254740992", Some(1 << 53));
        for refused in ["9007199254740993", "18446744073709551616", "1e400", "1e308", "-1", "-0.5", "\"1700000000\"", "null", "true", "[1]"]
        {
            jwt(Role::Expires, refused, None);
            jwt(Role::NotBefore, refused, None);
        }
    }

    #[test]
    fn rfc3339_is_strict_and_bounded() {
        let paseto = |role, json, want| check(TimeEncoding::Rfc3339, role, json, want);
        paseto(Role::Expires, r#""2022-01-01T00:00:00+00:00""#, Some(1_640_995_200));
        paseto(Role::Expires, r#""2022-01-01T00:00:00.999Z""#, Some(1_640_995_200));
        paseto(Role::NotBefore, r#""2022-01-01T00:00:00.001Z""#, Some(1_640_995_201));
        paseto(Role::NotBefore, r#""2016-12-31T23:59:60Z""#, Some(1_483_228_800));
        paseto(Role::Expires, r#""2022-01-01T01:30:00+01:30""#, Some(1_640_995_200));
        for refused in [
            r#""2022-01-01 00:00:00Z""#,
            r#""2022-01-01t00:00:00z""#,
            r#""2022-01-01T00:00:00.Z""#,
            r#""2022-01-01T00:00:00""#,
            r#""2022-01-01T00:00:00+0800""#,
            r#""+2022-01-01T00:00:00Z""#,
            "1640995200",
            r#""2022-13-01T00:00:00Z""#,
            r#""""#,
        ] {
            paseto(Role::Expires, refused, None);
        }
        paseto(Role::Expires, "\"2022-01-01T00:00:00\u{2212}08:00\"", None);
        paseto(Role::Expires, &format!("\"2022-01-01T00:00:00.{}Z\"", "0".repeat(40)), None);
    }

    #[test]
    fn the_usual_spelling_is_read_as_chrono_reads_it() {
        for year in ["0000", "0001", "1969", "1970", "2000", "2024", "2026", "2100", "9999", "+026", "20 6"] {
            for day in ["01-01", "02-28", "02-29", "02-30", "12-31", "13-01", "00-10", "01-00", "1-001"] {
                for time in ["00:00:00", "23:59:59", "23:59:60", "24:00:00", "12:60:00", "1:2:00.0"] {
                    let text = format!("{year}-{day}T{time}Z");
                    let theirs = DateTime::parse_from_rfc3339(&text).ok();
                    if let Some(ours) = whole_seconds(&text) {
                        assert_eq!(Some(ours), theirs.map(|date| date.timestamp()), "{text}");
                    } else {
                        assert!(theirs.is_none_or(|_| time.ends_with("60")), "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn times_are_written_in_the_format_of_the_token() {
        let written = |encoding| {
            let mut out = Vec::new();
            write(&mut out, Timestamp::from_unix(1_640_995_200), encoding).map(|()| String::from_utf8_lossy(&out).into_owned())
        };
        assert_eq!(written(TimeEncoding::NumericDate).as_deref(), Some("1640995200"));
        assert_eq!(written(TimeEncoding::Rfc3339).as_deref(), Some("\"2022-01-01T00:00:00Z\""));
        assert_eq!(write(&mut Vec::new(), Timestamp::from_unix(i64::MAX), TimeEncoding::Rfc3339), None);
    }
}
