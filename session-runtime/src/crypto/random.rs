//! Random bytes from the system's source. There is no fallback: CVE-2025-66630 was a fallback to zeros.

use std::cell::RefCell;

use crate::error::KeyError;

/// Fills a key, a nonce or a name, from the kernel.
///
/// Never from a pool of ours: after a `fork`, or in two machines resumed from one image, a pool says the same twice, and a nonce that
/// comes twice gives claims away. The kernel seeds itself anew on both (`vmgenid`), and for so few bytes it is also faster than
/// aws-lc's generator (`docs/performance.md`).
pub fn fill(buffer: &mut [u8]) -> Result<(), KeyError> {
    getrandom::fill(buffer).map_err(|_| KeyError::NoRandomness)
}

/// An array of random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// The random bits of one token id.
///
/// Drawn for many ids at once: a draw costs about as much as the HMAC of a token, whatever its length (`docs/performance.md`). A
/// generator of our own or `rand`'s would be as fast; but after a `fork`, or in two machines resumed from one image, it repeats
/// itself for ever, and here at most the ids repeat that were left (docs/performance.md). So this is for names and never for keys and
/// nonces.
pub fn id() -> Result<[u8; 16], KeyError> {
    IDS.with_borrow_mut(|ids| {
        if ids.left == 0 {
            // For half a kilobyte aws-lc's generator takes less than half as long as the kernel.
            aws_lc_rs::rand::fill(ids.drawn.as_flattened_mut()).map_err(|_| KeyError::NoRandomness)?;
            ids.left = DRAWN;
        }
        ids.left = ids.left.saturating_sub(1);
        ids.drawn.get_mut(ids.left).map(std::mem::take).ok_or(KeyError::NoRandomness)
    })
}

/// Ids of one draw.
const DRAWN: usize = 32;

struct Ids {
    drawn: [[u8; 16]; DRAWN],
    left: usize,
}

thread_local! {
    static IDS: RefCell<Ids> = const { RefCell::new(Ids { drawn: [[0; 16]; DRAWN], left: 0 }) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_comes_twice() {
        let draw = || (0..10 * DRAWN).map(|_| id().unwrap()).collect::<Vec<_>>();
        let mut ids = draw();
        ids.extend(std::thread::spawn(draw).join().unwrap());
        ids.push([0; 16]);
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }
}
