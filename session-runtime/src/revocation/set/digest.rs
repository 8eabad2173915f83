//! The keys of the set: texts on their way to 128 bits that nobody outside the process can foresee.

use std::hash::Hasher as _;

use siphasher::sip128::SipHasher13;

use crate::revocation::target::{Kind, Target};

/// Makes the keys of the set.
///
/// The key is random for each process: whoever can pick subjects or token ids (a sign-up form is enough) can otherwise search for two
/// that collide, and be logged out with, or instead of, somebody else.
///
/// One round a word and three at the end (SipHash-1-3) are enough. Digests never leave the process, the key lives no longer than it, and
/// without the key no way to find texts that collide is known that is better than guessing; the standard library's maps
/// trust it against the same attacker.
#[derive(Clone)]
pub(in crate::revocation) struct Digester {
    keyed: SipHasher13,
}

impl Digester {
    pub(in crate::revocation) fn new(key: [u8; 16]) -> Self {
        Self { keyed: SipHasher13::new_with_key(&key) }
    }

    pub(in crate::revocation) fn of(&self, target: &Target) -> u128 {
        self.within(target.issuer()).digest(target.kind(), target.name())
    }

    /// Reads the issuer, once for all that is looked up within it.
    ///
    /// Length, issuer, kind and name each begin with a word of eight bytes, and the length says which word the kind is. So no two targets
    /// are the same bytes, whatever is in their texts, and the name is read by words too.
    #[inline]
    pub(in crate::revocation) fn within(&self, issuer: &str) -> Within {
        let mut hasher = self.keyed;
        hasher.write_u64(u64::try_from(issuer.len()).unwrap_or(u64::MAX));
        let (words, rest) = issuer.as_bytes().as_chunks();
        for word in words {
            hasher.write_u64(u64::from_le_bytes(*word));
        }
        // Filled with zeros, and there even where nothing is left over.
        let last = rest.iter().rfold(0, |last, byte| (last << 8) | u64::from(*byte));
        hasher.write_u64(last);
        Within(hasher)
    }
}

/// Makes the keys of one issuer's tokens and subjects.
pub(in crate::revocation) struct Within(SipHasher13);

impl Within {
    #[inline]
    pub(in crate::revocation) fn digest(&self, kind: Kind, name: &str) -> u128 {
        let mut hasher = self.0;
        hasher.write_u64(kind.tag().into());
        // The name comes last and needs no length, because SipHash has one of its own for the whole.
        hasher.hash(name.as_bytes()).as_u128()
    }
}
