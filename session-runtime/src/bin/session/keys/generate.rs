//! `session keys generate`: a key in a file, or a ring in a store.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use serde_json::json;
use session_runtime::{
    BoxFuture, KeyRing,
    keyring::{KekChain, Key, LocalKek, Timing},
};

use super::{
    file::{FileKey, write_private},
    half::{Form, Kind},
    list::heading,
    ring::Ring,
    show::half_page,
};
use crate::{
    failure::{Exit, Failure, Outcome},
    format::{FormatName, on},
    moment::span,
    output::{plain, print, print_json, say, with},
    store::{Mode, StoreArgs},
    wrapping::WrapArgs,
};

/// Makes a key in a file, or a ring with its first key in a store
///
/// Of the new key its id and its public half are printed; the private half goes into the file or the store and nowhere else.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// The format that the key is for
    #[arg(long, value_name = "FORMAT", value_parser = crate::format::parser(), ignore_case = true)]
    format: FormatName,
    /// The file for the key, which must not be there yet
    #[arg(long, value_name = "FILE", required_unless_present = "store", conflicts_with = "store")]
    out: Option<PathBuf>,
    /// In which text the key is written into the file
    #[arg(long = "as", value_name = "FORM", requires = "out")]
    form: Option<Form>,
    #[command(flatten)]
    store: StoreArgs,
    /// The name of the ring in the store
    #[arg(long, value_name = "NAME", default_value = "main")]
    ring: String,
    /// The longest life of the tokens that the ring may sign, as `24h`
    #[arg(long, value_name = "TIME", value_parser = span, requires = "store")]
    max_ttl: Option<Duration>,
    /// For how many writers the ring is; a file and SQLite are for one unless it is said
    #[arg(long, value_name = "WHO", requires = "store")]
    timing: Option<Writers>,
    #[command(flatten)]
    wrap: WrapArgs,
    /// Says what would be made, and makes nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Writers {
    /// One process signs, and a new key signs at once
    Single,
    /// Several nodes sign, and a key is published before it does
    Fleet,
}

impl Generate {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        if self.store.store.is_some() { self.ring(json).await } else { self.file(json) }
    }

    fn file(&self, json: bool) -> Outcome {
        let path = self.out.as_deref().ok_or_else(|| Failure::usage("no file for the key").help("give `--out FILE` or `--store STORE`"))?;
        let made = on!(published: fresh(self.format)).into_iter().chain(on!(hmac: fresh(self.format)));
        let made = made.chain(on!(public: fresh(self.format))).chain(on!(local: fresh(self.format))).flatten().next();
        let key = made.ok_or_else(|| Failure::usage("no such format"))??;
        let private = key.private.as_ref().ok_or_else(|| Failure::usage("no private half"))?;
        let secret = private.text(self.form)?;
        if !self.dry_run {
            write_private(path, secret.expose())?;
        }
        if json {
            let file = path.display().to_string();
            print_json(&with(
                key.half.to_json(),
                [("format", key.format.into()), ("file", file.into()), ("dry_run", self.dry_run.into())],
            ))?;
        } else {
            let done = if self.dry_run { "would be written to" } else { "written to" };
            print(&format!("private key {done} {}\n{}", path.display(), half_page(key.format, &key.half)))?;
        }
        Ok(Exit::Done)
    }

    async fn ring(&self, json: bool) -> Outcome {
        let formats = self.store.keys(if self.dry_run { Mode::Look } else { Mode::Create }).await?.formats(&self.ring).await?;
        if formats.contains(&self.format.0) {
            return Err(Failure::refused(format_args!("the store has the ring `{}` in {} already", self.ring, self.format.0))
                .help("`session keys rotate` makes its next key"));
        }
        if self.dry_run {
            if json {
                print_json(&json!({ "ring": self.ring, "format": self.format.0, "dry_run": true }))?;
            } else {
                print(&format!("the ring `{}` would be made in {}\n", plain(&self.ring), self.format.0))?;
            }
            return Ok(Exit::Done);
        }
        let wrap = self.kek()?;
        let all = on!(published: create(self, &wrap)).into_iter().chain(on!(hmac: create(self, &wrap)));
        let mut all = all.chain(on!(public: create(self, &wrap))).chain(on!(local: create(self, &wrap)));
        let (_, create) = all.find(|(name, _)| *name == self.format.0).ok_or_else(|| Failure::usage("no such format"))?;
        let ring = create.await?;
        let id = ring.signing_key().map(|id| id.as_str().to_owned());
        if json {
            print_json(
                &json!({ "ring": ring.name(), "format": ring.format(), "key_id": id, "max_ttl_seconds": ring.max_ttl().as_secs(), "timing": ring.timing(), "dry_run": false }),
            )?;
        } else {
            print(&format!("{}\nmade, with the key {}\n", heading(&*ring), plain(&id.unwrap_or_default())))?;
        }
        Ok(Exit::Done)
    }

    /// The key-encryption key, which is made where the file is not there: this is the first start of a ring.
    fn kek(&self) -> Outcome<KekChain> {
        let Some(path) = &self.wrap.kek_file else { return self.wrap.wrap() };
        if !path.exists() {
            say(&format!("a new key-encryption key is made: {}; keep it apart from the store and its backups\n", path.display()));
        }
        Ok(KekChain::new(LocalKek::from_file_or_generate(path)?))
    }
}

/// A fresh key, if this is its format.
fn fresh<F: Kind>(format: FormatName) -> Option<Outcome<FileKey>> {
    (format.0 == F::NAME).then(|| {
        let key = Key::<F>::generate()?;
        Ok(FileKey { format: F::NAME, half: F::half(&key), private: Some(Box::new(key)) })
    })
}

fn create<'a, F: Kind>(generate: &'a Generate, wrap: &'a KekChain) -> (&'static str, BoxFuture<'a, Outcome<Box<dyn Ring>>>) {
    let create = async move {
        let mut builder = KeyRing::<F>::builder().name(&generate.ring);
        if let Some(max_ttl) = generate.max_ttl {
            builder = builder.max_ttl(max_ttl);
        }
        if let Some(timing) = generate.timing {
            builder = builder.timing(match timing {
                Writers::Single => Timing::SINGLE,
                Writers::Fleet => Timing::FLEET,
            });
        }
        let store = generate.store.keys(Mode::Create).await?;
        Ok(Box::new(builder.open(store, wrap.clone()).await?) as Box<dyn Ring>)
    };
    (F::NAME, Box::pin(create))
}
