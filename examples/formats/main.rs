//! Every format there is, one struct: which one to choose, how keys come in and go out, and how to move from one to another.
//!
//! Read this file from top to bottom; nothing in it needs a file, a network or a database.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program that shows things")]

use std::error::Error;

use serde::{Deserialize, Serialize};
use session_runtime::{
    Buffer, Claims, Format, Issuer, KeyRing, Verifier,
    claims::Text,
    jwt::{
        EdDsa, Es256, Es384, Es512, Hs256, Hs384, Hs512, Jwt, MlDsa44, MlDsa65, MlDsa87, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512,
        unverified_header,
    },
    keyring::{Key, PublicKey, PublicKeys, ThumbprintHash},
    paseto::{V3Local, V3Public, V4Local, V4Public},
};

/// What a token says. It borrows, so that reading one allocates nothing.
#[derive(Claims, Debug, PartialEq)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
struct Access<'a> {
    #[claim(sub)]
    user: &'a str,
    /// May hold a quote or a backslash, which a `&str` cannot borrow.
    #[claim(rename = "org")]
    tenant: Text<'a>,
}

fn main() -> Result<(), Box<dyn Error>> {
    every_format()?;
    keys_in_and_out()?;
    wrapped_keys()?;
    footers()?;
    moving()
}

fn access() -> Access<'static> {
    Access { user: "ada", tenant: "acme".into() }
}

fn every_format() -> Result<(), Box<dyn Error>> {
    println!("1  The same claims in every format\n");
    println!("     {:<10}  {:>6}  {:<21}  who can verify", "format", "length", "claims");
    one::<Jwt<Hs256>>("whoever can issue")?;
    one::<Jwt<Hs384>>("whoever can issue")?;
    one::<Jwt<Hs512>>("whoever can issue")?;
    one::<Jwt<EdDsa>>("everybody")?;
    one::<Jwt<Es256>>("everybody")?;
    one::<Jwt<Es384>>("everybody")?;
    one::<Jwt<Es512>>("everybody")?;
    // One RSA pair is enough to show: making 3072 bits takes its time.
    let rsa = Key::<Jwt<Rs256>>::generate()?.to_pem()?;
    imported::<Jwt<Rs256>>(Key::from_pem(rsa.expose())?, "everybody")?;
    imported::<Jwt<Rs384>>(Key::from_pem(rsa.expose())?, "everybody")?;
    imported::<Jwt<Rs512>>(Key::from_pem(rsa.expose())?, "everybody")?;
    imported::<Jwt<Ps256>>(Key::from_pem(rsa.expose())?, "everybody")?;
    imported::<Jwt<Ps384>>(Key::from_pem(rsa.expose())?, "everybody")?;
    imported::<Jwt<Ps512>>(Key::from_pem(rsa.expose())?, "everybody")?;
    one::<Jwt<MlDsa44>>("everybody, after quantum computers too")?;
    one::<Jwt<MlDsa65>>("everybody, after quantum computers too")?;
    one::<Jwt<MlDsa87>>("everybody, after quantum computers too")?;
    one::<V4Public>("everybody")?;
    one::<V3Public>("everybody")?;
    one::<V4Local>("whoever can issue")?;
    one::<V3Local>("whoever can issue")
}

fn one<F: Format>(who: &str) -> Result<(), Box<dyn Error>> {
    imported::<F>(Key::generate()?, who)
}

fn imported<F: Format>(key: Key<F>, who: &str) -> Result<(), Box<dyn Error>> {
    let ring = KeyRing::<F>::builder().import(key)?;
    let token = Issuer::<Access<'_>, F>::new(&ring)?.issue(&access())?.token;
    // One buffer a thread or a connection, used again for every token.
    let mut buffer = Buffer::default();
    let verified = Verifier::<Access<'_>>::new(&ring)?.verify_now_in(&token, &mut buffer)?;
    assert_eq!(*verified, access());
    let claims = if F::NAME.ends_with("local") { "encrypted" } else { "readable by everybody" };
    println!("     {:<10}  {:>6}  {claims:<21}  {who}", F::NAME, token.len());
    Ok(())
}

fn keys_in_and_out() -> Result<(), Box<dyn Error>> {
    println!("\n2  Keys in and out\n");
    let key = Key::<Jwt<Es256>>::generate()?;
    let public = key.public_key();
    println!("     public, PEM     {}…", public.to_pem()?.lines().nth(1).unwrap_or_default());
    println!("     public, JWK     {}", public.to_jwk());
    println!("     thumbprint      {}", public.thumbprint(ThumbprintHash::Sha256));
    // What is secret has to be asked for by name, and shows nothing in a log.
    println!("     private, PEM    {:?}", key.to_pem()?);

    // A service that only verifies gets the public half, and its type has nothing that signs.
    let ring = KeyRing::builder().import(key)?;
    let token = Issuer::<Access<'_>, _>::new(&ring)?.issue(&access())?.token;
    let elsewhere = PublicKeys::<Jwt<Es256>>::from_jwk(&public.to_jwk())?;
    Verifier::<Access<'_>>::new(&elsewhere)?.verify_now_in(&token, &mut Buffer::default())?;

    // One key, one algorithm: a key of another curve does not become a key of this type.
    let other = PublicKey::<Jwt<Es384>>::from_jwk(&public.to_jwk()).map(drop);
    println!("     as ES384        refused: {}", reason(other));

    // What others call `Ed25519` (RFC 9864) is written on request, and both names are read.
    let ring = KeyRing::<Jwt<EdDsa>>::generate()?;
    let issuer = Issuer::<Access<'_>, _>::builder().fully_specified_algorithm().build(&ring)?;
    let token = issuer.issue(&access())?.token;
    Verifier::<Access<'_>>::new(&ring)?.verify_now_in(&token, &mut Buffer::default())?;
    let header = unverified_header(&token).unwrap_or_default();
    println!("     header          {header}");
    Ok(())
}

fn wrapped_keys() -> Result<(), Box<dyn Error>> {
    println!("\n3  PASETO keys, wrapped for where they are kept\n");
    let key = Key::<V4Local>::generate()?;
    println!("     id              {}", key.paserk_id());
    let wrapping = Key::<V4Local>::generate()?;
    let text = key.to_wrapped_paserk(&wrapping)?;
    println!("     under a key     {}", short(&text));
    assert_eq!(Key::<V4Local>::from_wrapped_paserk(&text, &wrapping)?.paserk_id(), key.paserk_id());

    let text = key.to_password_paserk("correct horse battery staple", Default::default())?;
    println!("     a password      {}", short(&text));
    println!("     another one     refused: {}", reason(Key::<V4Local>::from_password_paserk(&text, "Tr0ub4dor&3").map(drop)));

    let recipient = Key::<V4Public>::generate()?;
    let text = key.to_sealed_paserk(&recipient.public_key())?;
    println!("     to a recipient  {}", short(&text));
    assert_eq!(Key::<V4Local>::from_sealed_paserk(&text, &recipient)?.paserk_id(), key.paserk_id());
    Ok(())
}

/// What a proxy needs before anybody opens the token.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Route {
    region: String,
}

fn footers() -> Result<(), Box<dyn Error>> {
    println!("\n4  A footer: authenticated, and readable by everybody even when the claims are encrypted\n");
    let ring = KeyRing::<V4Local>::generate()?;
    let issuer = Issuer::<Access<'_>, _>::new(&ring)?.with_footer(&Route { region: "eu".into() })?;
    // Bound to something that is not in the token: here the connection that it may be used on.
    let issuer = issuer.with_implicit_assertion(b"tls-exporter:5f2b7c1e");
    let token = issuer.issue(&access())?.token;

    let verifier = Verifier::<Access<'_>>::new(&ring)?.with_implicit_assertion(b"tls-exporter:5f2b7c1e");
    let mut buffer = Buffer::default();
    let verified = verifier.verify_now_in(&token, &mut buffer)?;
    println!("     footer          {:?}", verified.footer::<Route>()?);
    let elsewhere = Verifier::<Access<'_>>::new(&ring)?.with_implicit_assertion(b"tls-exporter:00000000");
    println!("     elsewhere       refused: {}", reason(elsewhere.verify_now_in(&token, &mut Buffer::default()).map(drop)));
    Ok(())
}

fn moving() -> Result<(), Box<dyn Error>> {
    println!("\n5  From one format to another, without logging anybody out\n");
    let (old, new) = (KeyRing::<Jwt<Hs256>>::generate()?, KeyRing::<V4Public>::generate()?);
    let before = Issuer::<Access<'_>, _>::new(&old)?.issue(&access())?.token;
    let after = Issuer::<Access<'_>, _>::new(&new)?.issue(&access())?.token;

    // An allow-list: each format with its own keys, found by the token's own head, which chooses no algorithm.
    let both = Verifier::<Access<'_>>::builder().accept(&new).accept(&old).build()?;
    let only_new = Verifier::<Access<'_>>::new(&new)?;
    let mut buffer = Buffer::default();
    for (when, token) in [("from before", &before), ("from after", &after)] {
        both.verify_now_in(token, &mut buffer)?;
        let later = only_new.verify_now_in(token, &mut buffer).map(drop);
        println!("     {when:<14}  accepted; once HS256 is no longer accepted: {}", reason(later));
    }
    Ok(())
}

/// The last words of a text that nobody reads.
fn short(text: &str) -> String {
    format!("{}…", text.chars().take(56).collect::<String>())
}

fn reason<E: Error>(answer: Result<(), E>) -> String {
    answer.map_or_else(|error| error.to_string(), |()| "accepted".to_owned())
}
