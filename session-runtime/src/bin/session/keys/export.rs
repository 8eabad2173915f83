//! `session keys export`: a key as a text that other programs read.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use session_runtime::error::KeyError;
use zeroize::Zeroizing;

use super::{
    change::key_id,
    file::{FileKey, read_key},
    half::{Form, Half},
    ring::Target,
};
use crate::{
    failure::{Exit, Failure, Outcome},
    output::{print_json, print_raw},
    store::Mode,
};

/// Writes a key in a text that other programs read
///
/// The public half, unless `--private` is said. A secret has no public half.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The key file; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "store", conflicts_with = "store")]
    file: Option<PathBuf>,
    /// The key of the ring, by its id
    #[arg(long, value_name = "KEY_ID", requires = "store")]
    id: Option<String>,
    #[command(flatten)]
    target: Target,
    /// In which text
    #[arg(long = "as", value_name = "FORM")]
    form: Option<Form>,
    /// Writes the private half, or the secret, to standard output
    #[arg(long)]
    private: bool,
}

impl Export {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        let text = match &self.file {
            Some(path) => self.of_file(read_key(path, self.target.format)?)?,
            None => self.of_ring().await?,
        };
        if json {
            print_json(&json!({ "private": self.private, "text": *text }))?;
        } else {
            print_raw(text.as_bytes())?;
            if !text.ends_with('\n') {
                print_raw(b"\n")?;
            }
        }
        Ok(Exit::Done)
    }

    fn of_file(&self, keys: Vec<FileKey>) -> Outcome<Zeroizing<String>> {
        // In a JWK stands for which algorithm it is, so that must not be chance.
        if keys.len() > 1
            && matches!(self.form, Some(Form::Jwk | Form::Jwks))
            && keys.iter().filter(|key| key.half.jwk.is_some()).count() > 1
        {
            let formats: Vec<&str> = keys.iter().map(|key| key.format).collect();
            return Err(
                Failure::usage(format_args!("the key fits several formats: {}", formats.join(", "))).help("say which one with `--format`")
            );
        }
        let mut failure = None;
        for key in &keys {
            match self.of_one(key) {
                Ok(text) => return Ok(text),
                Err(other) => failure = failure.or(Some(other)),
            }
        }
        Err(failure.unwrap_or_else(|| Failure::refused("no key")))
    }

    fn of_one(&self, key: &FileKey) -> Outcome<Zeroizing<String>> {
        if self.private {
            let private = key.private.as_ref().ok_or_else(|| Failure::refused("the file has no private half"))?;
            return Ok(Zeroizing::new(private.text(self.form)?.expose().to_owned()));
        }
        public_text(key.format, &key.half, self.form)
    }

    async fn of_ring(&self) -> Outcome<Zeroizing<String>> {
        let ring = self.target.one(if self.private { Mode::LookInside } else { Mode::Look }).await?;
        if let (Some(Form::Jwks), false, None) = (self.form, self.private, &self.id) {
            let set = ring
                .jwks()
                .ok_or_else(|| Failure::refused(format_args!("{} has no keys that are published as a JWK set", ring.format())))?;
            return Ok(Zeroizing::new(set.to_string()));
        }
        let id =
            self.id.clone().ok_or_else(|| Failure::usage("which key?").help("give `--id KEY_ID`, or `--as jwks` for all public keys"))?;
        let id = key_id(&id)?;
        if self.private {
            return Ok(Zeroizing::new(ring.private(&id, self.form)?.expose().to_owned()));
        }
        if !ring.keys().iter().any(|key| key.id.as_ref() == Some(&id)) {
            return Err(KeyError::NoSuchKey(id).into());
        }
        let half = ring.halves().into_iter().find(|half| half.key_id.as_deref() == Some(id.as_str())).unwrap_or_default();
        public_text(ring.format(), &half, self.form)
    }
}

fn public_text(format: &str, half: &Half, form: Option<Form>) -> Outcome<Zeroizing<String>> {
    let text = match form {
        Some(form) => half.text(form),
        None => half.pem.clone().or_else(|| half.paserk.clone()),
    };
    let is_secret = half.pem.is_none() && half.paserk.is_none();
    text.map(Zeroizing::new).ok_or_else(|| {
        if is_secret {
            Failure::refused(format_args!("a key for {format} is a secret and has no public half"))
                .help("`--private` writes the secret itself")
        } else {
            Failure::usage(format_args!("a key for {format} has no such text"))
                .help("formats of JWT have pem and jwk, those of PASETO pem and paserk")
        }
    })
}
