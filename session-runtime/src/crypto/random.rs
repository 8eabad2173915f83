//! Random bytes from the system's source. There is no fallback: CVE-2025-66630 was a fallback to zeros.

use crate::error::KeyError;

/// Fills a buffer.
pub fn fill(buffer: &mut [u8]) -> Result<(), KeyError> {
    aws_lc_rs::rand::fill(buffer).map_err(|_| KeyError::NoRandomness)
}

/// An array of random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}
