//! What an issuer says about itself, so that others find its keys: OpenID Provider Metadata.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use super::{
    address::{self, Query},
    representation::Representation,
    source::Keys,
};
use crate::{
    error::AddressError,
    format::{Format, Published},
};

/// OpenID Provider Metadata (OpenID Connect Discovery 1.0 §3), which is also Authorization Server Metadata (RFC 8414 §2): the document
/// behind `/.well-known/openid-configuration` that tells others where an issuer's keys are.
///
/// What an issuer needs that only signs tokens stands in it: `issuer`, `jwks_uri`, `response_types_supported`,
/// `subject_types_supported` and `id_token_signing_alg_values_supported`, as Kubernetes publishes it for the tokens of its service
/// accounts. An OpenID provider that logs people in adds its endpoints, and has to sign with RS256 among others (§3).
///
/// # Example
/// ```
/// use std::time::Duration;
/// use session_runtime::{KeyRing, jwt::{EdDsa, Jwt}, keyring::ProviderMetadata};
///
/// let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
/// let provider = ProviderMetadata::builder("https://id.example/eu", "https://id.example/eu/keys").signed_by(&ring).build()?;
/// // Serve the document here (OpenID Connect Discovery 1.0 §4.1) …
/// assert_eq!(provider.openid_path(), "/eu/.well-known/openid-configuration");
/// // … or here (RFC 8414 §3.1).
/// assert_eq!(provider.oauth_path(), "/.well-known/oauth-authorization-server/eu");
///
/// let document = provider.document(Duration::from_secs(3_600));
/// assert_eq!(document.content_type(), "application/json");
/// assert_eq!(
///     document.body(),
///     r#"{"id_token_signing_alg_values_supported":["EdDSA"],"issuer":"https://id.example/eu","jwks_uri":"https://id.example/eu/keys","response_types_supported":["id_token"],"subject_types_supported":["public"]}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderMetadata {
    path: String,
    body: String,
}

/// Settings of [`ProviderMetadata`].
#[derive(Debug, Clone)]
pub struct ProviderMetadataBuilder {
    issuer: String,
    jwks_uri: String,
    /// Sorted, so that the same issuer is the same text whatever was said first.
    algorithms: BTreeSet<&'static str>,
    response_types: BTreeSet<String>,
    subject_types: BTreeSet<String>,
    endpoints: Vec<(&'static str, String)>,
}

impl ProviderMetadata {
    /// The document of `issuer`, exactly as it stands in `iss` of its tokens, whose keys are at `jwks_uri`.
    pub fn builder(issuer: impl Into<String>, jwks_uri: impl Into<String>) -> ProviderMetadataBuilder {
        ProviderMetadataBuilder {
            issuer: issuer.into(),
            jwks_uri: jwks_uri.into(),
            algorithms: BTreeSet::new(),
            response_types: BTreeSet::new(),
            subject_types: BTreeSet::new(),
            endpoints: Vec::new(),
        }
    }

    /// The document as HTTP serves it, which others may keep for so long. An issuer's addresses hardly ever change, and its keys stand
    /// in another document; an hour is usual.
    pub fn document(&self, max_age: Duration) -> Representation {
        Representation::new(self.body.clone(), "application/json", max_age)
    }

    /// The path of the document on the issuer's host by OpenID Connect Discovery 1.0 §4.1: after the issuer's own.
    pub fn openid_path(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.path)
    }

    /// The path of the document on the issuer's host by RFC 8414 §3.1: before the issuer's own.
    pub fn oauth_path(&self) -> String {
        format!("/.well-known/oauth-authorization-server{}", self.path)
    }
}

impl ProviderMetadataBuilder {
    /// Names the algorithm of this ring in `id_token_signing_alg_values_supported`. Call it for each ring whose keys are at `jwks_uri`.
    #[must_use]
    pub fn signed_by<K: Keys<Format: Published>>(mut self, _ring: &K) -> Self {
        self.algorithms.insert(K::Format::NAME);
        self
    }

    /// `response_types_supported`; `id_token` unless it is said.
    #[must_use]
    pub fn response_types<S: Into<String>>(mut self, types: impl IntoIterator<Item = S>) -> Self {
        self.response_types.extend(types.into_iter().map(Into::into));
        self
    }

    /// `subject_types_supported`; `public` unless it is said.
    #[must_use]
    pub fn subject_types<S: Into<String>>(mut self, types: impl IntoIterator<Item = S>) -> Self {
        self.subject_types.extend(types.into_iter().map(Into::into));
        self
    }

    /// `authorization_endpoint`, which a provider that logs people in has to have.
    #[must_use]
    pub fn authorization_endpoint(self, url: impl Into<String>) -> Self {
        self.endpoint("authorization_endpoint", url.into())
    }

    /// `token_endpoint`, which every provider has to have that knows more than the implicit flow.
    #[must_use]
    pub fn token_endpoint(self, url: impl Into<String>) -> Self {
        self.endpoint("token_endpoint", url.into())
    }

    /// `userinfo_endpoint`.
    #[must_use]
    pub fn userinfo_endpoint(self, url: impl Into<String>) -> Self {
        self.endpoint("userinfo_endpoint", url.into())
    }

    fn endpoint(mut self, name: &'static str, url: String) -> Self {
        self.endpoints.retain(|(other, _)| *other != name);
        self.endpoints.push((name, url));
        self
    }

    /// Checks every address. An issuer is `https` without query and fragment (OpenID Connect Discovery 1.0 §3, RFC 8414 §2); every
    /// address is `https`, or `http` to this machine itself.
    ///
    /// # Errors
    /// [`AddressError`] naming the address and the rule that it breaks.
    ///
    /// # Example
    /// ```
    /// use session_runtime::keyring::ProviderMetadata;
    ///
    /// let error = ProviderMetadata::builder("https://id.example?tenant=a", "https://id.example/keys").build().unwrap_err();
    /// assert_eq!(error.to_string(), "the address `issuer` has a query");
    /// ```
    pub fn build(self) -> Result<ProviderMetadata, AddressError> {
        let issuer = address::check("issuer", &self.issuer, Query::Refused)?;
        // OpenID Connect Discovery 1.0 §4.1 and RFC 8414 §3.1: a slash at the end is left out of the document's path.
        let path = issuer.path.strip_suffix('/').unwrap_or(issuer.path).to_owned();
        address::check("jwks_uri", &self.jwks_uri, Query::Allowed)?;
        for (name, url) in &self.endpoints {
            address::check(name, url, Query::Allowed)?;
        }
        let or = |said: BTreeSet<String>, otherwise: &str| if said.is_empty() { BTreeSet::from([otherwise.to_owned()]) } else { said };
        let mut members = vec![
            ("issuer", Value::String(self.issuer)),
            ("jwks_uri", Value::String(self.jwks_uri)),
            ("id_token_signing_alg_values_supported", json!(self.algorithms)),
            ("response_types_supported", json!(or(self.response_types, "id_token"))),
            ("subject_types_supported", json!(or(self.subject_types, "public"))),
        ];
        members.extend(self.endpoints.into_iter().map(|(name, url)| (name, Value::String(url))));
        // By name, so that every node writes the same text, whatever order the JSON library of the user's build keeps.
        members.sort_by_key(|(name, _)| *name);
        let members: Vec<String> = members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        Ok(ProviderMetadata { path, body: format!("{{{}}}", members.join(",")) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::AddressRule,
        jwt::{Es256, Jwt, Rs256},
        keyring::PublicKeys,
    };

    #[test]
    fn addresses_are_checked_by_name() {
        #[track_caller]
        fn check(change: impl FnOnce(ProviderMetadataBuilder) -> ProviderMetadataBuilder, want: Result<(), (&str, AddressRule)>) {
            let built = change(ProviderMetadata::builder("https://id.example", "https://id.example/keys?v=1")).build();
            assert_eq!(built.map(|_| ()).map_err(|error| (error.setting, error.rule)), want);
        }
        check(|builder| builder, Ok(()));
        check(|builder| builder.token_endpoint("http://id.example/token"), Err(("token_endpoint", AddressRule::NotHttps)));
        check(|builder| builder.authorization_endpoint("/login"), Err(("authorization_endpoint", AddressRule::NotUrl)));
        check(|builder| builder.userinfo_endpoint("https://a@id.example"), Err(("userinfo_endpoint", AddressRule::Credentials)));
        check(|builder| builder.token_endpoint("nonsense").token_endpoint("https://id.example/token"), Ok(()));
        check(|_| ProviderMetadata::builder("http://localhost:8080/", "http://127.0.0.1:8080/keys"), Ok(()));
        check(|_| ProviderMetadata::builder("http://id.example", "https://id.example/keys"), Err(("issuer", AddressRule::NotHttps)));
        check(|_| ProviderMetadata::builder("https://id.example/#a", "https://id.example/keys"), Err(("issuer", AddressRule::Fragment)));
        check(|_| ProviderMetadata::builder("https://id.example", "http://id.example/keys"), Err(("jwks_uri", AddressRule::NotHttps)));
    }

    #[test]
    fn the_same_issuer_is_the_same_text() {
        let es = PublicKeys::<Jwt<Es256>>::from_keys([]).unwrap();
        let rs = PublicKeys::<Jwt<Rs256>>::from_keys([]).unwrap();
        let builder = || ProviderMetadata::builder("https://id.example/", "https://id.example/keys");
        let one = builder().signed_by(&es).signed_by(&rs).signed_by(&es).response_types(["code", "id_token"]).build().unwrap();
        let other = builder().response_types(["id_token"]).response_types(["code"]).signed_by(&rs).signed_by(&es).build().unwrap();
        assert_eq!(one, other);
        let said: Value = serde_json::from_str(one.document(Duration::ZERO).body()).unwrap();
        assert_eq!(said["id_token_signing_alg_values_supported"], json!(["ES256", "RS256"]));
        assert_eq!(said["response_types_supported"], json!(["code", "id_token"]));
        assert_eq!(said["issuer"], "https://id.example/", "as it stands in `iss`, with its slash");
        assert_eq!(one.openid_path(), "/.well-known/openid-configuration");
        assert_eq!(one.oauth_path(), "/.well-known/oauth-authorization-server");
    }
}
