//! What an `Authorization` header says: pure reading of text that anybody can send, without an allocation.

use ::http::{HeaderMap, header::AUTHORIZATION};

/// The longest name of a scheme that is looked for. Those that are registered have up to 21 characters; without a bound, a header of 400 KB
/// would be searched for its first space.
const SCHEME: usize = 64;

/// What is wrong with an `Authorization` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderFault {
    /// There is more than one. Whoever reads the first and whoever reads the last would see different people (RFC 9110 §5.3).
    #[error("there are several")]
    Several,
    /// It is not a scheme, or the scheme is `Bearer` and what follows is not one token (RFC 6750 §2.1).
    #[error("it cannot be read")]
    Syntax,
    /// What follows `Bearer` is longer than the verifier reads. That is a fault of the token and not of the header, and so is the answer.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The most bytes that are read.
        limit: usize,
    },
}

/// The token that a request presents in its `Authorization` header; `None` where it presents none to us.
///
/// `longest` is how long a token may be, as [`Verifier::max_length`](crate::Verifier::max_length) says. A longer text is not even looked at.
///
/// - The scheme is `Bearer` in any case of letters (RFC 9110 §11.1), then at least one space, then one `b64token` (RFC 6750 §2.1), which every
///   JWT and every PASETO is. A tab, a comma, a second word or anything behind the token is a fault. Spaces beyond the first count as length.
/// - Credentials of another scheme are none for us: the request "attempted using an unsupported authentication method", and gets no error
///   code (RFC 6750 §3.1). They may be for somebody else, as a proxy's `Basic` is, and as no credentials they give no rights.
/// - Two headers are a fault, whatever their schemes are.
///
/// # Errors
/// [`HeaderFault`]
///
/// # Example
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use session_runtime::http::{HeaderFault, bearer};
///
/// let mut headers = HeaderMap::new();
/// assert_eq!(bearer(&headers, 8192), Ok(None));
/// headers.insert("authorization", HeaderValue::from_static("bearer v4.local.AAAA"));
/// assert_eq!(bearer(&headers, 8192), Ok(Some("v4.local.AAAA")));
/// headers.append("authorization", HeaderValue::from_static("Basic YTpi"));
/// assert_eq!(bearer(&headers, 8192), Err(HeaderFault::Several));
/// ```
pub fn bearer(headers: &HeaderMap, longest: usize) -> Result<Option<&str>, HeaderFault> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(HeaderFault::Several);
    }
    read(value.as_bytes(), longest)
}

fn read(value: &[u8], longest: usize) -> Result<Option<&str>, HeaderFault> {
    let scheme = value.iter().take(SCHEME.saturating_add(1)).take_while(|byte| **byte != b' ').count();
    let (scheme, rest) = value.split_at_checked(scheme).ok_or(HeaderFault::Syntax)?;
    if scheme.is_empty() || scheme.len() > SCHEME || !scheme.iter().copied().all(in_scheme) {
        return Err(HeaderFault::Syntax);
    }
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return Ok(None);
    }
    // Nothing behind the scheme is `Bearer` alone, which is no credentials of any scheme that we know.
    let rest = rest.strip_prefix(b" ").ok_or(HeaderFault::Syntax)?;
    if rest.len() > longest {
        return Err(HeaderFault::TooLong { limit: longest });
    }
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let token = rest.get(spaces..).unwrap_or_default();
    let padding = token.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = token.get(..token.len().saturating_sub(padding)).unwrap_or_default();
    // All of them, without an early end: the loop has no branch, so it is done with vector instructions.
    if body.is_empty() || !body.iter().fold(true, |all, byte| all & in_token(*byte)) {
        return Err(HeaderFault::Syntax);
    }
    std::str::from_utf8(token).map(Some).map_err(|_| HeaderFault::Syntax)
}

/// `tchar` of RFC 9110 §5.6.2, of which the name of a scheme is made.
fn in_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The characters of `b64token` before its padding: `-` `.` `/` and the digits stand in one row.
#[inline]
fn in_token(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'-') < 13) | (byte == b'_') | (byte == b'~') | (byte == b'+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, want: Result<Option<&str>, HeaderFault>) {
        assert_eq!(read(value.as_bytes(), 64), want, "{value:?}");
    }

    #[test]
    fn tokens() {
        for good in ["Bearer abc", "bearer abc", "BEARER abc", "bEaReR   abc"] {
            check(good, Ok(Some("abc")));
        }
        check("Bearer aZ09-._~+/==", Ok(Some("aZ09-._~+/==")));
        check("Bearer a", Ok(Some("a")));
        let longest = "a".repeat(64);
        check(&format!("Bearer {longest}"), Ok(Some(&longest)));
    }

    #[test]
    fn other_schemes_are_no_credentials() {
        for other in
            ["Basic YTpi", "Basic", "Negotiate", "DPoP abc", "Bearerabc", "Bearer.abc", "Token abc def", "Digest a=\"b\", c=d", "B e"]
        {
            check(other, Ok(None));
        }
        check(&"a".repeat(64), Ok(None));
    }

    #[test]
    fn faults() {
        for fault in [
            "",
            " ",
            " Bearer abc",
            "Bearer",
            "Bearer ",
            "Bearer   ",
            "Bearer\tabc",
            "Bearer \tabc",
            "Bearer abc ",
            "Bearer abc\t",
            "Bearer abc def",
            "Bearer abc,",
            "Bearer abc, Bearer def",
            "Bearer \"abc\"",
            "Bearer =",
            "Bearer ===",
            "Bearer a=b",
            "Bearer abc;x",
            "Bearer: abc",
            "Bearer, abc",
            "\"Bearer\" abc",
            "Bearer abé",
            "Bearér abc",
            "Bearer a%20b",
            "Bearer {}",
            "Bearer a:b",
        ] {
            check(fault, Err(HeaderFault::Syntax));
        }
        check(&"a".repeat(65), Err(HeaderFault::Syntax));
        check(&".".repeat(400_000), Err(HeaderFault::Syntax));
        assert_eq!(read(b"Bearer ab\xff", 64), Err(HeaderFault::Syntax));
    }

    #[test]
    fn long_texts_are_not_looked_at() {
        for text in ["a".repeat(65), " ".repeat(400_000), ".".repeat(400_000), format!(" {}", "a".repeat(64))] {
            check(&format!("Bearer {text}"), Err(HeaderFault::TooLong { limit: 64 }));
        }
    }

    #[test]
    fn every_byte_is_of_a_token_or_not() {
        for byte in 0..=u8::MAX {
            let want = byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
            assert_eq!(in_token(byte), want, "{byte}");
        }
    }

    /// The same rules, said once more with the tools of texts.
    fn oracle(value: &str) -> Result<Option<&str>, HeaderFault> {
        let (scheme, rest) = value.split_once(' ').map_or((value, None), |(scheme, rest)| (scheme, Some(rest)));
        if !(1..=64).contains(&scheme.len()) || !scheme.bytes().all(in_scheme) {
            return Err(HeaderFault::Syntax);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Ok(None);
        }
        let rest = rest.ok_or(HeaderFault::Syntax)?;
        if rest.len() > 64 {
            return Err(HeaderFault::TooLong { limit: 64 });
        }
        let token = rest.trim_start_matches(' ');
        let body = token.trim_end_matches('=');
        let good = !body.is_empty() && body.chars().all(|letter| letter.is_ascii_alphanumeric() || "-._~+/".contains(letter));
        if good { Ok(Some(token)) } else { Err(HeaderFault::Syntax) }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_as_the_rules_say(value in "(Bearer|bEARER|Basic|[a-zB:\"é]{0,70})?[ \t]{0,3}[a-c=.~,é \u{0}]{0,70}") {
            proptest::prop_assert_eq!(read(value.as_bytes(), 64), oracle(&value));
        }

        #[test]
        fn any_bytes_are_read(value: Vec<u8>) {
            let _ = read(&value, 64);
        }
    }
}
