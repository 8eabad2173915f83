//! The keys that a token is verified with, from wherever they were given.

use std::path::{Path, PathBuf};

use clap::Args;
use session_runtime::{
    Among, Asymmetric, BoxFuture, Carries, Format, KeyRing, Published, Symmetric, VerifierBuilder,
    claims::ClaimsType,
    error::{FetchFault, RemoteError},
    keyring::{Keys, PublicKeys, RemoteJwks, VerifyingKeys},
};

use super::texts::{of_file, of_secret_file, of_set_file};
use crate::{
    claims::{Anything, Undying},
    failure::{Exit, Failure, Outcome},
    format::{FormatName, on},
    moment::At,
    store::{Mode, StoreArgs},
    wrapping::WrapArgs,
};

/// Where the keys are.
#[derive(Debug, Args)]
#[group(id = "keys", required = true, multiple = false)]
pub(crate) struct KeyArgs {
    /// A key: PEM, JWK or PASERK text; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A JWK set: a file, or an https address from which it is fetched once
    #[arg(long, value_name = "FILE|URL")]
    jwks: Option<String>,
    /// The bytes of an HMAC secret; `-` reads them from standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The store of a ring: `file:PATH`, `sqlite:PATH`, `postgres://…` or `redis://…`; `@FILE` reads the address from a file
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
}

/// What belongs to a ring in a store, and to the keys that were read.
#[derive(Debug, Args)]
pub(crate) struct RingArgs {
    /// The name of the ring in the store
    #[arg(long, value_name = "NAME", default_value = "main")]
    ring: String,
    /// The one format that the keys are for; unless it is given, every format that they fit
    #[arg(long, value_name = "FORMAT", value_parser = crate::format::parser(), ignore_case = true)]
    format: Option<FormatName>,
    #[command(flatten)]
    wrap: WrapArgs,
    /// Connects to the store without TLS: whoever is on the way can read and change everything
    #[arg(long)]
    dangerous_without_tls: bool,
}

impl RingArgs {
    /// For keys that are in no store.
    pub(crate) fn none() -> Self {
        let wrap = WrapArgs { kek_file: None, plaintext_keys: false };
        Self { ring: "main".to_owned(), format: None, wrap, dangerous_without_tls: false }
    }

    pub(crate) fn dangerous_without_tls(&self) -> bool {
        self.dangerous_without_tls
    }
}

/// Keys of one format that a verifier of claims `C` can accept.
pub(crate) trait Accept<C> {
    fn accept(&self, builder: VerifierBuilder<C>) -> VerifierBuilder<C>;
}

impl<C: ClaimsType, K: Keys> Accept<C> for K
where
    K::Format: Carries<C::Exposure> + Among<C::Formats>,
{
    fn accept(&self, builder: VerifierBuilder<C>) -> VerifierBuilder<C> {
        builder.accept(self)
    }
}

/// Keys of one format, whatever is read with them.
pub(crate) trait Candidate: Accept<Anything> + Accept<Undying> {}
impl<K: Accept<Anything> + Accept<Undying>> Candidate for K {}

/// Keys, and the format that they were read as.
pub(crate) struct Found {
    pub(crate) format: &'static str,
    pub(crate) keys: Box<dyn Candidate>,
}

impl KeyArgs {
    /// A key or a set that another command was given.
    pub(crate) fn of(key: Option<PathBuf>, jwks: Option<String>) -> Self {
        Self { key, jwks, secret_file: None, store: None }
    }

    /// Reads or fetches the keys. `named` is the format that the token names: it picks among what was given, and nothing more.
    pub(crate) async fn read(&self, ring: &RingArgs, named: Option<FormatName>, at: At) -> Outcome<Vec<Found>> {
        if let Some(path) = &self.key {
            return of_file(path, ring.format);
        }
        if let Some(path) = &self.secret_file {
            return of_secret_file(path, ring.format);
        }
        match (&self.jwks, &self.store) {
            (Some(url), _) if url.contains("://") => fetched(url, ring.format.or(named)).await,
            (Some(path), _) => of_set_file(Path::new(path), ring.format),
            (None, Some(store)) => {
                let args = StoreArgs { store: Some(store.clone()), dangerous_without_tls: ring.dangerous_without_tls };
                stored(&args, ring, named, at).await
            }
            (None, None) => Err(Failure::usage("no key").help("give `--key`, `--jwks`, `--secret-file` or `--store`")),
        }
    }
}

pub(super) fn found<K: Keys + Candidate + 'static>(keys: K) -> Found {
    Found { format: <K::Format as Format>::NAME, keys: Box::new(keys) }
}

/// One fetch, for the keys of the one format that is needed. A format of secrets is in no set, so nothing is fetched for it.
async fn fetched(url: &str, format: Option<FormatName>) -> Outcome<Vec<Found>> {
    for fetch in on!(published: fetch(url, format)) {
        match fetch.await {
            Ok(None) => {}
            Ok(Some(found)) => return Ok(vec![found]),
            Err(RemoteError::Fetch(FetchFault::NoKeys)) => {
                let name = format.map_or("this format", |format| format.0);
                return Err(Failure::refused(format_args!("the key set has no key for {name}, which the token names")));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::refused("the token names no algorithm that a public key set could have a key for")
        .help("`session inspect` shows what it names; `none` and HMAC are never verified with public keys"))
}

fn fetch<F: Published>(url: &str, format: Option<FormatName>) -> BoxFuture<'_, Result<Option<Found>, RemoteError>>
where
    RemoteJwks<F>: Candidate,
{
    Box::pin(async move {
        if format != Some(FormatName(F::NAME)) {
            return Ok(None);
        }
        RemoteJwks::<F>::builder(url).manual().load().await.map(found).map(Some)
    })
}

/// The keys of a ring, in the format that the token names, or in every format that the ring has.
async fn stored(args: &StoreArgs, ring: &RingArgs, named: Option<FormatName>, at: At) -> Outcome<Vec<Found>> {
    let formats = args.keys(Mode::Look).await?.formats(&ring.ring).await?;
    let wanted = ring.format.or_else(|| named.filter(|named| formats.contains(&named.0)));
    let wanted = |format: &str| formats.contains(&format) && wanted.is_none_or(|wanted| wanted.0 == format);
    if !formats.iter().copied().any(wanted) {
        return Err(no_such_ring(&ring.ring, ring.format));
    }
    let mut found = Vec::new();
    for (format, open) in on!(published: public(args, &ring.ring, at)).into_iter().chain(on!(public: public(args, &ring.ring, at))) {
        if wanted(format) {
            found.push(open.await?);
        }
    }
    for (format, open) in on!(hmac: secret(args, ring, at)).into_iter().chain(on!(local: secret(args, ring, at))) {
        if wanted(format) {
            found.push(open.await?);
        }
    }
    Ok(found)
}

/// An opening that nobody has begun, and its format.
type Opening<'a> = (&'static str, BoxFuture<'a, Outcome<Found>>);

/// Public halves need no key-encryption key.
fn public<'a, F: Asymmetric>(args: &'a StoreArgs, ring: &'a str, at: At) -> Opening<'a>
where
    PublicKeys<F>: Candidate,
{
    let open = async move {
        let store = args.keys(Mode::Look).await?;
        Ok(found(PublicKeys::<F>::open_with(&store, ring, at).await?))
    };
    (F::NAME, Box::pin(open))
}

fn secret<'a, F: Symmetric>(args: &'a StoreArgs, ring: &'a RingArgs, at: At) -> Opening<'a>
where
    VerifyingKeys<F>: Candidate,
{
    let open = async move {
        let store = args.keys(Mode::LookInside).await?;
        let opened = KeyRing::<F>::builder().name(&ring.ring).clock(at).open(store, ring.wrap.wrap()?).await?;
        Ok(found(opened.verifying_keys()))
    };
    (F::NAME, Box::pin(open))
}

/// A ring that is not where it was looked for.
pub(crate) fn no_such_ring(ring: &str, format: Option<FormatName>) -> Failure {
    let format = format.map_or(String::new(), |format| format!(" in {}", format.0));
    Failure::new(Exit::Store, format_args!("the store has no ring `{ring}`{format}"))
        .help("is it the right store, and the name that the service uses? `session keys generate` makes a ring")
}
