//! Keys of another service over HTTP: an issuer publishes its set, a second service reads it, verifies, and learns of a rotation; then
//! the issuer goes down. All on this machine; time is moved, and nobody waits.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program that shows things")]

mod issuer;

use std::{error::Error, sync::atomic::Ordering, time::Duration};

use session_runtime::{
    Claims, Clock, KeyRing, SystemClock, Verified, Verifier,
    error::VerifyError,
    jwt::{EdDsa, Jwt},
    keyring::{RemoteJwks, remote::Condition},
    testing::ManualClock,
};

use issuer::Issuer;

#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "2h", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let clock = ManualClock::at(SystemClock.wall());

    title(1, "An issuer publishes its keys as data, with their headers");
    let ring = KeyRing::<Jwt<EdDsa>>::builder().clock(clock.clone()).generate()?;
    let issuer = Issuer::start(ring).await?;
    for path in [issuer.provider.openid_path(), "/keys".to_owned()] {
        let document = issuer.document(&path).ok_or("the issuer has no such document")?;
        println!("      {path}");
        for (name, value) in document.headers() {
            println!("      {name:<14} {value}");
        }
        println!("      {document}\n");
    }
    let sign = session_runtime::Issuer::<Access, _>::new(&issuer.ring)?;
    let ada = Access { user: "ada".to_owned() };
    let old = sign.issue(&ada)?.token;

    title(2, "Another service reads them once, and verifies without a request");
    // Where they are stands in the issuer's metadata. (Its name is the text of `accept_from`, where it is not this machine.)
    let keys = RemoteJwks::<Jwt<EdDsa>>::of_issuer(format!("http://{}", issuer.address)).clock(clock.clone()).load().await?;
    let verifier = Verifier::<Access>::builder().accept_from("https://id.example", &keys).build()?;
    show("ada's token", &verifier.verify_now(&old));
    show("and again", &verifier.verify_now(&old));

    title(3, "The issuer rotates: a token names a key that is not there yet");
    issuer.ring.rotate().await?;
    let new = sign.issue(&ada)?.token;
    // Refused, and the task that fetches is woken. `verify` waits for that fetch, and judges once more.
    show("verify_now", &verifier.verify_now(&new));
    show("verify", &verifier.verify(&new).await);
    show("an old one", &verifier.verify_now(&old));

    title(4, "Nothing has changed: the tag spares the body");
    clock.advance(Duration::from_secs(60));
    println!("      refresh    {:?}", keys.refresh().await?);

    title(5, "The issuer is down: the last good set stays");
    issuer.down.store(true, Ordering::SeqCst);
    clock.advance(Duration::from_secs(60));
    if let Err(error) = keys.refresh().await {
        println!("      refresh    {error}");
    }
    show("a new token", &verifier.verify_now(&new));
    if let Condition::Degraded { since, cause } = keys.health().condition {
        println!("      health     degraded since {since}: {cause}");
    }

    title(6, "For an hour, and no longer: a key in other hands could have been withdrawn");
    clock.advance(Duration::from_secs(3_600));
    show("a new token", &verifier.verify_now(&new));
    issuer.down.store(false, Ordering::SeqCst);
    println!("      refresh    {:?}", keys.refresh().await?);
    show("a new token", &verifier.verify_now(&new));
    Ok(())
}

fn title(number: usize, text: &str) {
    println!("\n{number:>2}  {text}\n");
}

fn show(what: &str, verdict: &Result<Verified<Access>, VerifyError>) {
    match verdict {
        Ok(access) => println!("      {what:<11}  accepted: {}", access.user),
        Err(error) => println!("      {what:<11}  refused: {error}"),
    }
}
