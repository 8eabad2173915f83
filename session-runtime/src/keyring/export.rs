//! Keys on their way out: private and secret ones in PEM, DER and JWK.

use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    import::Key,
    secret::{SecretBytes, SecretText},
};
use crate::{
    crypto::{JwkOpening, JwkSealing, PemPair, SealingHalf, Thumbprint, ThumbprintHash},
    error::{KeyError, KeyRule},
    format::{Format, JwkKeys, PemKeys},
    ids::KeyId,
};

/// # Exports
impl<F: Format> Key<F> {
    /// The key's name.
    pub fn id(&self) -> Option<&KeyId> {
        self.id.as_ref()
    }
}

impl<F: PemKeys> Key<F> {
    /// Writes the private key as PEM text (PKCS#8, RFC 7468 §10). PEM has no place for the key's name.
    ///
    /// # Errors
    /// None for a key that was read; [`KeyError::Refused`] stands for a failure of the writer.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{error::KeyError, jwt::{Es256, Jwt}, keyring::Key};
    ///
    /// let key = Key::<Jwt<Es256>>::generate()?;
    /// let pem = key.to_pem()?;
    /// assert!(pem.expose().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    /// let same = Key::<Jwt<Es256>>::from_pem(pem.expose())?;
    /// assert_eq!(same.public_key().to_der()?, key.public_key().to_der()?);
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn to_pem(&self) -> Result<SecretText, KeyError> {
        self.sealing.to_pem().map(SecretText::from).map_err(|rule| refused(&self.id, rule))
    }

    /// Writes the private key as DER bytes (PKCS#8, RFC 5958).
    pub fn to_der(&self) -> SecretBytes {
        self.sealing.to_pkcs8().into()
    }
}

impl<F: JwkKeys> Key<F> {
    /// Writes the private or secret key as a JWK (RFC 7517), with `alg`, `use` and its name as `kid`.
    ///
    /// # Errors
    /// None for a key that was read; [`KeyError::Refused`] stands for a failure of the writer.
    ///
    /// # Example
    /// ```
    /// use session_runtime::{jwt::{Hs256, Jwt}, keyring::Key};
    ///
    /// let key = Key::<Jwt<Hs256>>::generate()?;
    /// let same = Key::<Jwt<Hs256>>::from_jwk(key.to_jwk()?.expose())?;
    /// assert_eq!(same.id(), key.id());
    /// # Ok::<(), session_runtime::error::KeyError>(())
    /// ```
    pub fn to_jwk(&self) -> Result<SecretText, KeyError> {
        let mut members = self.sealing.private_members().map_err(|rule| refused(&self.id, rule))?;
        for (name, value) in [("alg", F::NAME), ("use", "sig")] {
            // A key of type AKP has its `alg` already (RFC 9964 §3).
            if !members.iter().any(|(known, _)| *known == name) {
                members.push((name, Zeroizing::new(value.to_owned())));
            }
        }
        // The only value that may need escapes; the others are base64url and names of ours.
        let id = self.id.as_ref().map(|id| Value::from(id.as_str()).to_string()).unwrap_or_default();
        // In one piece, since a text that grows leaves copies behind that nobody wipes.
        let length = members.iter().map(|(name, value)| name.len().saturating_add(value.len()).saturating_add(6)).sum::<usize>();
        let mut text = Zeroizing::new(String::with_capacity(length.saturating_add(id.len()).saturating_add(16)));
        for (name, value) in &members {
            let before = if text.is_empty() { "{\"" } else { ",\"" };
            [before, name, "\":\"", value, "\""].into_iter().for_each(|piece| text.push_str(piece));
        }
        if !id.is_empty() {
            [",\"kid\":", &id].into_iter().for_each(|piece| text.push_str(piece));
        }
        text.push('}');
        Ok(text.into())
    }

    /// The thumbprint of the key (RFC 7638); of a pair, that of its public half.
    ///
    /// Of a secret it is a hash of the secret: do not show it where the secret may be anything but random bytes, since it can be guessed
    /// (RFC 7638 §7). [`KeyRing`](crate::KeyRing) names its keys by random ids for that reason.
    pub fn thumbprint(&self, hash: ThumbprintHash) -> Thumbprint {
        self.sealing.opening().thumbprint(hash)
    }
}

pub(super) fn refused(id: &Option<KeyId>, rule: KeyRule) -> KeyError {
    KeyError::Refused { key_id: id.clone(), rule }
}
