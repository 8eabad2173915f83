//! A document that any web framework can serve, with its headers: [`Representation`].

use std::{fmt, time::Duration};

use crate::crypto;

/// A document as HTTP serves it (RFC 9110 §3.2): body, `Content-Type`, `Cache-Control` and `ETag`, and whether a reader has it already.
///
/// It is data: a handler of any web framework copies it into its response. The tag is a hash of the body, so every node of a fleet
/// gives the same content the same tag, and a load balancer between them spoils no cache.
///
/// # Example: a handler
/// ```
/// # use session_runtime::{KeyRing, jwt::{EdDsa, Jwt}};
/// # let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// # let if_none_match: Option<&str> = None; // the request's headers of this name, none, one or several
/// let set = ring.jwks_document();
/// let (status, body) = if set.not_modified(if_none_match) { (304, "") } else { (200, set.body()) };
/// for (name, value) in set.headers() {
///     // response.header(name, value)
/// #   assert!(!name.is_empty() && !value.is_empty());
/// }
/// # assert_eq!((status, body), (200, set.body()));
/// // A reader that shows the tag is spared the body; a 304 carries the same headers (RFC 9110 §15.4.5).
/// assert!(set.not_modified([set.etag()]));
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    body: String,
    content_type: &'static str,
    etag: String,
    max_age: Duration,
    cache_control: String,
}

impl Representation {
    /// `max_age` of less than a second is "ask every time".
    pub(super) fn new(body: String, content_type: &'static str, max_age: Duration) -> Self {
        let etag = format!("\"{}\"", crypto::digest(body.as_bytes()));
        let max_age = Duration::from_secs(max_age.as_secs());
        let cache_control = match max_age.as_secs() {
            0 => "no-cache".to_owned(),
            seconds => format!("public, max-age={seconds}"),
        };
        Self { body, content_type, etag, max_age, cache_control }
    }

    /// The JSON.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The body, for a response that wants to own it.
    pub fn into_body(self) -> String {
        self.body
    }

    /// The value of `Content-Type`.
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// The value of `ETag`, with its quotes: a strong validator (RFC 9110 §8.8.3).
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// For how long others may keep it, in whole seconds.
    pub fn max_age(&self) -> Duration {
        self.max_age
    }

    /// The value of `Cache-Control`: `public, max-age=…`, or `no-cache` where others have to ask every time.
    pub fn cache_control(&self) -> &str {
        &self.cache_control
    }

    /// Every header of the answer, for 200 and for 304.
    pub fn headers(&self) -> [(&'static str, &str); 3] {
        [("content-type", self.content_type), ("cache-control", &self.cache_control), ("etag", &self.etag)]
    }

    /// Whether the answer to a GET or HEAD with these `If-None-Match` headers is `304 Not Modified`: one of their tags is ours, by the
    /// weak comparison, or `*` stands alone (RFC 9110 §13.1.2). Without such a header it is not.
    ///
    /// A header that cannot be read matches only by the tags before its fault: the worst that follows is a body too many.
    ///
    /// # Example
    /// ```
    /// # use session_runtime::{KeyRing, jwt::{EdDsa, Jwt}};
    /// let set = KeyRing::<Jwt<EdDsa>>::generate()?.jwks_document();
    /// assert!(!set.not_modified(None));
    /// assert!(set.not_modified(["*"]));
    /// assert!(set.not_modified([format!("\"another, with a comma\", W/{}", set.etag()).as_str()]));
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    pub fn not_modified<'h>(&self, if_none_match: impl IntoIterator<Item = &'h str>) -> bool {
        if_none_match.into_iter().any(|header| matches(header, &self.etag))
    }
}

/// Writes the body.
impl fmt::Display for Representation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.body)
    }
}

/// `header` is the text of one field line, `etag` a tag with its quotes.
fn matches(header: &str, etag: &str) -> bool {
    let space = [' ', '\t'];
    let mut rest = header.trim_matches(space);
    if rest == "*" {
        return true;
    }
    // A tag may hold commas, so the list cannot be split at them.
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        // The weak comparison leaves out whether a tag is weak (RFC 9110 §8.8.3.2).
        let Some(opaque) = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"') else { return false };
        let Some((tag, after)) = opaque.split_once('"') else { return false };
        if etag.strip_prefix('"').and_then(|etag| etag.strip_suffix('"')) == Some(tag) {
            return true;
        }
        rest = after.trim_start_matches(space);
        if !rest.starts_with(',') {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_none_match() {
        #[track_caller]
        fn check(header: &str, want: bool) {
            assert_eq!(matches(header, "\"abc\""), want, "{header}");
        }
        for same in [
            "\"abc\"",
            "W/\"abc\"",
            " \"abc\" ",
            "\"x\", \"abc\"",
            "\"x\",\"abc\"",
            ", ,\"x\" ,\tW/\"abc\", \"y\"",
            "*",
            " * ",
            "\"a,b\", \"abc\"",
        ] {
            check(same, true);
        }
        for other in
            ["", "\"ABC\"", "\"ab\"", "abc", "\"abc", "w/\"abc\"", "\"x\" \"abc\"", "\"x,\"abc\"", "\"*\"", "*, \"x\"", "\"a\"bc\"", ",,,"]
        {
            check(other, false);
        }
    }

    #[test]
    fn tag_and_age_follow_from_the_content() {
        let document = |body: &str, age| Representation::new(body.to_owned(), "application/json", Duration::from_millis(age));
        assert_eq!(document("{}", 0).etag(), "\"RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o\"");
        assert_eq!(document("{}", 60_000).etag(), document("{}", 0).etag());
        assert_ne!(document("{ }", 0).etag(), document("{}", 0).etag());
        assert_eq!(document("{}", 999).cache_control(), "no-cache");
        assert_eq!(document("{}", 1_999).cache_control(), "public, max-age=1");
        assert_eq!(document("{}", 1_999).max_age(), Duration::from_secs(1));
    }
}
