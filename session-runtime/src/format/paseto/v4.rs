//! Version 4 of PASETO.

use super::{LocalVersion, PublicVersion};
use crate::{
    crypto::{Ed25519Pair, Ed25519Point, V4LocalKey},
    format::sealed::Sealed,
};

/// Version 4: Ed25519, XChaCha20 and BLAKE2b. The one to take unless a rule asks for the other.
#[derive(Debug, Clone, Copy)]
pub enum V4 {}

impl Sealed for V4 {}

impl LocalVersion for V4 {
    type LocalKey = V4LocalKey;
    const LOCAL: &'static str = "v4.local";
    const LOCAL_HEADER: &'static str = "v4.local.";

    fn local_key_id(key: &V4LocalKey) -> String {
        key.paserk_id()
    }
}

impl PublicVersion for V4 {
    type Pair = Ed25519Pair;
    type Point = Ed25519Point;
    const PUBLIC: &'static str = "v4.public";
    const PUBLIC_HEADER: &'static str = "v4.public.";
    const SIGNATURE: usize = 64;

    fn public_key_id(point: &Ed25519Point) -> String {
        point.paserk_id()
    }

    fn signed_point(_: &Ed25519Point) -> Option<[u8; 49]> {
        None
    }

    fn point(pair: &Ed25519Pair) -> &Ed25519Point {
        pair.point()
    }
}
