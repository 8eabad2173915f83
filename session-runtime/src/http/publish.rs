//! A published document as a response: its headers, and whether the reader has it already.

use ::http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, IF_NONE_MATCH},
};

use crate::keyring::Representation;

/// The answer to a GET of this document: 200 with the body, or 304 without it for a reader that shows its tag (RFC 9110 §13.1.2). Both
/// have `Cache-Control` and `ETag`.
///
/// # Example
/// ```
/// use http::{HeaderMap, Response};
/// use session_runtime::{KeyRing, http::publish, jwt::{EdDsa, Jwt}};
///
/// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// let mut headers = HeaderMap::new();
/// let first: Response<String> = publish(ring.jwks_document(), &headers);
/// assert_eq!(first.status(), 200);
///
/// headers.insert("if-none-match", first.headers()["etag"].clone());
/// let again: Response<String> = publish(ring.jwks_document(), &headers);
/// assert_eq!((again.status().as_u16(), again.body().as_str()), (304, ""));
/// # Ok::<(), session_runtime::error::KeyError>(())
/// ```
pub fn publish<B: From<String> + Default>(document: Representation, request: &HeaderMap) -> Response<B> {
    let shown = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let same = document.not_modified(shown);
    let mut response = Response::new(B::default());
    for (name, value) in document.headers() {
        // A 304 has no content, so it names no type (RFC 9110 §15.4.5); every value is a header's text, since we made it.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
            && !(same && name == CONTENT_TYPE)
        {
            response.headers_mut().insert(name, value);
        }
    }
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = B::from(document.into_body());
    }
    response
}
