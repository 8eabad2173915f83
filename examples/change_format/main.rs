//! A service moves its tokens from HS256 to EdDSA and on to `v4.public` over one shared store: verifiers first, then issuers, one service
//! after the other. Time is moved, nobody waits, and nobody is logged out.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program that shows things")]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "small counts, and two services")]

use std::{error::Error, time::Duration};

use session_runtime::{
    Claims, Clock, Format, Issuer, KeyRing, SystemClock, Verifier,
    jwt::{EdDsa, Hs256, Jwt},
    keyring::{LocalKek, SqliteKeys},
    paseto::V4Public,
    testing::ManualClock,
};

#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "shop", ttl = "8h", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
}

/// The same ring in three formats: one name in the store, and a typed view of each.
struct Rings {
    hs256: KeyRing<Jwt<Hs256>>,
    eddsa: Option<KeyRing<Jwt<EdDsa>>>,
    v4: Option<KeyRing<V4Public>>,
}

/// One deployed service: what it signs with, and what it accepts.
struct Service {
    name: &'static str,
    rings: Rings,
    verifier: Verifier<Access>,
    signs: &'static str,
}

/// Everybody's tokens that have not expired.
#[derive(Default)]
struct Tokens {
    live: Vec<String>,
    good: u64,
    refused: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let store = SqliteKeys::open(folder.path().join("keys.db")).await?;
    let kek = LocalKek::generate()?;
    let clock = ManualClock::at(SystemClock.wall());

    let mut services = Vec::new();
    for name in ["shop", "orders"] {
        let hs256 = open::<Jwt<Hs256>>(&store, &kek, &clock).await?;
        let verifier = Verifier::new(&hs256)?;
        services.push(Service { name, rings: Rings { hs256, eddsa: None, v4: None }, verifier, signs: "HS256" });
    }
    let mut tokens = Tokens::default();
    println!("{:<44}{:<10}{:<10}{:>6}{:>9}", "", "shop", "orders", "good", "refused");
    hours(&services, &mut tokens, &clock, "everybody signs with HS256").await?;

    for format in ["EdDSA", "v4.public"] {
        for index in 0..services.len() {
            accept(&mut services[index], format, &store, &kek, &clock).await?;
            let told = format!("{} also accepts {format}", services[index].name);
            hours(&services, &mut tokens, &clock, &told).await?;
        }
        for index in 0..services.len() {
            services[index].signs = format;
            let told = format!("{} signs with {format}", services[index].name);
            hours(&services, &mut tokens, &clock, &told).await?;
        }
    }
    // The last of the old tokens has expired by then, so its ring can be forgotten.
    clock.advance(Duration::from_secs(8 * 3_600 + 300));
    tokens.live.clear();
    for service in &mut services {
        let v4 = service.rings.v4.as_ref().ok_or("the service signs with v4.public")?;
        service.rings.hs256.maintain().await?;
        v4.maintain().await?;
        service.verifier = Verifier::new(v4)?;
    }
    hours(&services, &mut tokens, &clock, "both accept v4.public alone").await?;
    println!(
        "\n{} verifications, {} refused: {}",
        tokens.good + tokens.refused,
        tokens.refused,
        match tokens.refused {
            0 => "nobody was logged out",
            _ => "somebody was logged out",
        }
    );
    if tokens.refused > 0 { Err("a change of format has refused a good token".into()) } else { Ok(()) }
}

async fn open<F: Format>(store: &SqliteKeys, kek: &LocalKek, clock: &ManualClock) -> Result<KeyRing<F>, Box<dyn Error>> {
    Ok(KeyRing::builder().name("access").clock(clock.clone()).open(store.clone(), kek.clone()).await?)
}

/// A deployment of one service, which accepts one format more.
async fn accept(
    service: &mut Service,
    format: &str,
    store: &SqliteKeys,
    kek: &LocalKek,
    clock: &ManualClock,
) -> Result<(), Box<dyn Error>> {
    let rings = &mut service.rings;
    if format == "EdDSA" {
        rings.eddsa = Some(open(store, kek, clock).await?);
    } else {
        rings.v4 = Some(open(store, kek, clock).await?);
    }
    let builder = Verifier::<Access>::builder().accept(&rings.hs256);
    let builder = rings.eddsa.iter().fold(builder, |builder, ring| builder.accept(ring));
    let builder = rings.v4.iter().fold(builder, |builder, ring| builder.accept(ring));
    service.verifier = builder.build()?;
    Ok(())
}

/// Two hours: every service signs a token, looks after its rings, and verifies everybody's.
async fn hours(services: &[Service], tokens: &mut Tokens, clock: &ManualClock, step: &str) -> Result<(), Box<dyn Error>> {
    let (good, refused) = (tokens.good, tokens.refused);
    for _ in 0..2 {
        clock.advance(Duration::from_secs(3_600));
        for service in services {
            let Rings { hs256, eddsa, v4 } = &service.rings;
            hs256.maintain().await?;
            if let Some(ring) = eddsa {
                ring.maintain().await?;
            }
            if let Some(ring) = v4 {
                ring.maintain().await?;
            }
            tokens.live.push(sign(service)?);
        }
        // The eighth hour of a token is its last: two an hour, of the last seven.
        let old = tokens.live.len().saturating_sub(2 * 7);
        tokens.live.drain(..old);
        for service in services {
            for token in &tokens.live {
                match service.verifier.verify_now(token) {
                    Ok(_) => tokens.good += 1,
                    Err(_) => tokens.refused += 1,
                }
            }
        }
    }
    let signs: Vec<&str> = services.iter().map(|service| service.signs).collect();
    println!("{step:<44}{:<10}{:<10}{:>6}{:>9}", signs[0], signs[1], tokens.good - good, tokens.refused - refused);
    Ok(())
}

fn sign(service: &Service) -> Result<String, Box<dyn Error>> {
    let ada = Access { user: "ada".to_owned() };
    let Rings { hs256, eddsa, v4 } = &service.rings;
    let issued = match (service.signs, eddsa, v4) {
        ("EdDSA", Some(ring), _) => Issuer::<Access, _>::new(ring)?.issue(&ada)?,
        ("v4.public", _, Some(ring)) => Issuer::<Access, _>::new(ring)?.issue(&ada)?,
        _ => Issuer::<Access, _>::new(hs256)?.issue(&ada)?,
    };
    Ok(issued.token)
}
