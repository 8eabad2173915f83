//! Tokens of others: for each provider a struct to copy, a token as it sends it, and what is refused.
//!
//! The tokens are signed here, as the providers would, with keys that everybody knows. In an application the key set comes from the
//! provider's `jwks_uri`.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program that shows things")]

mod auth0;
mod cognito;
mod entra;
mod firebase;
mod google;
mod keycloak;
mod kubernetes;
mod rfc9068;

use std::{error::Error, fmt::Debug};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;
use session_runtime::{
    Published, Timestamp, Verifier,
    claims::{Expectation, PlainClaims},
    jwt::{Es256, Jwt, Rs256},
    keyring::PublicKeys,
    testing::{FixedKeys, ManualClock, fixed_ring},
};

/// The header's `typ`.
type Typ = Option<&'static str>;

fn main() -> Result<(), Box<dyn Error>> {
    let jwt = Some("JWT");
    show::<auth0::Auth0Access, Jwt<Rs256>>("Auth0, access token", jwt, auth0::ACCESS, &[("its id token", jwt, auth0::ID)])?;
    let id = [("its id token", jwt, keycloak::ID)];
    show::<keycloak::KeycloakAccess, Jwt<Rs256>>("Keycloak, access token", jwt, keycloak::ACCESS, &id)?;
    let id = [("its id token", None, cognito::ID)];
    show::<cognito::CognitoAccess, Jwt<Rs256>>("Cognito, access token", None, cognito::ACCESS, &id)?;
    let access = [("its access token", None, cognito::ACCESS)];
    show::<cognito::CognitoId, Jwt<Rs256>>("Cognito, id token", None, cognito::ID, &access)?;
    show::<entra::EntraAccess, Jwt<Rs256>>("Entra ID, access token", jwt, entra::ACCESS, &[("its id token", jwt, entra::ID)])?;
    show::<google::GoogleId, Jwt<Rs256>>("Google, id token", jwt, google::ID, &[("a private account", jwt, google::PRIVATE)])?;
    let cookie = [("its session cookie", jwt, firebase::COOKIE)];
    show::<firebase::FirebaseId, Jwt<Rs256>>("Firebase, id token", jwt, firebase::ID, &cookie)?;
    let api = [("a token for the API server", None, kubernetes::API_SERVER)];
    show::<kubernetes::ServiceAccount, Jwt<Rs256>>("Kubernetes, service account", None, kubernetes::TOKEN, &api)?;
    let typed = [("a token with `typ: JWT`", jwt, rfc9068::ACCESS)];
    show::<rfc9068::StandardAccess, Jwt<Es256>>("RFC 9068, access token", Some("at+jwt"), rfc9068::ACCESS, &typed)
}

/// A format of which this program can sign any claims.
trait Signs: FixedKeys + Published {
    const ALGORITHM: Algorithm;
    fn signing_key() -> Result<EncodingKey, Box<dyn Error>>;
}

impl Signs for Jwt<Rs256> {
    const ALGORITHM: Algorithm = Algorithm::RS256;
    fn signing_key() -> Result<EncodingKey, Box<dyn Error>> {
        Ok(EncodingKey::from_rsa_pem(pem("rsa")?.as_bytes())?)
    }
}

impl Signs for Jwt<Es256> {
    const ALGORITHM: Algorithm = Algorithm::ES256;
    fn signing_key() -> Result<EncodingKey, Box<dyn Error>> {
        Ok(EncodingKey::from_ec_pem(pem("p256")?.as_bytes())?)
    }
}

/// Reads one token, and shows that others are refused.
fn show<C: PlainClaims + Debug, F: Signs>(name: &str, typ: Typ, good: &str, others: &[(&str, Typ, &str)]) -> Result<(), Box<dyn Error>> {
    let Expectation::Declared(issuer) = C::SCHEMA.issuer else { return Err("a provider has a name".into()) };
    // What the provider publishes.
    let published = fixed_ring::<F>()?.jwks().to_string();
    let keys = PublicKeys::<F>::from_jwks(&published)?;
    let verifier = Verifier::<C>::builder().accept_from(issuer, &keys).clock(ManualClock::at(NOW)).build()?;

    println!("{name}\n");
    let claims = verifier.verify_now(&signed::<F>(typ, good)?)?;
    for line in format!("{:#?}", *claims).lines() {
        println!("    {line}");
    }
    println!();
    for line in verifier.policy().to_string().lines() {
        println!("    {line}");
    }
    println!();
    let refused = |what: &str, typ: Typ, claims: &str| -> Result<(), Box<dyn Error>> {
        match verifier.verify_now(&signed::<F>(typ, claims)?) {
            Ok(_) => Err(format!("{name}: {what} was accepted").into()),
            Err(error) => {
                println!("    refused, {what}: {error}");
                Ok(())
            }
        }
    };
    refused("another issuer", typ, &changed(good, "iss", "https://evil.example")?)?;
    let (claim, what) = if C::SCHEMA.audience == Expectation::None { ("client_id", "another client") } else { ("aud", "another audience") };
    refused(what, typ, &changed(good, claim, "somebody-else")?)?;
    for (what, typ, claims) in others {
        refused(what, *typ, claims)?;
    }
    println!();
    Ok(())
}

/// The same claims with one other value.
fn changed(claims: &str, name: &str, value: &str) -> Result<String, Box<dyn Error>> {
    let mut claims = read(claims)?;
    *claims.get_mut(name).ok_or("no such claim")? = value.into();
    Ok(claims.to_string())
}

/// Claims with their times.
fn read(claims: &str) -> Result<Value, Box<dyn Error>> {
    let now = NOW.as_unix().to_string();
    let later = NOW.saturating_add(std::time::Duration::from_secs(3_600)).as_unix().to_string();
    Ok(serde_json::from_str(&claims.replace("NOW", &now).replace("LATER", &later))?)
}

#[allow(clippy::disallowed_methods, reason = "another library, as a provider would use; its back-end is compiled in here")]
fn signed<F: Signs>(typ: Typ, claims: &str) -> Result<String, Box<dyn Error>> {
    let header = Header { typ: typ.map(Into::into), kid: Some("test-key".to_owned()), ..Header::new(F::ALGORITHM) };
    Ok(jsonwebtoken::encode(&header, &read(claims)?, &F::signing_key()?)?)
}

/// The private half of the fixed key.
fn pem(name: &str) -> Result<String, Box<dyn Error>> {
    let file: Value = serde_json::from_str(include_str!("../../session-runtime/src/testing/keys.json"))?;
    let text = file.get("fixed").and_then(|keys| keys.get(name)?.as_str());
    Ok(text.ok_or("no such key")?.to_owned())
}

/// 2030-01-01T12:00:00Z.
const NOW: Timestamp = Timestamp::from_unix(1_893_499_200);
