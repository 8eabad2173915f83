//! The peers that can stand in one process, each by its own one-call interface, with keys prepared where that allows it and with its own
//! claim validation on.

#[cfg(feature = "josekit")]
mod josekit;
mod jsonwebtoken;
mod paseto_core;
mod pasetors;
#[macro_use]
mod rusty_paseto;

use common::formats::Peer;

/// Who takes part in which format. A peer is added by one line here.
pub fn all() -> Vec<Peer> {
    let mut peers: Vec<Peer> = vec![
        ("HS256", jsonwebtoken::hs256),
        ("EdDSA", jsonwebtoken::eddsa),
        ("ES256", jsonwebtoken::es256),
        ("RS256", jsonwebtoken::rs256),
        ("v4.public", pasetors::v4_public),
        ("v4.local", pasetors::v4_local),
        ("v3.public", pasetors::v3_public),
        ("v4.public", paseto_core::v4_public),
        ("v4.local", paseto_core::v4_local),
        ("v3.public", paseto_core::v3_public),
        ("v3.local", paseto_core::v3_local),
        ("v3.public", paseto_core::v3_public_aws_lc),
        ("v3.local", paseto_core::v3_local_aws_lc),
        ("v4.public", rusty::v4_public),
        ("v4.local", rusty::v4_local),
        ("v3.local", rusty::v3_local),
    ];
    #[cfg(feature = "sodium")]
    peers.extend([("v4.public", paseto_core::v4_public_sodium as _), ("v4.local", paseto_core::v4_local_sodium as _)]);
    #[cfg(feature = "josekit")]
    peers.extend([
        ("HS256", josekit::hs256 as _),
        ("EdDSA", josekit::eddsa as _),
        ("ES256", josekit::es256 as _),
        ("RS256", josekit::rs256 as _),
    ]);
    peers
}

/// `rusty_paseto` allows one public version in a build, and this one is version 4; the other is in the second program.
mod rusty {
    use ::rusty_paseto::prelude::{Key, Local, PasetoAsymmetricPrivateKey, PasetoAsymmetricPublicKey, PasetoSymmetricKey, Public, V3, V4};
    use common::{
        contest::{Entry, Outcome},
        formats::Course,
        keys::SECRET,
    };

    pub(super) fn v4_public(course: &Course) -> Outcome<Entry> {
        let secret: &'static Key<64> = Box::leak(Box::new(Key::try_from(course.material.secret.as_slice())?));
        let public: &'static Key<32> = Box::leak(Box::new(Key::try_from(course.material.public.as_slice())?));
        let sealing = PasetoAsymmetricPrivateKey::<V4, Public>::from(secret);
        rusty_paseto_entry!(V4, Public, course, sealing, PasetoAsymmetricPublicKey::<V4, Public>::from(public))
    }

    pub(super) fn v4_local(course: &Course) -> Outcome<Entry> {
        let key = || PasetoSymmetricKey::<V4, Local>::from(Key::from(SECRET));
        rusty_paseto_entry!(V4, Local, course, key(), key())
    }

    pub(super) fn v3_local(course: &Course) -> Outcome<Entry> {
        let key = || PasetoSymmetricKey::<V3, Local>::from(Key::from(SECRET));
        rusty_paseto_entry!(V3, Local, course, key(), key())
    }
}

/// Names are checked against the lock file.
#[cfg(test)]
mod tests {
    #[test]
    fn names_are_the_versions_that_are_built() {
        let lock = include_str!("../../Cargo.lock");
        for peer in super::all() {
            let Some(course) = common::formats::course(peer.0) else { continue };
            let name = peer.1(&course.unwrap()).unwrap().name;
            let (name, version) = name.split_once(' ').unwrap();
            assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")), "{name}");
        }
    }
}
