//! The four crates over `paseto-core`: one interface, another cryptography each. Claims are a struct with `jiff` times, as its author's own
//! registered claims are, and are judged as those are.

use std::{fmt::Debug, hint::black_box, str::FromStr};

use common::{
    claims::{AUDIENCE, EMAIL, ISSUER, SUBJECT, TENANT, TOKEN_ID, TOKEN_TYPE, TTL, roles},
    contest::{Entry, Outcome},
    formats::Course,
    keys::paserk_local,
};
use paseto_core::{
    PasetoError,
    key::{HasKey, Key},
    tokens::{SealedToken, UnsealedToken},
    validation::Validate,
    version::{Local, Public, Purpose, SealingVersion, UnsealingVersion},
};
use paseto_json::{Json, jiff::Timestamp};
use serde::{Deserialize, Serialize};

pub(super) fn v4_public(course: &Course) -> Outcome<Entry> {
    public::<paseto_v4::core::V4>("paseto-v4 0.1.0-rc.10", "k4", course)
}

pub(super) fn v4_local(course: &Course) -> Outcome<Entry> {
    local::<paseto_v4::core::V4>("paseto-v4 0.1.0-rc.10", "k4", course)
}

#[cfg(feature = "sodium")]
pub(super) fn v4_public_sodium(course: &Course) -> Outcome<Entry> {
    public::<paseto_v4_sodium::core::V4>("paseto-v4-sodium 0.1.0-rc.10", "k4", course)
}

#[cfg(feature = "sodium")]
pub(super) fn v4_local_sodium(course: &Course) -> Outcome<Entry> {
    local::<paseto_v4_sodium::core::V4>("paseto-v4-sodium 0.1.0-rc.10", "k4", course)
}

pub(super) fn v3_public(course: &Course) -> Outcome<Entry> {
    public::<paseto_v3::core::V3>("paseto-v3 0.1.0-rc.10", "k3", course)
}

pub(super) fn v3_local(course: &Course) -> Outcome<Entry> {
    local::<paseto_v3::core::V3>("paseto-v3 0.1.0-rc.10", "k3", course)
}

pub(super) fn v3_public_aws_lc(course: &Course) -> Outcome<Entry> {
    public::<paseto_v3_aws_lc::core::V3>("paseto-v3-aws-lc 0.1.0-rc.10", "k3", course)
}

pub(super) fn v3_local_aws_lc(course: &Course) -> Outcome<Entry> {
    local::<paseto_v3_aws_lc::core::V3>("paseto-v3-aws-lc 0.1.0-rc.10", "k3", course)
}

fn public<V>(name: &'static str, kind: &str, course: &Course) -> Outcome<Entry>
where
    V: SealingVersion<Public> + UnsealingVersion<Public> + 'static,
{
    let (secret, public) = course.material.paserk(kind);
    entry::<V, Public>(name, course, read(&secret)?, read(&public)?)
}

fn local<V>(name: &'static str, kind: &str, course: &Course) -> Outcome<Entry>
where
    V: SealingVersion<Local> + UnsealingVersion<Local> + 'static,
{
    let key = paserk_local(kind);
    entry::<V, Local>(name, course, read(&key)?, read(&key)?)
}

fn read<K: FromStr<Err: Debug>>(paserk: &str) -> Outcome<K> {
    paserk.parse().map_err(|error| format!("not a key: {error:?}").into())
}

fn entry<V, P>(name: &'static str, course: &Course, sealing: Key<V, P::SealingKey>, opening: Key<V, P>) -> Outcome<Entry>
where
    V: SealingVersion<P> + UnsealingVersion<P> + HasKey<P::SealingKey> + 'static,
    P: Purpose + 'static,
{
    let (token, footer) = (course.token.clone(), course.footer()?.into_bytes());
    let claims = Claims::now(course.now)?;
    let verify = move || {
        let sealed: SealedToken<V, P, Json<Claims>, Vec<u8>> = black_box(&token).parse()?;
        sealed.unseal(&opening, TOKEN_TYPE.as_bytes(), &Rules).map(|token| token.claims.0)
    };
    Ok(Entry::new(name, verify, move || {
        // It takes claims by value, which its users have just made.
        let token = UnsealedToken::<V, P, _>::new(Json(black_box(&claims).clone())).with_footer(footer.clone());
        Ok::<_, PasetoError>(token.seal(&sealing, TOKEN_TYPE.as_bytes())?.to_string())
    }))
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: Timestamp,
    nbf: Timestamp,
    iat: Timestamp,
    jti: String,
    roles: Vec<String>,
    tenant: String,
    email: String,
}

impl Claims {
    fn now(now: u64) -> Outcome<Self> {
        let time = |seconds: u64| Ok::<_, Box<dyn std::error::Error>>(Timestamp::from_second(i64::try_from(seconds)?)?);
        Ok(Self {
            iss: ISSUER.to_owned(),
            sub: SUBJECT.to_owned(),
            aud: AUDIENCE.to_owned(),
            exp: time(now + TTL)?,
            nbf: time(now)?,
            iat: time(now)?,
            jti: TOKEN_ID.to_owned(),
            roles: roles(),
            tenant: TENANT.to_owned(),
            email: EMAIL.to_owned(),
        })
    }
}

/// `Time`, `HasExpiry`, `FromIssuer` and `ForAudience` of `paseto-json`, which know its seven claims only.
struct Rules;

impl Validate for Rules {
    type Claims = Json<Claims>;

    fn validate(&self, Json(claims): &Json<Claims>) -> Result<(), PasetoError> {
        let now = Timestamp::now();
        if claims.exp < now || now < claims.nbf || claims.iss != ISSUER || claims.aud != AUDIENCE {
            return Err(PasetoError::ClaimsError);
        }
        Ok(())
    }
}
