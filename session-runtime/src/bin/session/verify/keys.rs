//! The keys that a token is verified with, from wherever they were given.

use std::path::{Path, PathBuf};

use clap::Args;
use session_runtime::{
    Among, Asymmetric, BoxFuture, Carries, Format, JwkKeys, KeyRing, PaserkKeys, PemKeys, Published, Symmetric, VerifierBuilder,
    claims::ClaimsType,
    error::{FetchFault, KeyError, KeyRule, RemoteError},
    jwt::{Jwt, SymmetricAlgorithm},
    keyring::{Key, Keys, PublicKeys, RemoteJwks, VerifyingKeys},
};

use crate::{
    claims::{Anything, Undying},
    failure::{Exit, Failure, Outcome},
    format::{FormatName, on},
    input::{key_path, read, read_text},
    moment::At,
    store::{Mode, StoreArgs},
    wrapping::WrapArgs,
};

/// Where the keys are.
#[derive(Debug, Args)]
#[group(id = "keys", required = true, multiple = false)]
pub(crate) struct KeyArgs {
    /// A key: PEM, JWK or PASERK text; `-` reads it from standard input
    #[arg(long, value_name = "FILE", value_parser = key_path)]
    key: Option<PathBuf>,
    /// A JWK set: a file, or an https address from which it is fetched once
    #[arg(long, value_name = "FILE|URL")]
    jwks: Option<String>,
    /// The bytes of an HMAC secret; `-` reads them from standard input
    #[arg(long, value_name = "FILE", value_parser = key_path)]
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

/// What one format made of what was given; nothing when it has no key in it.
type Tried = Result<Option<Found>, KeyError>;

impl KeyArgs {
    /// Reads or fetches the keys. `named` is the format that the token names: it picks among what was given, and nothing more.
    pub(crate) async fn read(&self, ring: &RingArgs, named: Option<FormatName>, at: At) -> Outcome<Vec<Found>> {
        if let Some(path) = &self.key {
            return of_file(path, ring.format);
        }
        if let Some(path) = &self.secret_file {
            let secret = read(path)?;
            return usable(on!(hmac: of_secret(&secret)).into(), ring.format, path);
        }
        match (&self.jwks, &self.store) {
            (Some(url), _) if url.contains("://") => fetched(url, ring.format.or(named)).await,
            (Some(path), _) => usable(on!(published: of_set(&read_text(Path::new(path))?)).into(), ring.format, Path::new(path)),
            (None, Some(store)) => {
                let args = StoreArgs { store: Some(store.clone()), dangerous_without_tls: ring.dangerous_without_tls };
                stored(&args, ring, named, at).await
            }
            (None, None) => Err(Failure::usage("no key").help("give `--key`, `--jwks`, `--secret-file` or `--store`")),
        }
    }
}

fn found<K: Keys + Candidate + 'static>(keys: K) -> Found {
    Found { format: <K::Format as Format>::NAME, keys: Box::new(keys) }
}

/// The keys of a text, whatever it is. What it is decides which formats are asked at all, so that the text of a public key is never taken
/// for a secret.
fn of_file(path: &Path, format: Option<FormatName>) -> Outcome<Vec<Found>> {
    let text = read_text(path)?;
    let text = text.trim();
    let mut tried: Vec<Tried> = Vec::new();
    if text.contains("-----BEGIN") {
        tried.extend(on!(published: of_pem(text)));
        tried.extend(on!(public: of_pem(text)));
    } else if text.starts_with('{') && text.contains("\"keys\"") {
        tried.extend(on!(published: of_set(text)));
    } else if text.starts_with('{') {
        tried.extend(on!(published: of_jwk(text)));
        tried.extend(on!(hmac: of_secret_jwk(text)));
    } else {
        tried.extend(on!(public: of_paserk(text)));
        tried.extend(on!(local: of_local_paserk(text)));
    }
    usable(tried, format, path)
}

/// What could be read, or why nothing could.
fn usable(tried: Vec<Tried>, format: Option<FormatName>, path: &Path) -> Outcome<Vec<Found>> {
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for tried in tried {
        match tried {
            Ok(keys) => found.extend(keys),
            // A key of another family is no fault of the key.
            Err(KeyError::Refused { rule: KeyRule::WrongKind { .. } | KeyRule::Forbidden("alg"), .. }) => {}
            Err(error) => wrong.push(error),
        }
    }
    let fits = |found: &Found| format.is_none_or(|format| format.0 == found.format);
    if found.iter().any(fits) {
        found.retain(fits);
        return Ok(found);
    }
    let path = path.display();
    match (format, found.first(), wrong.into_iter().next()) {
        (Some(format), Some(other), _) => {
            Err(Failure::refused(format_args!("{path}: no key for {}, but one for {}", format.0, other.format)))
        }
        (_, None, Some(error)) => Err(Failure::refused(format_args!("{path}: {error}"))),
        _ => Err(Failure::refused(format_args!("{path}: no key that could verify anything"))
            .help("a key is PEM, JWK or PASERK text; an HMAC secret is given with `--secret-file`, a set of keys with `--jwks`")),
    }
}

fn of_pem<F: PemKeys>(text: &str) -> Tried
where
    PublicKeys<F>: Candidate,
{
    let private = |error| Key::<F>::from_pem(text).map_err(|_| error).and_then(|key| PublicKeys::from_keys([key.public_key()]));
    PublicKeys::<F>::from_pem(text).or_else(private).map(found).map(Some)
}

fn of_jwk<F: Published>(text: &str) -> Tried
where
    PublicKeys<F>: Candidate,
{
    let private = |error| Key::<F>::from_jwk(text).map_err(|_| error).and_then(|key| PublicKeys::from_keys([key.public_key()]));
    PublicKeys::<F>::from_jwk(text).or_else(private).map(found).map(Some)
}

fn of_set<F: Asymmetric + JwkKeys>(text: &str) -> Tried
where
    PublicKeys<F>: Candidate,
{
    PublicKeys::<F>::from_jwks(text).map(|keys| (!keys.keys().is_empty()).then(|| found(keys)))
}

fn of_secret_jwk<F: Symmetric + JwkKeys>(text: &str) -> Tried
where
    VerifyingKeys<F>: Candidate,
{
    VerifyingKeys::<F>::from_jwk(text).map(found).map(Some)
}

fn of_paserk<F: Asymmetric + PaserkKeys>(text: &str) -> Tried
where
    PublicKeys<F>: Candidate,
{
    let private = |error| Key::<F>::from_paserk(text).map_err(|_| error).and_then(|key| PublicKeys::from_keys([key.public_key()]));
    PublicKeys::<F>::from_paserk(text).or_else(private).map(found).map(Some)
}

fn of_local_paserk<F: Symmetric + PaserkKeys>(text: &str) -> Tried
where
    VerifyingKeys<F>: Candidate,
{
    VerifyingKeys::<F>::from_paserk(text).map(found).map(Some)
}

/// The format by which a secret is read.
trait Hmac: Format {
    fn keys(secret: &[u8]) -> Result<VerifyingKeys<Self>, KeyError>
    where
        Self: Symmetric + Sized;
}

impl<A: SymmetricAlgorithm> Hmac for Jwt<A> {
    fn keys(secret: &[u8]) -> Result<VerifyingKeys<Self>, KeyError> {
        VerifyingKeys::from_secret(secret)
    }
}

fn of_secret<F: Hmac + Symmetric>(secret: &[u8]) -> Tried
where
    VerifyingKeys<F>: Candidate,
{
    // An editor ends the last line of a file; `session inspect --secret-file` tells whether it belongs to the secret.
    let line = secret.strip_suffix(b"\n").map_or(secret, |line| line.strip_suffix(b"\r").unwrap_or(line));
    F::keys(line).map(found).map(Some)
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
