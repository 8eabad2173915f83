//! Keys that leave and come back are the same keys: what one signs the other verifies, for every format and every way out.

use std::fmt::Debug;

use session_runtime::{
    Asymmetric, Format, JwkKeys, KeyRing, Paseto, PemKeys, Published, Verifier,
    error::{KeyError, KeyRule},
    jwt::{EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Jwt, MlDsa44, MlDsa65, MlDsa87, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512},
    keyring::{Key, Keys, PublicKey, PublicKeys},
    paseto::{V3Local, V3Public, V4Local, V4Public},
};

use crate::support::{Access, KEY_ID, key_id, noon, pem, scan::Canaries, token};

/// What one of the keys signs the others verify.
#[track_caller]
fn same<F: Format>(copies: Vec<Key<F>>) {
    let rings: Vec<KeyRing<F>> = copies.into_iter().map(|key| imported(key.with_id(key_id(KEY_ID)))).collect();
    let [first, others @ ..] = &*rings else { panic!("no keys") };
    for other in others {
        verified(&token(other), first);
        verified(&token(first), other);
    }
}

#[track_caller]
fn verified(token: &str, keys: &impl Keys) {
    let verifier = Verifier::<Access>::builder().clock(noon()).accept(keys).build().unwrap();
    verifier.verify_now(token).unwrap();
}

fn imported<F: Format>(key: Key<F>) -> KeyRing<F> {
    KeyRing::builder().clock(noon()).import(key).unwrap()
}

/// What the private key signs every copy of the public one verifies, and a stranger does not.
#[track_caller]
fn public<F: Asymmetric>(key: Key<F>, copies: Vec<PublicKey<F>>) {
    let token = token(&imported(key.with_id(key_id(KEY_ID))));
    for copy in copies {
        verified(&token, &PublicKeys::from_keys([copy.with_id(key_id(KEY_ID))]).unwrap());
    }
}

/// PEM and DER of both halves.
fn armoured<F: PemKeys>(make: fn() -> Key<F>) {
    let key = make();
    let half = key.public_key();
    same(vec![make_from(&key, |key| Key::from_pem(key.to_pem()?.expose())), make_from(&key, |key| Key::from_der(key.to_der().expose()))]);
    let copies =
        vec![half.clone(), PublicKey::from_pem(&half.to_pem().unwrap()).unwrap(), PublicKey::from_der(&half.to_der().unwrap()).unwrap()];
    public(key, copies);
}

fn make_from<F: Format>(key: &Key<F>, copy: impl Fn(&Key<F>) -> Result<Key<F>, KeyError>) -> Key<F> {
    copy(key).unwrap()
}

/// The private or secret JWK, which also keeps the name.
fn jwk<F: JwkKeys>(make: fn() -> Key<F>) {
    let key = make().with_id(key_id("a \"name\" \\ and\u{7f}\n"));
    let copy = Key::<F>::from_jwk(key.to_jwk().unwrap().expose()).unwrap();
    assert_eq!(copy.id(), key.id());
    assert_eq!(copy.thumbprint(Default::default()), key.thumbprint(Default::default()));
    let nameless = Key::<F>::from_jwk(copy.without_id().to_jwk().unwrap().expose()).unwrap();
    assert_eq!(nameless.id(), None);
    same(vec![key, nameless]);
}

fn published<F: PemKeys + Published>(make: fn() -> Key<F>) {
    armoured(make);
    jwk(make);
    let key = make().with_id(key_id("ünïcode"));
    let copy = PublicKey::<F>::from_jwk(&key.public_key().to_jwk()).unwrap();
    assert_eq!((copy.id(), copy.thumbprint(Default::default())), (key.id(), key.thumbprint(Default::default())));
    public(key, vec![copy]);
}

/// PASERK in the open and wrapped with a key. Under a password it is tested beside the primitives, where it may be cheap.
fn paserk<F: Paseto>(make: fn() -> Key<F>) {
    let with = Key::<F::Local>::generate().unwrap();
    let key = make();
    let wrapped = make_from(&key, |key| Key::from_wrapped_paserk(&key.to_wrapped_paserk(&with)?, &with));
    let plain = key.to_paserk().unwrap();
    assert_eq!(wrapped.to_paserk().unwrap().expose(), plain.expose());
    same(vec![key, wrapped]);
    let other = Key::<F::Local>::generate().unwrap();
    let text = make().to_wrapped_paserk(&with).unwrap();
    let refused = Key::<F>::from_wrapped_paserk(&text, &other).map(drop);
    assert_eq!(refused, Err(KeyError::Refused { key_id: None, rule: KeyRule::Wrapped }));
}

fn fresh<F: Format>() -> Key<F> {
    Key::generate().unwrap()
}

/// A fixed one, since making one takes seconds.
fn rsa<F: PemKeys>() -> Key<F> {
    Key::from_pem(pem("rsa.pkcs8")).unwrap()
}

#[test]
fn every_format() {
    jwk::<Jwt<Hs256>>(fresh);
    jwk::<Jwt<Hs384>>(fresh);
    jwk::<Jwt<Hs512>>(fresh);
    published::<Jwt<Rs256>>(rsa);
    published::<Jwt<Rs384>>(rsa);
    published::<Jwt<Rs512>>(rsa);
    published::<Jwt<Ps256>>(rsa);
    published::<Jwt<Ps384>>(rsa);
    published::<Jwt<Ps512>>(rsa);
    published::<Jwt<Es256>>(fresh);
    published::<Jwt<Es384>>(fresh);
    published::<Jwt<Es512>>(fresh);
    published::<Jwt<EdDsa>>(fresh);
    published::<Jwt<MlDsa44>>(fresh);
    published::<Jwt<MlDsa65>>(fresh);
    published::<Jwt<MlDsa87>>(fresh);
    armoured::<V3Public>(fresh);
    armoured::<V4Public>(fresh);
    paserk::<V3Public>(fresh);
    paserk::<V4Public>(fresh);
    paserk::<V3Local>(fresh);
    paserk::<V4Local>(fresh);
}

/// A sealed key opens for its recipient, and a public key in PASERK is the key that was.
#[test]
fn sealed_and_public_paserk() {
    macro_rules! check {
        ($local:ty, $public:ty) => {
            let (key, recipient) = (fresh::<$local>(), fresh::<$public>());
            let text = key.to_sealed_paserk(&recipient.public_key()).unwrap();
            same(vec![Key::<$local>::from_sealed_paserk(&text, &recipient).unwrap(), key]);
            let stranger = Key::<$local>::from_sealed_paserk(&text, &fresh()).map(drop);
            assert_eq!(stranger, Err(KeyError::Refused { key_id: None, rule: KeyRule::Wrapped }));
            let copy = PublicKey::<$public>::from_paserk(&recipient.public_key().to_paserk()).unwrap();
            assert_eq!(copy.paserk_id(), recipient.id().unwrap().as_str());
            public(recipient, vec![copy]);
        };
    }
    check!(V3Local, V3Public);
    check!(V4Local, V4Public);
}

/// A new key of PASETO is named by its own id.
#[test]
fn ids_are_names() {
    assert_eq!(fresh::<V4Local>().with_id(key_id("k")).id().unwrap().as_str(), "k");
    let key = fresh::<V4Local>();
    assert_eq!(key.paserk_id(), key.id().unwrap().as_str());
    let key = fresh::<V4Public>();
    assert_eq!(key.public_key().paserk_id(), key.id().unwrap().as_str());
    let secret = key.secret_id().unwrap();
    assert!(secret.starts_with("k4.sid.") && secret[7..] != key.public_key().paserk_id()[7..], "{secret}");
}

#[test]
fn a_set_of_public_keys() {
    let [first, second] = [fresh::<V4Public>(), fresh::<V4Public>()];
    let keys = PublicKeys::from_keys([first.public_key(), second.public_key()]).unwrap();
    verified(&token(&imported(first)), &keys);
    verified(&token(&imported(second)), &keys);
    let twice = || fresh::<V4Public>().public_key().with_id(key_id("k"));
    assert_eq!(PublicKeys::from_keys([twice(), twice()]).map(drop), Err(KeyError::DuplicateKeyId(key_id("k"))));
    let nameless = || twice().without_id();
    assert!(matches!(PublicKeys::from_keys([nameless(), nameless()]).map(drop), Err(KeyError::NotForThisRing(_))));
    assert_eq!(PublicKeys::from_keys([nameless(), twice()]).unwrap().keys().len(), 2);
}

/// What leaves is printed by nobody, and no error says the text or the password that it refuses.
#[test]
fn nothing_is_printed() {
    let (jwt, local) = (fresh::<Jwt<Es256>>(), fresh::<V4Local>());
    let (jwk, pem, paserk) = (jwt.to_jwk().unwrap(), jwt.to_pem().unwrap(), local.to_paserk().unwrap());
    let (der, wrapped) = (jwt.to_der(), local.to_wrapped_paserk(&local).unwrap());
    let d: serde_json::Value = serde_json::from_str(jwk.expose()).unwrap();
    let mut canaries = Canaries::default();
    canaries.add("d", d["d"].as_str().unwrap());
    canaries.add("der", &der.expose()[36..68]);
    canaries.add("local", &paserk.expose()["k4.local.".len()..]);
    canaries.add("wrapped", &wrapped["k4.local-wrap.pie.".len()..]);
    canaries.add("password", "a password that is told to nobody");
    let error = Key::<V4Local>::from_wrapped_paserk(&wrapped, &fresh()).unwrap_err();
    let password = Key::<V4Local>::from_password_paserk(&wrapped, "a password that is told to nobody").unwrap_err();
    let values: [&dyn Debug; 8] = [&jwk, &pem, &der, &paserk, &jwt, &jwt.public_key(), &error, &password];
    for value in values {
        canaries.check("exports", &format!("{value:?} {value:#?}"));
    }
    canaries.check("errors", &format!("{error} {password}"));
}
