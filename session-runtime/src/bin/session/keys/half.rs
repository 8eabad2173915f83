//! What can be told of one key, and its texts: the public ones, and by name the private one.

use clap::ValueEnum;
use serde_json::{Value, json};
use session_runtime::{
    Format, KeyId, KeyRing,
    error::KeyError,
    jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Jwt, MlDsa44, MlDsa65, MlDsa87, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512},
    keyring::{Jwks, Key, PublicKey, SecretText, ThumbprintHash},
    paseto::{V3Local, V3Public, V4Local, V4Public},
};

use crate::failure::{Failure, Outcome};

/// In which text a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Pem,
    Jwk,
    Paserk,
    /// A JWK set of all public keys
    Jwks,
}

/// What may be shown of a key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Half {
    pub(crate) key_id: Option<String>,
    /// By RFC 7638, with SHA-256; never of a secret, since it is a hash of it.
    pub(crate) thumbprint: Option<String>,
    /// The `pid` or `lid` of PASERK.
    pub(crate) paserk_id: Option<String>,
    pub(crate) pem: Option<String>,
    pub(crate) jwk: Option<String>,
    pub(crate) paserk: Option<String>,
}

impl Half {
    pub(crate) fn text(&self, form: Form) -> Option<String> {
        match form {
            Form::Pem => self.pem.clone(),
            Form::Jwk => self.jwk.clone(),
            Form::Paserk => self.paserk.clone(),
            Form::Jwks => self.jwk.as_ref().map(|jwk| format!("{{\"keys\":[{jwk}]}}")),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let jwk = self.jwk.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        json!({ "key_id": self.key_id, "thumbprint": self.thumbprint, "paserk_id": self.paserk_id,
            "public": { "pem": self.pem, "jwk": jwk, "paserk": self.paserk } })
    }
}

/// What the families of formats do differently with one key.
pub(crate) trait Kind: Format {
    /// The text in which a private key is written unless somebody says otherwise.
    const FORM: Form;

    /// What may be shown of it.
    fn half(key: &Key<Self>) -> Half
    where
        Self: Sized;

    /// What may be shown of the keys of a ring, oldest first; of secrets nothing is public.
    fn halves(_: &KeyRing<Self>) -> Vec<Half>
    where
        Self: Sized,
    {
        Vec::new()
    }

    /// The public keys that a ring publishes; `None` where there is no such thing.
    fn jwks(_: &KeyRing<Self>) -> Option<Jwks>
    where
        Self: Sized,
    {
        None
    }

    /// What may be shown of a public key; of a secret there is no other text than its own.
    fn read_public(text: &str) -> Result<Half, KeyError>
    where
        Self: Sized,
    {
        Self::read(text).map(|key| Self::half(&key))
    }

    /// Reads a private or secret key.
    fn read(text: &str) -> Result<Key<Self>, KeyError>
    where
        Self: Sized;

    /// Writes it; `None` where its family has no such text.
    fn private(key: &Key<Self>, form: Form) -> Option<Result<SecretText, KeyError>>
    where
        Self: Sized;
}

fn id(id: Option<&KeyId>) -> Option<String> {
    id.map(|id| id.as_str().to_owned())
}

macro_rules! kinds {
    (jwt: $($algorithm:ident),*) => { $(
        impl Kind for Jwt<$algorithm> {
            const FORM: Form = Form::Pem;

            fn half(key: &Key<Self>) -> Half {
                jwt_half(&key.public_key())
            }

            fn halves(ring: &KeyRing<Self>) -> Vec<Half> {
                ring.public_keys().each().iter().map(jwt_half).collect()
            }

            fn jwks(ring: &KeyRing<Self>) -> Option<Jwks> {
                Some(ring.jwks())
            }

            fn read_public(text: &str) -> Result<Half, KeyError> {
                let key = if text.starts_with('{') { PublicKey::<Self>::from_jwk(text) } else { PublicKey::from_pem(text) };
                key.map(|key| jwt_half(&key))
            }

            fn read(text: &str) -> Result<Key<Self>, KeyError> {
                if text.starts_with('{') { Key::from_jwk(text) } else { Key::from_pem(text) }
            }

            fn private(key: &Key<Self>, form: Form) -> Option<Result<SecretText, KeyError>> {
                match form {
                    Form::Pem => Some(key.to_pem()),
                    Form::Jwk => Some(key.to_jwk()),
                    _ => None,
                }
            }
        }
    )* };
    (hmac: $($algorithm:ident),*) => { $(
        impl Kind for Jwt<$algorithm> {
            const FORM: Form = Form::Jwk;

            fn half(key: &Key<Self>) -> Half {
                Half { key_id: id(key.id()), ..Half::default() }
            }

            fn read(text: &str) -> Result<Key<Self>, KeyError> {
                Key::from_jwk(text)
            }

            fn private(key: &Key<Self>, form: Form) -> Option<Result<SecretText, KeyError>> {
                (form == Form::Jwk).then(|| key.to_jwk())
            }
        }
    )* };
    (public: $($format:ident),*) => { $(
        impl Kind for $format {
            const FORM: Form = Form::Paserk;

            fn half(key: &Key<Self>) -> Half {
                paseto_half::<Self>(&key.public_key(), key.public_key().paserk_id(), key.public_key().to_paserk())
            }

            fn halves(ring: &KeyRing<Self>) -> Vec<Half> {
                ring.public_keys().each().iter().map(|key| paseto_half(key, key.paserk_id(), key.to_paserk())).collect()
            }

            fn read_public(text: &str) -> Result<Half, KeyError> {
                let key = if text.starts_with("k") { PublicKey::<Self>::from_paserk(text) } else { PublicKey::from_pem(text) };
                key.map(|key| paseto_half(&key, key.paserk_id(), key.to_paserk()))
            }

            fn read(text: &str) -> Result<Key<Self>, KeyError> {
                if text.starts_with("k") { Key::from_paserk(text) } else { Key::from_pem(text) }
            }

            fn private(key: &Key<Self>, form: Form) -> Option<Result<SecretText, KeyError>> {
                match form {
                    Form::Pem => Some(key.to_pem()),
                    Form::Paserk => Some(key.to_paserk()),
                    _ => None,
                }
            }
        }
    )* };
    (local: $($format:ident),*) => { $(
        impl Kind for $format {
            const FORM: Form = Form::Paserk;

            fn half(key: &Key<Self>) -> Half {
                Half { key_id: id(key.id()), paserk_id: Some(key.paserk_id()), ..Half::default() }
            }

            fn read(text: &str) -> Result<Key<Self>, KeyError> {
                Key::from_paserk(text)
            }

            fn private(key: &Key<Self>, form: Form) -> Option<Result<SecretText, KeyError>> {
                (form == Form::Paserk).then(|| key.to_paserk())
            }
        }
    )* };
}
kinds!(jwt: EdDsa, Es256, Es384, Es512, Rs256, Rs384, Rs512, Ps256, Ps384, Ps512, MlDsa44, MlDsa65, MlDsa87);
kinds!(hmac: Hs256, Hs384, Hs512);
kinds!(public: V4Public, V3Public);
kinds!(local: V4Local, V3Local);

fn jwt_half<F: session_runtime::Published + session_runtime::PemKeys>(key: &PublicKey<F>) -> Half {
    Half {
        key_id: id(key.id()),
        thumbprint: Some(key.thumbprint(ThumbprintHash::Sha256).to_string()),
        pem: key.to_pem().ok(),
        jwk: Some(key.to_jwk()),
        ..Half::default()
    }
}

fn paseto_half<F: session_runtime::PemKeys>(key: &PublicKey<F>, paserk_id: String, paserk: String) -> Half {
    Half { key_id: id(key.id()), paserk_id: Some(paserk_id), pem: key.to_pem().ok(), paserk: Some(paserk), ..Half::default() }
}

/// The text of a private key, or which texts there are.
pub(crate) fn private_text<F: Kind>(key: &Key<F>, form: Form) -> Outcome<SecretText> {
    let text = F::private(key, form).ok_or_else(|| no_such_form::<F>(form))?;
    Ok(text?)
}

fn no_such_form<F: Kind>(form: Form) -> Failure {
    let form = form.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let best = F::FORM.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    Failure::usage(format_args!("a key for {} has no private text as {form}", F::NAME)).help(format_args!("write it with `--as {best}`"))
}
