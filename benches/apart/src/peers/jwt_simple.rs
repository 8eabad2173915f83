//! jwt-simple, told to check issuer and audience; the times it always checks.

use std::{collections::HashSet, hint::black_box};

use common::{
    claims::{AUDIENCE, Beside, ISSUER, SUBJECT, TOKEN_ID, TOKEN_TYPE, TTL},
    contest::{Entry, Outcome},
    formats::Course,
    keys::SECRET,
};
use jwt_simple::prelude::{
    Claims, Duration, ECDSAP256KeyPairLike, ECDSAP256PublicKeyLike, ES256KeyPair, ES256PublicKey, Ed25519KeyPair, Ed25519PublicKey,
    EdDSAKeyPairLike, EdDSAPublicKeyLike, HS256Key, HeaderOptions, JWTClaims, MACLike, RS256KeyPair, RS256PublicKey, RSAKeyPairLike,
    RSAPublicKeyLike, VerificationOptions,
};

pub(super) fn hs256(course: &Course) -> Outcome<Entry> {
    let key = HS256Key::from_bytes(&SECRET).with_key_id(&course.key_id);
    let (claims, header, rules, token) = prepared(course);
    let opening = key.clone();
    let verify = move || opening.verify_token::<Beside>(black_box(&token), Some(rules.clone()));
    Ok(Entry::new(NAME, verify, move || key.authenticate_with_options(black_box(&claims).clone(), &header)))
}

/// The same for every family of signatures, each of which has a trait of its own.
macro_rules! signed {
    ($name:ident, $private:ty, $public:ty) => {
        pub(super) fn $name(course: &Course) -> Outcome<Entry> {
            let private = <$private>::from_pem(&course.material.private_pem)?.with_key_id(&course.key_id);
            let public = <$public>::from_pem(&course.material.public_pem)?;
            let (claims, header, rules, token) = prepared(course);
            let verify = move || public.verify_token::<Beside>(black_box(&token), Some(rules.clone()));
            Ok(Entry::new(NAME, verify, move || private.sign_with_options(black_box(&claims).clone(), &header)))
        }
    };
}

signed!(eddsa, Ed25519KeyPair, Ed25519PublicKey);
signed!(es256, ES256KeyPair, ES256PublicKey);
signed!(rs256, RS256KeyPair, RS256PublicKey);

/// It takes claims and rules by value, so they are made once and cloned.
fn prepared(course: &Course) -> (JWTClaims<Beside>, HeaderOptions, VerificationOptions, String) {
    let claims = Claims::with_custom_claims(Beside::new(), Duration::from_secs(TTL))
        .with_subject(SUBJECT)
        .with_issuer(ISSUER)
        .with_audience(AUDIENCE)
        .with_jwt_id(TOKEN_ID);
    let header = HeaderOptions { signature_type: Some(TOKEN_TYPE.to_owned()), ..HeaderOptions::default() };
    let rules = VerificationOptions {
        allowed_issuers: Some(HashSet::from([ISSUER.to_owned()])),
        allowed_audiences: Some(HashSet::from([AUDIENCE.to_owned()])),
        ..VerificationOptions::default()
    };
    (claims, header, rules, course.token.clone())
}

const NAME: &str = "jwt-simple 0.15.0";
