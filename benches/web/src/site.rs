//! The service: the same handler behind nothing, behind `Auth`, and behind middleware as people write it.

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{MethodRouter, get},
};
use common::{
    claims::{Access, SUBJECT},
    contest::Outcome,
    formats::{KEY_ID, Ours, now},
    keys::{self, SECRET},
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, Serialize};
use session_runtime::{
    Format, Revocations,
    http::axum::Auth,
    jwt::{EdDsa, Hs256, Jwt},
    keyring::Key,
    paseto::V4Local,
    revocation::MemoryRevocations,
};
use tokio::net::TcpListener;

use crate::{CONNECTIONS, by_hand};

/// How many tokens are revoked while ours are checked. The others know no revocation.
pub const REVOKED: usize = 100_000;

pub const OPEN: &str = "no authentication";
pub const OURS: &str = "session-runtime";
const JSONWEBTOKEN: &str = "by hand, jsonwebtoken 11.1.0";
const PASETORS: &str = "by hand, pasetors 0.8.1";

/// What the service tells the client.
#[derive(Debug, Serialize, Deserialize)]
pub struct Site {
    pub port: u16,
    pub routes: Vec<Route>,
}

/// One contestant.
#[derive(Debug, Serialize, Deserialize)]
pub struct Route {
    pub path: String,
    pub format: String,
    pub name: String,
    /// One for each connection. The route without authentication is sent some too, so that every request is as long to read.
    pub tokens: Vec<String>,
}

/// Serves until it is killed.
pub async fn serve() -> Outcome {
    let revocations = revoked().await?;
    let now = now()?;
    let (_, material) = keys::ed25519()?;
    let hs256 = revocable(Key::<Jwt<Hs256>>::from_secret(SECRET)?, now, &revocations).await?;
    let eddsa = revocable(Key::<Jwt<EdDsa>>::from_pem(&material.private_pem)?, now, &revocations).await?;
    let local = revocable(Key::<V4Local>::from_paserk(&keys::paserk_local("k4"))?, now, &revocations).await?;

    let open = get(async || SUBJECT.to_owned());
    let hs256_by_hand = by_hand::Jwt::new(Algorithm::HS256, DecodingKey::from_secret(&SECRET));
    let eddsa_by_hand = by_hand::Jwt::new(Algorithm::EdDSA, DecodingKey::from_ed_pem(material.public_pem.as_bytes())?);
    let local_by_hand = by_hand::Paseto::new(&SECRET)?;
    let jwt = |keys| get(by_hand::user).route_layer(from_fn_with_state(keys, by_hand::jsonwebtoken));
    let paseto = get(by_hand::user).route_layer(from_fn_with_state(local_by_hand, by_hand::pasetors));

    let mut routes = Routes::default();
    routes.add(OPEN, &hs256, open)?;
    routes.add(OURS, &hs256, ours(&hs256))?;
    routes.add(JSONWEBTOKEN, &hs256, jwt(hs256_by_hand))?;
    routes.add(OURS, &eddsa, ours(&eddsa))?;
    routes.add(JSONWEBTOKEN, &eddsa, jwt(eddsa_by_hand))?;
    routes.add(OURS, &local, ours(&local))?;
    routes.add(PASETORS, &local, paseto)?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let site = Site { port: listener.local_addr()?.port(), routes: routes.told };
    println!("{}", serde_json::to_string(&site)?);
    axum::serve(listener, routes.app).await?;
    Ok(())
}

#[derive(Default)]
struct Routes {
    app: Router,
    told: Vec<Route>,
}

impl Routes {
    fn add<F: Format>(&mut self, name: &str, ours: &Ours<F>, handler: MethodRouter) -> Outcome {
        let path = format!("/{}", self.told.len());
        let tokens: Result<_, _> = (0..CONNECTIONS).map(|_| ours.issuer.issue(&ours.claims).map(|issued| issued.token)).collect();
        self.app = std::mem::take(&mut self.app).route(&path, handler);
        self.told.push(Route { path, format: F::NAME.to_owned(), name: name.to_owned(), tokens: tokens? });
        Ok(())
    }
}

/// An issuer and a verifier that take part in revocation.
async fn revocable<F: Format>(key: Key<F>, now: u64, revocations: &Revocations) -> Outcome<Ours<F>> {
    let ours = Ours::new(key, KEY_ID, now)?;
    let (issuer, verifier) = (ours.issuer.with_revocations(revocations).await?, ours.verifier.with_revocations(revocations).await?);
    Ok(Ours { issuer, verifier, ..ours })
}

/// What our users write.
fn ours<F: Format>(ours: &Ours<F>) -> MethodRouter {
    get(async |access: Auth<Access>| access.subject.clone()).with_state(ours.verifier.clone())
}

async fn revoked() -> Outcome<Revocations> {
    let revocations = Revocations::open(MemoryRevocations::new()?).await?;
    let end = session_runtime::Timestamp::from_unix(i64::try_from(now()? + 86_400)?);
    for number in 0..REVOKED {
        revocations.revoke_token(Some(common::claims::ISSUER), &format!("{number:022}"), Some(end)).await?;
    }
    Ok(revocations)
}
