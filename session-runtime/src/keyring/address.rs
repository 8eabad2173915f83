//! Addresses of issuers and key sets, checked letter by letter and never rewritten: an issuer is compared as text.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::{AddressError, AddressRule};

/// An address that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// Without the port; an IPv6 address with its brackets.
    #[cfg_attr(not(feature = "jwks-client"), allow(dead_code, reason = "only what fetches tells where"))]
    pub(super) host: &'a str,
    /// From the slash after the host to the query; empty without one.
    pub(super) path: &'a str,
    #[cfg_attr(not(feature = "jwks-client"), allow(dead_code, reason = "only what fetches asks for TLS"))]
    pub(super) https: bool,
}

/// Whether an address may have a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Query {
    Allowed,
    Refused,
}

/// Reads an address by a stricter grammar than RFC 3986 and any library's: what a library would repair (white space, backslashes,
/// other scripts, numbers as hosts) is refused, so that two readers never see two hosts in it.
pub(super) fn check<'a>(setting: &'static str, text: &'a str, query: Query) -> Result<Address<'a>, AddressError> {
    read(text, query).map_err(|rule| AddressError { setting, rule })
}

fn read(text: &str, query: Query) -> Result<Address<'_>, AddressRule> {
    if text.len() > LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic() && !br#""\<>^`{|}"#.contains(&byte)) {
        return Err(AddressRule::NotUrl);
    }
    let (scheme, rest) = text.split_once("://").ok_or(AddressRule::NotUrl)?;
    let https = match scheme {
        "https" => true,
        "http" => false,
        _ => return Err(AddressRule::NotHttps),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end).ok_or(AddressRule::NotUrl)?;
    if authority.contains('@') {
        return Err(AddressRule::Credentials);
    }
    if rest.contains('#') {
        return Err(AddressRule::Fragment);
    }
    let (path, has_query) = rest.split_once('?').map_or((rest, false), |(path, _)| (path, true));
    if has_query && query == Query::Refused {
        return Err(AddressRule::Query);
    }
    let host = host(authority).ok_or(AddressRule::NotUrl)?;
    if !https && !is_loopback(host) {
        return Err(AddressRule::NotHttps);
    }
    Ok(Address { host, path, https })
}

/// The host of `host[:port]`.
fn host(authority: &str) -> Option<&str> {
    let end =
        if authority.starts_with('[') { authority.find(']')?.checked_add(1)? } else { authority.find(':').unwrap_or(authority.len()) };
    let (host, port) = authority.split_at_checked(end)?;
    match port.strip_prefix(':') {
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0) => {}
        None if port.is_empty() => {}
        _ => return None,
    }
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']')?.parse::<Ipv6Addr>().is_ok().then_some(host);
    }
    let label = |label: &str| {
        let hyphens = label.starts_with('-') || label.ends_with('-');
        !label.is_empty()
            && label.len() <= 63
            && !hyphens
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // A last label of digits, or `0x…`, is an IPv4 address to a reader of the WHATWG's, in one of many spellings; here in one.
    let last = host.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") || last.starts_with("0X");
    let good = if number { host.parse::<Ipv4Addr>().is_ok() } else { host.len() <= 253 && host.split('.').all(label) };
    good.then_some(host)
}

/// This machine itself, by name (RFC 6761 §6.3) or number.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || bare.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

/// Longer ones are no addresses that anybody typed.
const LONGEST: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Result<(&str, &str), AddressRule>) {
        assert_eq!(read(text, Query::Allowed).map(|address| (address.host, address.path)), want, "{text}");
    }

    #[test]
    fn addresses_that_pass() {
        check("https://id.example", Ok(("id.example", "")));
        check("https://id.example/", Ok(("id.example", "/")));
        check("https://id.example:8443/realms/a?b=c", Ok(("id.example", "/realms/a")));
        check("https://192.0.2.1/x", Ok(("192.0.2.1", "/x")));
        check("https://[2001:db8::1]:443/x", Ok(("[2001:db8::1]", "/x")));
        check("https://_dmarc.id-1.example", Ok(("_dmarc.id-1.example", "")));
        for loopback in ["http://localhost:1/x", "http://127.0.0.1/x", "http://127.9.9.9/x", "http://[::1]:80/x"] {
            assert!(read(loopback, Query::Refused).is_ok_and(|address| !address.https), "{loopback}");
        }
    }

    #[test]
    fn addresses_that_do_not() {
        use AddressRule::{Credentials, Fragment, NotHttps, NotUrl};
        for (text, rule) in [
            ("", NotUrl),
            ("id.example", NotUrl),
            ("https://", NotUrl),
            ("https:///path", NotUrl),
            ("https://id.example:0", NotUrl),
            ("https://id.example:", NotUrl),
            ("https://id.example:65536", NotUrl),
            ("https://id.example:+1", NotUrl),
            ("https://id..example", NotUrl),
            ("https://-id.example", NotUrl),
            ("https://id.example\\@evil.example", NotUrl),
            ("https://id.example/ x", NotUrl),
            ("https://id.example/\r\nHost: x", NotUrl),
            ("https://bücher.example", NotUrl),
            ("https://0x7f000001", NotUrl),
            ("https://2130706433", NotUrl),
            ("https://[::1", NotUrl),
            ("https://[::1]x", NotUrl),
            ("HTTPS://id.example", NotHttps),
            ("ftp://id.example", NotHttps),
            ("file:///etc/passwd", NotHttps),
            ("http://id.example", NotHttps),
            ("http://169.254.169.254/latest", NotHttps),
            ("http://localhost.example", NotHttps),
            ("http://127.0.0.1.example", NotHttps),
            ("http://[::ffff:127.0.0.1]", NotHttps),
            ("https://ada:secret@id.example", Credentials),
            ("https://id.example@evil.example", Credentials),
            ("https://id.example#x", Fragment),
        ] {
            check(text, Err(rule));
        }
        check(&format!("https://id.example/{}", "x".repeat(2048)), Err(NotUrl));
        assert_eq!(read("https://id.example?x", Query::Refused), Err(AddressRule::Query));
        // What is refused is not repeated.
        let error = super::check("jwks_uri", "https://ada:hunter2@id.example", Query::Allowed).unwrap_err();
        assert_eq!(error.to_string(), "the address `jwks_uri` holds a user name or a password");
    }
}
