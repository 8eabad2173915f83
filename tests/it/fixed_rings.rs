//! The fixed rings of `session_runtime::testing`: the same keys every time, and two that are not each other's.

use session_runtime::{
    Issuer, Verifier,
    error::VerifyError,
    testing::{FixedKeys, fixed_ring, fixed_ring_at, other_ring_at},
};

use super::support::{Access, NOON, ada, for_every_jwt, in_every_format, noon};

/// A token of one process is good in another, and was made with a key that has nothing to do with the other owner's.
fn check<F: FixedKeys>() {
    let token = Issuer::<Access, F>::new(&fixed_ring_at(noon()).unwrap()).unwrap().issue(&ada()).unwrap().token;
    let verdict = |keys| Verifier::<Access>::new(&keys).unwrap().open_at(&token, NOON).map(|claims| claims.into_claims());
    assert_eq!(verdict(fixed_ring::<F>().unwrap()), Ok(ada()), "{}", F::NAME);
    assert_eq!(verdict(other_ring_at::<F>(noon()).unwrap()), Err(VerifyError::UnknownKey), "{}", F::NAME);
}

#[test]
fn every_format_has_two_fixed_rings() {
    in_every_format!(check);
    // Those that share their key with another algorithm.
    for_every_jwt!(F => assert!(fixed_ring::<F>().is_ok() && other_ring_at::<F>(noon()).is_ok()));
}
