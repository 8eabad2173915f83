//! Strict base64url without padding, for keys: one spelling a value, no white space.

use base64_simd::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// The bytes, or `None` when the text is not the one spelling of any bytes.
pub(super) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok().map(Zeroizing::new)
}

/// The text.
pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The length of so many bytes.
pub(super) fn encoded_length(bytes: usize) -> usize {
    URL_SAFE_NO_PAD.encoded_length(bytes)
}
