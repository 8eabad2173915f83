//! pasetors, told to check issuer and audience; `exp`, `nbf` and `iat` it always checks. Claims are a map, which is prepared.

use std::hint::black_box;

use common::{
    claims::{AUDIENCE, EMAIL, ISSUER, ROLES, SUBJECT, TENANT, TOKEN_ID, TOKEN_TYPE, TTL, rfc3339},
    contest::{Entry, Outcome},
    formats::Course,
    keys::SECRET,
};
use pasetors::{
    Local, Public,
    claims::{Claims, ClaimsValidationRules},
    footer::Footer,
    keys::{AsymmetricPublicKey, AsymmetricSecretKey, SymmetricKey},
    token::UntrustedToken,
    version3::V3,
    version4::V4,
};

pub(super) fn v4_public(course: &Course) -> Outcome<Entry> {
    let secret = AsymmetricSecretKey::<V4>::from(&course.material.secret)?;
    let public = AsymmetricPublicKey::<V4>::from(&course.material.public)?;
    let (ours, theirs) = (Prepared::new(course)?, Prepared::new(course)?);
    let verify = move || {
        let token = UntrustedToken::<Public, V4>::try_from(black_box(ours.token.as_str()))?;
        pasetors::public::verify(&public, &token, &ours.rules, Some(&ours.footer), ASSERTION)
    };
    Ok(Entry::new(NAME, verify, move || pasetors::public::sign(&secret, black_box(&theirs.claims), Some(&theirs.footer), ASSERTION)))
}

pub(super) fn v3_public(course: &Course) -> Outcome<Entry> {
    let secret = AsymmetricSecretKey::<V3>::from(&course.material.secret)?;
    let public = AsymmetricPublicKey::<V3>::from(&course.material.public)?;
    let (ours, theirs) = (Prepared::new(course)?, Prepared::new(course)?);
    // It has no interface for version 3 that knows claims, so they are written, read and judged here, by its own types.
    let verify = move || {
        let token = UntrustedToken::<Public, V3>::try_from(black_box(ours.token.as_str()))?;
        let footer = ours.footer.to_string()?;
        let trusted = pasetors::version3::PublicToken::verify(&public, &token, Some(footer.as_bytes()), ASSERTION)?;
        let claims = Claims::from_string(trusted.payload())?;
        ours.rules.validate_claims(&claims)?;
        Ok::<_, pasetors::errors::Error>(claims)
    };
    Ok(Entry::new(NAME, verify, move || {
        let (message, footer) = (black_box(&theirs.claims).to_string()?, theirs.footer.to_string()?);
        pasetors::version3::PublicToken::sign(&secret, message.as_bytes(), Some(footer.as_bytes()), ASSERTION)
    }))
}

pub(super) fn v4_local(course: &Course) -> Outcome<Entry> {
    let key = SymmetricKey::<V4>::from(&SECRET)?;
    let opening = key.clone();
    let (ours, theirs) = (Prepared::new(course)?, Prepared::new(course)?);
    let verify = move || {
        let token = UntrustedToken::<Local, V4>::try_from(black_box(ours.token.as_str()))?;
        pasetors::local::decrypt(&opening, &token, &ours.rules, Some(&ours.footer), ASSERTION)
    };
    Ok(Entry::new(NAME, verify, move || pasetors::local::encrypt(&key, black_box(&theirs.claims), Some(&theirs.footer), ASSERTION)))
}

struct Prepared {
    token: String,
    claims: Claims,
    rules: ClaimsValidationRules,
    footer: Footer,
}

impl Prepared {
    fn new(course: &Course) -> Outcome<Self> {
        let (now, then) = (rfc3339(course.now), rfc3339(course.now + TTL));
        let mut claims = Claims::new()?;
        claims.subject(SUBJECT)?;
        claims.not_before(&now)?;
        claims.add_additional("roles", ROLES.to_vec())?;
        claims.add_additional("tenant", TENANT)?;
        claims.add_additional("email", EMAIL)?;
        claims.issuer(ISSUER)?;
        claims.audience(AUDIENCE)?;
        claims.issued_at(&now)?;
        claims.expiration(&then)?;
        claims.token_identifier(TOKEN_ID)?;
        let mut rules = ClaimsValidationRules::new();
        rules.validate_issuer_with(ISSUER);
        rules.validate_audience_with(AUDIENCE);
        let mut footer = Footer::new();
        footer.parse_string(&course.footer()?)?;
        Ok(Self { token: course.token.clone(), claims, rules, footer })
    }
}

const NAME: &str = "pasetors 0.8.1";
const ASSERTION: Option<&[u8]> = Some(TOKEN_TYPE.as_bytes());
