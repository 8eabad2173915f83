//! A small web service: login that issues, routes that need a token, three ways to log out, and the keys for others to read.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a program that says where it listens")]

mod people;
mod routes;

use std::{error::Error, net::Ipv4Addr, path::PathBuf, time::Duration};

use axum::{Router, extract::FromRef};
use clap::Parser;
use session_runtime::{
    Claims, Issuer, KeyRing, Revocations, Verified, Verifier,
    http::{
        Guard,
        axum::{JWKS_PATH, discovery, jwks},
    },
    jwt::{EdDsa, Jwt},
    keyring::{FileKeys, LocalKek, ProviderMetadata},
    revocation::SqliteRevocations,
};
use tokio::net::TcpListener;

type Format = Jwt<EdDsa>;

/// What a token of this service says.
#[derive(Claims, Debug)]
#[claims(audience = "api", ttl = "15m", token_type = "at+jwt")]
struct Access {
    #[claim(sub)]
    user: String,
    /// One login on one device; "end this session" ends it.
    #[claim(sid)]
    session: String,
    roles: Vec<String>,
}

/// Who may move money. The revocation log is read for every such request.
struct Teller;

impl Guard<Access> for Teller {
    const SCOPE: Option<&'static str> = Some("teller");
    const STRICT: bool = true;

    fn allows(access: &Verified<Access>) -> bool {
        access.roles.iter().any(|role| role == "teller")
    }
}

/// What handlers share. All of it is cheap to clone.
#[derive(Clone)]
struct App {
    issuer: Issuer<Access, Format>,
    verifier: Verifier<Access>,
    revocations: Revocations,
}

/// All that `Auth` needs.
impl FromRef<App> for Verifier<Access> {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

#[derive(Debug, Parser)]
#[command(name = "api")]
struct Arguments {
    /// Where to listen, on this machine alone; 0 is any port that is free.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Where keys and revocations are kept.
    #[arg(long, default_value = ".api")]
    state: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.state)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await?;
    let origin = format!("http://{}", listener.local_addr()?);

    // A service gets its key-encryption key from elsewhere: in one folder both files together are the plain keys.
    let kek = LocalKek::from_file_or_generate(arguments.state.join("kek"))?;
    let ring = KeyRing::<Format>::builder().open(FileKeys::at(arguments.state.join("keys.json")), kek).await?;
    let revocations = Revocations::open(SqliteRevocations::open(arguments.state.join("revocations.db")).await?).await?;
    let app = App {
        issuer: Issuer::<Access, _>::builder().issuer(origin.as_str()).build(&ring)?.with_revocations(&revocations).await?,
        verifier: Verifier::<Access>::builder().accept_from(origin.as_str(), &ring).build()?.with_revocations(&revocations).await?,
        revocations,
    };
    let provider = ProviderMetadata::builder(&origin, format!("{origin}{JWKS_PATH}")).signed_by(&ring).build()?;
    let router: Router = routes::router().merge(jwks(&ring)).merge(discovery(&provider, Duration::from_secs(3_600))).with_state(app);

    println!("listening on {origin}");
    axum::serve(listener, router).await?;
    Ok(())
}
