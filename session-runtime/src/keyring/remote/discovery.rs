//! Where an issuer's keys are, read from what it says about itself (OpenID Connect Discovery 1.0 §4, RFC 8414 §3).

use serde::Deserialize;

use super::fetch::{Fetcher, Settings};
use crate::{
    error::{AddressError, AddressRule, DiscoveryFault, FetchFault, RemoteError},
    keyring::address::{self, Query},
};

/// What of the metadata matters here. Every other member is passed over; one of these twice is an error.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Option<String>,
}

/// Asks the issuer for the address of its key set, once.
pub(super) async fn discover(issuer: &str, settings: &Settings) -> Result<Fetcher, RemoteError> {
    let checked = address::check("issuer", issuer, Query::Refused)?;
    // OpenID Connect Discovery 1.0 §4.1: a slash at the end is left out before the path is added.
    let document = format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer));
    let answer = Fetcher::new("issuer", &document, settings)?.fetch(None).await.map_err(|fault| match fault {
        FetchFault::NotASet => DiscoveryFault::NotMetadata,
        fault => DiscoveryFault::Fetch(fault),
    })?;
    // serde would read a list of two texts as well.
    let object = answer.body.filter(|body| body.trim_start().starts_with('{'));
    let metadata: Metadata = object.and_then(|body| serde_json::from_str(&body).ok()).ok_or(DiscoveryFault::NotMetadata)?;
    // §4.3: exactly, letter by letter. Whoever can make us read another's document would speak for this issuer with that one's keys.
    if metadata.issuer != issuer {
        return Err(DiscoveryFault::OtherIssuer.into());
    }
    let url = metadata.jwks_uri.ok_or(DiscoveryFault::NoKeySet)?;
    // This machine itself is a place for tests. An issuer elsewhere must not send us there.
    if checked.https && !url.starts_with("https://") {
        return Err(AddressError { setting: "jwks_uri", rule: AddressRule::NotHttps }.into());
    }
    Fetcher::new("jwks_uri", &url, settings)
}
