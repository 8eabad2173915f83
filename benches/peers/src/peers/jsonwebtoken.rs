//! jsonwebtoken, told to check what we check: `exp`, `nbf`, `aud` and `iss`, all of them required.

use std::hint::black_box;

use common::{
    claims::{AUDIENCE, AllFields, ISSUER, TOKEN_TYPE},
    contest::{Entry, Outcome},
    formats::Course,
    keys::SECRET,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};

pub(super) fn hs256(course: &Course) -> Outcome<Entry> {
    Ok(entry(course, Algorithm::HS256, EncodingKey::from_secret(&SECRET), DecodingKey::from_secret(&SECRET)))
}

pub(super) fn eddsa(course: &Course) -> Outcome<Entry> {
    let (private, public) = pem(course);
    Ok(entry(course, Algorithm::EdDSA, EncodingKey::from_ed_pem(private)?, DecodingKey::from_ed_pem(public)?))
}

pub(super) fn es256(course: &Course) -> Outcome<Entry> {
    let (private, public) = pem(course);
    Ok(entry(course, Algorithm::ES256, EncodingKey::from_ec_pem(private)?, DecodingKey::from_ec_pem(public)?))
}

pub(super) fn rs256(course: &Course) -> Outcome<Entry> {
    let (private, public) = pem(course);
    Ok(entry(course, Algorithm::RS256, EncodingKey::from_rsa_pem(private)?, DecodingKey::from_rsa_pem(public)?))
}

fn pem(course: &Course) -> (&[u8], &[u8]) {
    (course.material.private_pem.as_bytes(), course.material.public_pem.as_bytes())
}

fn entry(course: &Course, algorithm: Algorithm, encoding: EncodingKey, decoding: DecodingKey) -> Entry {
    let mut header = Header::new(algorithm);
    header.typ = Some(TOKEN_TYPE.to_owned());
    header.kid = Some(course.key_id.clone());
    let mut validation = Validation::new(algorithm);
    validation.validate_nbf = true;
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss"]);
    let (token, claims) = (course.token.clone(), AllFields::now(course.now));
    let verify = move || jsonwebtoken::decode::<AllFields>(black_box(&token), &decoding, &validation);
    Entry::new("jsonwebtoken 11.1.0", verify, move || jsonwebtoken::encode(&header, black_box(&claims), &encoding))
}
