//! Every format with our own contestants and the bare cryptography. A program adds its peers.

use std::hint::black_box;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED};
use session_runtime::{
    Buffer, Format, Issuer, KeyId, KeyRing, Verifier,
    jwt::{EdDsa, Es256, Hs256, Jwt, Rs256},
    keyring::Key,
    paseto::{V3Local, V3Public, V4Local, V4Public},
};

use crate::{
    claims::{Access, Borrowed, TOKEN_TYPE},
    contest::{BORROWED, Contestant, Entry, Group, OURS, Outcome, RAW, Work, checked},
    keys::{self, Material, SECRET},
    raw,
};

/// What a peer is given: the one token that all verify, which our issuer made, and the key.
#[derive(Debug, Clone)]
pub struct Course {
    pub token: String,
    /// Seconds since 1970: when the token was made.
    pub now: u64,
    pub key_id: String,
    pub material: Material,
}

impl Course {
    /// The footer's JSON, of a PASETO.
    pub fn footer(&self) -> Outcome<String> {
        let (_, footer) = self.token.rsplit_once('.').ok_or("a footer")?;
        Ok(String::from_utf8(raw::from_base64url(footer)?)?)
    }
}

/// A peer in one format: the format's name, and how it prepares.
pub type Peer = (&'static str, fn(&Course) -> Outcome<Entry>);

/// What a format comes with, made at this second: the course, ourselves, and raw.
type Start = Outcome<(Course, Vec<Entry>)>;
type Enter = fn(u64) -> Start;

/// In the order in which they are printed. A format is added by one line here and one function below.
const FORMATS: &[(&str, Enter)] = &[
    ("HS256", hs256),
    ("EdDSA", eddsa),
    ("ES256", es256),
    ("RS256", rs256),
    ("v4.public", v4_public),
    ("v4.local", v4_local),
    ("v3.public", v3_public),
    ("v3.local", v3_local),
];

/// What a peer of this format is given; `None` for a format that the library does not have.
pub fn course(format: &str) -> Option<Outcome<Course>> {
    let (_, enter) = FORMATS.iter().find(|(name, _)| *name == format)?;
    Some(now().and_then(enter).map(|(course, _)| course))
}

/// Seconds since 1970.
pub fn now() -> Outcome<u64> {
    Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs())
}

/// The groups that `wanted` names, with these peers; a format in which `only_with_peers` finds none is left out.
pub fn groups(peers: &[Peer], only_with_peers: bool, wanted: impl Fn(&str) -> bool) -> Outcome<Vec<Group>> {
    let now = now()?;
    let mut groups = Vec::new();
    for (format, enter) in FORMATS {
        let mut peers = peers.iter().filter(|(of, _)| of == format).peekable();
        let (verify, issue) = (format!("{format} verify"), format!("{format} issue"));
        if !(wanted(&verify) || wanted(&issue)) || (only_with_peers && peers.peek().is_none()) {
            continue;
        }
        let (course, mut entries) = enter(now)?;
        for (_, prepare) in peers {
            entries.push(prepare(&course)?);
        }
        for (name, work) in [(verify, (|entry| entry.verify.take()) as fn(&mut Entry) -> Option<Work>), (issue, |entry| entry.issue.take())]
        {
            if wanted(&name) {
                let contestants = entries.iter_mut().filter_map(|entry| Some(Contestant { name: entry.name, run: work(entry)? })).collect();
                groups.push(Group { name, contestants });
            }
        }
    }
    Ok(groups)
}

/// As long as those that a ring makes.
pub const KEY_ID: &str = "Gq2YwJx0R8m5nVt1bK7c_A";

/// Our side of one format, and a token.
pub struct Ours<F: Format> {
    pub issuer: Issuer<Access, F>,
    pub verifier: Verifier<Access>,
    pub borrowing: Verifier<Borrowed<'static>>,
    pub claims: Access,
    pub token: String,
}

impl<F: Format> Ours<F> {
    pub fn new(key: Key<F>, key_id: &str, now: u64) -> Outcome<Self> {
        let ring = KeyRing::<F>::builder().import(key.with_id(KeyId::new(key_id).ok_or("a key id")?))?;
        let issuer = Issuer::new(&ring)?;
        let verifier = Verifier::new(&ring)?;
        let borrowing = Verifier::new(&ring)?;
        let claims = Access::now(now);
        let token = issuer.issue(&claims)?.token;
        Ok(Self { issuer, verifier, borrowing, claims, token })
    }

    /// The course, and our entries with the bare cryptography's.
    fn enter(self, raw: Entry, key_id: &str, now: u64, material: Material) -> (Course, Vec<Entry>) {
        let course = Course { token: self.token.clone(), now, key_id: key_id.to_owned(), material };
        let Self { issuer, verifier, borrowing, claims, token } = self;
        let (text, mut buffer) = (token.clone(), Buffer::default());
        let verify =
            checked(BORROWED, move || borrowing.verify_now_in(black_box(&text), &mut buffer).map(|verified| drop(black_box(verified))));
        let borrowed = Entry { name: BORROWED, verify: Some(verify), issue: None };
        let ours = Entry::new(OURS, move || verifier.verify_now(black_box(&token)), move || issuer.issue(black_box(&claims)));
        (course, vec![ours, borrowed, raw])
    }
}

fn hs256(now: u64) -> Start {
    let ours = Ours::new(Key::<Jwt<Hs256>>::from_secret(SECRET)?, KEY_ID, now)?;
    let (signed, tag) = raw::jws(&ours.token)?;
    let key = raw::HmacKey::new(&SECRET)?;
    let (issuing, message) = (key.clone(), signed.clone());
    let raw =
        Entry::new(RAW, move || key.verify(black_box(&signed), black_box(&tag)), move || Ok::<_, ()>(issuing.sign(black_box(&message))));
    Ok(ours.enter(raw, KEY_ID, now, Material::default()))
}

fn eddsa(now: u64) -> Start {
    let (pair, material) = keys::ed25519()?;
    let ours = Ours::new(Key::<Jwt<EdDsa>>::from_pem(&material.private_pem)?, KEY_ID, now)?;
    let (signed, signature) = raw::jws(&ours.token)?;
    let raw = raw::ed25519(pair, signed, signature)?;
    Ok(ours.enter(raw, KEY_ID, now, material))
}

fn es256(now: u64) -> Start {
    let (pair, material) = keys::p256()?;
    let ours = Ours::new(Key::<Jwt<Es256>>::from_pem(&material.private_pem)?, KEY_ID, now)?;
    let (signed, signature) = raw::jws(&ours.token)?;
    let raw = raw::ecdsa(pair, &ECDSA_P256_SHA256_FIXED, signed, signature)?;
    Ok(ours.enter(raw, KEY_ID, now, material))
}

fn rs256(now: u64) -> Start {
    let (pair, material) = keys::rsa()?;
    let ours = Ours::new(Key::<Jwt<Rs256>>::from_pem(&material.private_pem)?, KEY_ID, now)?;
    let (signed, signature) = raw::jws(&ours.token)?;
    let raw = raw::rs256(pair, signed, signature)?;
    Ok(ours.enter(raw, KEY_ID, now, material))
}

fn v4_public(now: u64) -> Start {
    let (pair, material) = keys::ed25519()?;
    let ours = Ours::new(Key::<V4Public>::from_paserk(&material.paserk("k4").0)?, V4_PID, now)?;
    let (signed, signature) = raw::signed::<64>(&ours.token, "v4.public.", None, TOKEN_TYPE)?;
    let raw = raw::ed25519(pair, signed, signature)?;
    Ok(ours.enter(raw, V4_PID, now, material))
}

fn v4_local(now: u64) -> Start {
    let ours = Ours::new(Key::<V4Local>::from_paserk(&keys::paserk_local("k4"))?, V4_LID, now)?;
    let mut sealed = raw::V4LocalToken::new(&ours.token, TOKEN_TYPE, &SECRET)?;
    let mut plain = sealed.clone();
    let raw = Entry::new(RAW, move || sealed.open().then_some(()).ok_or("a wrong tag"), move || Ok::<_, ()>(plain.seal()));
    Ok(ours.enter(raw, V4_LID, now, Material::default()))
}

fn v3_public(now: u64) -> Start {
    let (pair, material) = keys::p384()?;
    let ours = Ours::new(Key::<V3Public>::from_paserk(&material.paserk("k3").0)?, V3_PID, now)?;
    let (signed, signature) = raw::signed::<96>(&ours.token, "v3.public.", Some(&material.public), TOKEN_TYPE)?;
    let raw = raw::ecdsa(pair, &ECDSA_P384_SHA384_FIXED, signed, signature)?;
    Ok(ours.enter(raw, V3_PID, now, material))
}

fn v3_local(now: u64) -> Start {
    let ours = Ours::new(Key::<V3Local>::from_paserk(&keys::paserk_local("k3"))?, V3_LID, now)?;
    let mut sealed = raw::V3LocalToken::new(&ours.token, TOKEN_TYPE, &SECRET)?;
    let mut plain = sealed.clone();
    let raw = Entry::new(RAW, move || sealed.open().then_some(()).ok_or("a wrong tag"), move || Ok::<_, ()>(plain.seal()));
    Ok(ours.enter(raw, V3_LID, now, Material::default()))
}

// In the shape of PASERK ids; nobody compares them with the key.
const V4_PID: &str = "k4.pid.9ShR3xc8-qVJ_di0tc9nx0IDIqbatdeM2mqLFBJsKRHs";
const V4_LID: &str = "k4.lid.iVtYQDjr5gEijCSjJC3fQaJm7nCeQSeaty0Jixy8dbsk";
const V3_PID: &str = "k3.pid.mL4lGxNG7cz28frmpnFRfcDTgjwCxqXaFaDfNVGZKfQl";
const V3_LID: &str = "k3.lid.DhF80Xh1aLJE4_bVVtFvGpd5uXzzJvHYj2lgmEWlAbSr";
