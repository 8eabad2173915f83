//! What the forger of bad tokens may see of an issuer: how it seals, and how its type reads. Only with the feature `testing`.
//!
//! Nothing here weakens anything: whoever holds an issuer can sign what its claims type allows, and a test can sign anything with the
//! ring that it built the issuer on.

use std::sync::Arc;

use super::Issuer;
use crate::{
    claims::{
        Claims, ClaimsType,
        policy::Policy,
        reader::{self, Reading, Registered},
    },
    error::ClaimErrors,
    format::{Binding, Envelope, Format, OpenError, Parts, Scratch},
    ids::KeyId,
    keyring::Material,
    time::Timestamp,
};

/// How one issuer seals at one moment.
pub(crate) struct Tools<F: Format> {
    pub(crate) policy: Arc<Policy>,
    pub(crate) length: usize,
    pub(crate) revocable: bool,
    pub(crate) binding: Binding,
    pub(crate) key_id: Option<KeyId>,
    /// Whether every key of the ring has a name, so that a token has to name one.
    pub(crate) named: bool,
    pub(crate) material: Arc<Material<F>>,
}

impl<C: ClaimsType, F: Format> Issuer<C, F> {
    /// The moment at which this issuer issues.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.wall()
    }

    /// `None` when no key can sign.
    pub(crate) fn tools(&self, now: Timestamp) -> Option<Tools<F>> {
        let (key_id, material, named) = self.ring.elected(now)?;
        Some(Tools {
            policy: Arc::clone(&self.policy),
            length: self.length,
            revocable: self.revocations.is_some(),
            binding: self.ring.binding().clone(),
            key_id,
            named,
            material,
        })
    }
}

impl<F: Format> Tools<F> {
    /// What the issuer writes around a payload.
    pub(crate) fn envelope(&self) -> Envelope {
        F::envelope(self.key_id.as_ref(), &self.binding)
    }

    /// The payload of a token that the issuer has just made.
    pub(crate) fn payload(&self, token: &str) -> Option<Vec<u8>> {
        let mut scratch = Scratch::default();
        let parts = Parts::split(token, self.length).ok()?;
        let opened: Result<(), OpenError> = F::open(self.material.opening.as_ref()?, &parts, &self.envelope(), None, &mut scratch);
        opened.ok().map(|()| scratch.payload.clone())
    }

    /// What a claims type finds wrong with a payload by itself, without the policy; `None` when it is not strict JSON.
    pub(crate) fn faults<C: ClaimsType>(&self, payload: &str) -> Option<ClaimErrors> {
        /// The same with the lifetime of the text.
        fn faults<'t, D: Claims<'t>>(payload: &'t str, reading: &Reading<'_>) -> Option<ClaimErrors> {
            let (mut registered, mut slots, mut errors) = (Registered::default(), D::slots(), ClaimErrors::default());
            reader::read::<D>(payload, reading, &mut registered, &mut slots, &mut errors).ok()?;
            D::build(slots, &mut errors);
            Some(errors)
        }
        let reading = Reading { schema: C::SCHEMA, expected: &self.policy.expected, times: F::TIMES, limits: self.policy.json };
        faults::<C::At<'_>>(payload, &reading)
    }
}
