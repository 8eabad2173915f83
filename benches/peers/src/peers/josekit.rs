//! josekit, over the system's OpenSSL: claims are a map, which is prepared; its validator is told to check issuer and audience, and always
//! checks the times.

use std::{
    hint::black_box,
    time::{Duration, SystemTime},
};

use common::{
    claims::{AUDIENCE, EMAIL, ISSUER, ROLES, SUBJECT, TENANT, TOKEN_ID, TOKEN_TYPE, TTL},
    contest::{Entry, Outcome},
    formats::Course,
    keys::SECRET,
};
use josekit::{
    JoseError,
    jws::{self, JwsHeader, JwsSigner, JwsVerifier},
    jwt::{self, JwtPayload, JwtPayloadValidator},
};

pub(super) fn hs256(course: &Course) -> Outcome<Entry> {
    entry(course, jws::HS256.signer_from_bytes(SECRET)?, jws::HS256.verifier_from_bytes(SECRET)?)
}

pub(super) fn eddsa(course: &Course) -> Outcome<Entry> {
    let (private, public) = (&course.material.private_pem, &course.material.public_pem);
    entry(course, jws::EdDSA.signer_from_pem(private)?, jws::EdDSA.verifier_from_pem(public)?)
}

pub(super) fn es256(course: &Course) -> Outcome<Entry> {
    let (private, public) = (&course.material.private_pem, &course.material.public_pem);
    entry(course, jws::ES256.signer_from_pem(private)?, jws::ES256.verifier_from_pem(public)?)
}

pub(super) fn rs256(course: &Course) -> Outcome<Entry> {
    let (private, public) = (&course.material.private_pem, &course.material.public_pem);
    entry(course, jws::RS256.signer_from_pem(private)?, jws::RS256.verifier_from_pem(public)?)
}

fn entry(course: &Course, signer: impl JwsSigner + 'static, verifier: impl JwsVerifier + 'static) -> Outcome<Entry> {
    let mut header = JwsHeader::new();
    header.set_token_type(TOKEN_TYPE);
    header.set_key_id(&course.key_id);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(course.now);
    let mut claims = JwtPayload::new();
    claims.set_subject(SUBJECT);
    claims.set_not_before(&now);
    claims.set_claim("roles", Some(ROLES.to_vec().into()))?;
    claims.set_claim("tenant", Some(TENANT.into()))?;
    claims.set_claim("email", Some(EMAIL.into()))?;
    claims.set_issuer(ISSUER);
    claims.set_audience(vec![AUDIENCE]);
    claims.set_issued_at(&now);
    claims.set_expires_at(&(now + Duration::from_secs(TTL)));
    claims.set_jwt_id(TOKEN_ID);
    let mut rules = JwtPayloadValidator::new();
    rules.set_issuer(ISSUER);
    rules.set_audience(AUDIENCE);

    let token = course.token.clone();
    let verify = move || {
        let (claims, header) = jwt::decode_with_verifier(black_box(&token), &verifier)?;
        rules.validate(&claims)?;
        Ok::<_, JoseError>((claims, header))
    };
    Ok(Entry::new("josekit 0.10.3", verify, move || jwt::encode_with_signer(black_box(&claims), &header, &signer)))
}
