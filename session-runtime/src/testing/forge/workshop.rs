//! Where bad tokens are made: a good one, its parts, and how the issuer seals.

use std::time::Duration;

use serde_json::Value;

use super::{Answer, Bad, BadToken, Payload, payload};
use crate::{
    claims::TimeEncoding,
    error::{IssueError, KeyError},
    format::{Binding, Envelope, Format, Parts, Scratch, decode, encode},
    ids::KeyId,
    lifecycle::Tools,
    testing::rings::{FixedKeys, Owner},
    time::Timestamp,
};

/// Everything that bad tokens are made of, and those that are made.
pub(super) struct Workshop<F: Format> {
    pub(super) tools: Tools<F>,
    /// A good token, and its payload as bytes and as members.
    pub(super) token: String,
    pub(super) bytes: Vec<u8>,
    pub(super) payload: Payload,
    pub(super) now: Timestamp,
    pub(super) leeway: Duration,
    pub(super) made: Vec<BadToken>,
}

impl<F: FixedKeys> Workshop<F> {
    /// Keeps a bad token. One that is longer than any verifier reads has two things wrong, and is left out.
    pub(super) fn add(&mut self, bad: Bad, claim: Option<&'static str>, answer: Answer, token: String) {
        if token.len() <= self.tools.length || bad == Bad::TooLong {
            self.made.push(BadToken { bad, claim, answer, token });
        }
    }

    /// Seals a payload as the issuer would.
    pub(super) fn seal(&self, payload: &[u8]) -> Result<String, IssueError> {
        self.seal_in(payload, &self.tools.envelope())
    }

    /// Seals a payload under another header, footer or assertion.
    pub(super) fn seal_in(&self, payload: &[u8], envelope: &Envelope) -> Result<String, IssueError> {
        seal_with::<F>(self.tools.material.sealing.as_ref(), payload, envelope)
    }

    /// Seals the good payload under what another binding and key id make.
    pub(super) fn seal_bound(&self, key_id: Option<&KeyId>, binding: &Binding) -> Result<String, IssueError> {
        self.seal_in(&self.bytes, &F::envelope(key_id, binding))
    }

    /// Seals the good payload with somebody else's key under our name.
    pub(super) fn seal_with_another_key(&self) -> Result<String, IssueError> {
        let envelope = self.tools.envelope();
        for owner in [Owner::Other, Owner::Us] {
            let token = seal_with::<F>(Some(&F::key(owner)?.sealing), &self.bytes, &envelope)?;
            // An issuer on the ring of one of the owners.
            if self.tools.payload(&token).is_none() {
                return Ok(token);
            }
        }
        Err(KeyError::SealFailed.into())
    }

    /// A time in the format's encoding.
    pub(super) fn time(&self, at: Timestamp) -> String {
        match F::TIMES {
            TimeEncoding::NumericDate => at.as_unix().to_string(),
            TimeEncoding::Rfc3339 => payload::quoted(&at.to_string()),
        }
    }

    pub(super) fn is_paseto(&self) -> bool {
        matches!(Parts::split(&self.token, self.tools.length), Ok(Parts::Paseto { .. }))
    }
}

fn seal_with<F: Format>(key: Option<&F::Sealing>, payload: &[u8], envelope: &Envelope) -> Result<String, IssueError> {
    let mut scratch = Scratch::default();
    scratch.confidential = F::ENCRYPTED;
    scratch.payload.extend_from_slice(payload);
    Ok(F::seal(key.ok_or(KeyError::SealFailed)?, envelope, &mut scratch)?)
}

pub(super) fn base64(bytes: impl AsRef<[u8]>) -> String {
    let mut text = String::new();
    encode(bytes.as_ref(), &mut text);
    text
}

pub(super) fn unbase64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Only parts of our own good token come here.
    let _ = decode(text, &mut bytes);
    bytes
}

/// The members of a header or footer of our own; an empty footer has none.
pub(super) fn object(text: &str) -> serde_json::Map<String, Value> {
    serde_json::from_slice(&unbase64(text)).unwrap_or_default()
}
