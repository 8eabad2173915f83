//! A service that accepts tokens of two issuers: its own, whose ring is here, and a partner's, whose keys are fetched. Handlers do not
//! notice. All on this machine.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program that shows things")]

use std::{error::Error, time::Duration};

use axum::{Router, body::Body, body::to_bytes, http::Request, routing::get};
use session_runtime::{
    Claims, Issuer, KeyRing, Verifier,
    http::axum::{Auth, JWKS_PATH, discovery, jwks},
    jwt::{EdDsa, Es256, Jwt},
    keyring::{ProviderMetadata, RemoteJwks},
};
use tokio::net::TcpListener;
use tower::ServiceExt;

const OURS: &str = "https://shop.example";

/// Both issuers write these claims, for this audience.
#[derive(Claims, Debug)]
#[claims(issuer = OURS, audience = "orders", ttl = "15m", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
}

/// A user is a user of an issuer: both may have an "ada".
async fn who(access: Auth<Access>) -> String {
    format!("{} of {}", access.user, access.issuer().unwrap_or("nobody"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // The partner, elsewhere: it signs, and publishes its keys.
    let partner_ring = KeyRing::<Jwt<Es256>>::generate()?;
    let partner = publish(&partner_ring).await?;

    // This service. Each ring speaks for its own issuer: a key of the partner's seals no token of ours.
    let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
    let remote = RemoteJwks::<Jwt<Es256>>::of_issuer(&partner).load().await?;
    let verifier = Verifier::<Access>::builder().accept(&ring).accept_from(partner.as_str(), &remote).build()?;
    let app = Router::new().route("/", get(who)).with_state(verifier);

    let ours = Issuer::<Access, _>::new(&ring)?;
    let theirs = Issuer::<Access, _>::builder().issuer(partner.as_str()).build(&partner_ring)?;
    let posing = Issuer::<Access, _>::builder().issuer(OURS).build(&partner_ring)?;
    let stranger = Issuer::<Access, _>::new(&KeyRing::<Jwt<EdDsa>>::generate()?)?;
    let ada = || Access { user: "ada".to_owned() };
    let say = async |what: &str, token: String| -> Result<(), Box<dyn Error>> {
        let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(Body::empty())?;
        let (parts, body) = app.clone().oneshot(request).await?.into_parts();
        let body = String::from_utf8(to_bytes(body, 4096).await?.to_vec())?.replace(&partner, "https://partner.example");
        println!("{what:<32} {} {body}", parts.status.as_u16());
        Ok(())
    };
    say("our token", ours.issue(&ada())?.token).await?;
    say("the partner's", theirs.issue(&ada())?.token).await?;
    say("the partner's, in our name", posing.issue(&ada())?.token).await?;
    say("a stranger's, in our name", stranger.issue(&ada())?.token).await?;

    // The partner rotates. The request waits for the fetch that brings the new key, and nobody is refused.
    partner_ring.rotate().await?;
    say("the partner's, after a rotation", theirs.issue(&ada())?.token).await?;
    Ok(())
}

/// Serves what others need to know of a ring, on a free port, and says who the issuer is.
async fn publish(ring: &KeyRing<Jwt<Es256>>) -> Result<String, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let issuer = format!("http://{}", listener.local_addr()?);
    let provider = ProviderMetadata::builder(&issuer, format!("{issuer}{JWKS_PATH}")).signed_by(ring).build()?;
    let app = jwks(ring).merge(discovery(&provider, Duration::from_secs(3_600)));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(issuer)
}
