//! Step one of the way in: the length of a text and where its dots are. Nothing is decoded and nothing is allocated.

use memchr::memchr;

use crate::error::Malformed;

/// A text cut at its dots.
#[derive(Debug, Clone, Copy)]
pub enum Parts<'t> {
    /// JWS compact serialization (RFC 7515 §7.1). The JSON serializations and JWE do not have this shape and are not read.
    Jws {
        /// What the signature covers: header, dot, payload.
        signed: &'t str,
        /// The encoded header.
        header: &'t str,
        /// The encoded payload.
        payload: &'t str,
        /// The encoded signature.
        signature: &'t str,
    },
    /// PASETO.
    Paseto {
        /// Version, purpose and the dot after each, as `v4.local.`.
        version: &'t str,
        /// The encoded body.
        body: &'t str,
        /// The encoded footer, empty when there is none.
        footer: &'t str,
    },
}

impl<'t> Parts<'t> {
    /// Cuts a token into its parts.
    ///
    /// The length is looked at first: a request may carry 400 KiB of header, and splitting at every dot of it is how others fell
    /// over (CVE-2025-30204).
    #[inline]
    pub(crate) fn split(text: &'t str, limit: usize) -> Result<Self, Malformed> {
        if text.len() > limit {
            return Err(Malformed::TooLong { limit });
        }
        if let Some(version) = text.get(..3)
            && version.starts_with('v')
            && version.ends_with('.')
        {
            return Self::paseto(text).ok_or(Malformed::Shape);
        }
        Self::jws(text).ok_or(Malformed::Shape)
    }

    fn jws(text: &'t str) -> Option<Self> {
        let (header, rest) = cut(text)?;
        let (payload, signature) = cut(rest)?;
        // Five parts would be a JWE, which could hide an unsigned token (CVE-2023-51774).
        if memchr(b'.', signature.as_bytes()).is_some() {
            return None;
        }
        let signed = text.get(..header.len().checked_add(1)?.checked_add(payload.len())?)?;
        Some(Self::Jws { signed, header, payload, signature })
    }

    fn paseto(text: &'t str) -> Option<Self> {
        let purpose_end = text.get(3..)?.find('.')?.checked_add(4)?;
        let (version, rest) = text.split_at_checked(purpose_end)?;
        let (body, footer) = match cut(rest) {
            // A dot with nothing after it would be a second spelling of the same token.
            Some((_, "")) => return None,
            Some((body, footer)) => (body, footer),
            None => (rest, ""),
        };
        if memchr(b'.', footer.as_bytes()).is_some() { None } else { Some(Self::Paseto { version, body, footer }) }
    }
}

/// What is before the first dot and what is after it; `split_once` takes three times as long for a payload.
#[inline]
fn cut(text: &str) -> Option<(&str, &str)> {
    let dot = memchr(b'.', text.as_bytes())?;
    Some((text.get(..dot)?, text.get(dot.checked_add(1)?..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<[&str; 3]>) {
        let got = match Parts::split(text, 100) {
            Ok(Parts::Jws { header, payload, signature, .. }) => Some([header, payload, signature]),
            Ok(Parts::Paseto { version, body, footer }) => Some([version, body, footer]),
            Err(_) => None,
        };
        assert_eq!(got, want, "{text}");
    }

    #[test]
    fn shapes() {
        check("aa.bb.cc", Some(["aa", "bb", "cc"]));
        check("aa.bb.", Some(["aa", "bb", ""]));
        check("v4.local.body", Some(["v4.local.", "body", ""]));
        check("v4.local.body.foot", Some(["v4.local.", "body", "foot"]));
        for refused in [
            "",
            "aa",
            "aa.bb",
            "aa.bb.cc.dd",
            "aa.bb.cc.dd.ee",
            "v4.",
            "v4.local",
            "v4.local.body.",
            "v4.local.body.foot.",
            "v4.local.a.b.c",
        ] {
            check(refused, None);
        }
        check(&"a".repeat(101), None);
        check(&".".repeat(100), None);
    }
}
