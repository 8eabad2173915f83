//! What differs per deployment: [`IssuerBuilder`] and [`VerifierBuilder`]. Everything else stands on the claims type.

use crate::{error::ConfigError, limits};

/// What both can be told.
macro_rules! settings {
    ($name:ident) => {
        /// Who issues, in place of what the claims type says.
        #[must_use]
        pub fn issuer(mut self, issuer: impl Into<Arc<str>>) -> Self {
            self.overrides.issuer = Some(Some(issuer.into()));
            self
        }

        /// For whom, in place of what the claims type says: the audiences of a new token, or those of which one is enough.
        #[must_use]
        pub fn audience<S: Into<Box<str>>>(mut self, audience: impl IntoIterator<Item = S>) -> Self {
            self.overrides.audience = Some(Some(audience.into_iter().map(Into::into).collect()));
            self
        }

        /// How much JSON a payload may hold, for issuer and verifier alike; [`JsonLimits::DEFAULT`] unless it is set.
        #[must_use]
        pub fn json_limits(mut self, limits: JsonLimits) -> Self {
            self.overrides.json = Some(limits);
            self
        }

        /// The longest token, in bytes, up to 64 KiB; 8 KiB unless it is set. An issuer and its verifiers need the same.
        #[must_use]
        pub fn max_length(mut self, length: usize) -> Self {
            self.length = length;
            self
        }

        /// The clock, in place of the ring's.
        #[must_use]
        pub fn clock(mut self, clock: impl Clock) -> Self {
            self.clock = Some(Arc::new(clock));
            self
        }
    };
}

mod issuer;
mod verifier;

pub use issuer::{IssuerBuilder, SigningKeys};
pub use verifier::VerifierBuilder;

fn permit(length: usize) -> Result<(), ConfigError> {
    let cap = limits::TOKEN_LENGTH_CAP;
    if (1..=cap).contains(&length) { Ok(()) } else { Err(ConfigError::TokenLength { found: length, cap }) }
}
