//! Version 3 of PASETO.

use super::{LocalVersion, PublicVersion};
use crate::{
    crypto::{EcPair, EcPoint, P384, V3LocalKey},
    format::sealed::Sealed,
};

/// Version 3: the algorithms of NIST, ECDSA on P-384, AES-256 and SHA-384, for those who have to use them.
#[derive(Debug, Clone, Copy)]
pub enum V3 {}

impl Sealed for V3 {}

impl LocalVersion for V3 {
    type LocalKey = V3LocalKey;
    const LOCAL: &'static str = "v3.local";
    const LOCAL_HEADER: &'static str = "v3.local.";

    fn local_key_id(key: &V3LocalKey) -> String {
        key.paserk_id()
    }
}

impl PublicVersion for V3 {
    type Pair = EcPair<P384>;
    type Point = EcPoint<P384>;
    const PUBLIC: &'static str = "v3.public";
    const PUBLIC_HEADER: &'static str = "v3.public.";
    const SIGNATURE: usize = 96;

    fn public_key_id(point: &EcPoint<P384>) -> String {
        point.paserk_id()
    }

    /// Two keys can be found under which one ECDSA signature of one message is good; that the key is signed too tells them apart.
    fn signed_point(point: &EcPoint<P384>) -> Option<[u8; 49]> {
        Some(point.compressed())
    }

    fn point(pair: &EcPair<P384>) -> &EcPoint<P384> {
        pair.point()
    }
}
