//! jwt-simple, whose BoringSSL has symbols in common with josekit's OpenSSL, and `rusty_paseto` with its other public version.

mod jwt_simple;
#[macro_use]
#[path = "../../peers/src/peers/rusty_paseto.rs"]
mod rusty_paseto;

use ::rusty_paseto::prelude::{Key, PasetoAsymmetricPrivateKey, PasetoAsymmetricPublicKey, Public, V3};
use common::{
    contest::{Entry, Outcome},
    formats::{Course, Peer},
};

/// Who takes part in which format. A peer is added by one line here.
pub fn all() -> Vec<Peer> {
    vec![
        ("HS256", jwt_simple::hs256),
        ("EdDSA", jwt_simple::eddsa),
        ("ES256", jwt_simple::es256),
        ("RS256", jwt_simple::rs256),
        ("v3.public", v3_public),
    ]
}

fn v3_public(course: &Course) -> Outcome<Entry> {
    let secret: &'static Key<48> = Box::leak(Box::new(Key::try_from(course.material.secret.as_slice())?));
    let public: &'static Key<49> = Box::leak(Box::new(Key::try_from(course.material.public.as_slice())?));
    let sealing = PasetoAsymmetricPrivateKey::<V3, Public>::from(secret);
    rusty_paseto_entry!(V3, Public, course, sealing, PasetoAsymmetricPublicKey::<V3, Public>::try_from(public)?)
}
