//! `session keys show`: what may be told of keys.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{file::read_key, half::Half, ring::Target};
use crate::{
    failure::{Exit, Failure, Outcome},
    moment::At,
    output::{BOLD, columns, plain, print, print_json, styled, with},
};

/// Shows what may be told of the key in a file, or of the keys of a ring: ids, thumbprints and public halves
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The key file; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "store", conflicts_with = "store")]
    file: Option<PathBuf>,
    /// Only the key of this id
    #[arg(long, value_name = "KEY_ID", requires = "store")]
    id: Option<String>,
    #[command(flatten)]
    target: Target,
}

impl Show {
    pub(crate) async fn run(self, json: bool) -> Outcome {
        let mut shown: Vec<(String, Half, Option<bool>)> = Vec::new();
        if let Some(path) = &self.file {
            let keys = read_key(path, self.target.format)?;
            let formats: Vec<&str> = keys.iter().map(|key| key.format).collect();
            let formats = formats.join(", ");
            shown.extend(keys.into_iter().next().map(|key| (formats, key.half, Some(key.private.is_some()))));
        } else {
            for ring in self.target.look(At { at: None }).await? {
                let halves = ring.halves();
                for key in ring.keys() {
                    let id = key.id.map(|id| id.as_str().to_owned());
                    let half = halves.iter().find(|half| half.key_id == id).cloned();
                    let half = half.unwrap_or(Half { key_id: id, ..Half::default() });
                    if self.id.is_none() || self.id == half.key_id {
                        shown.push((ring.format().to_owned(), half, None));
                    }
                }
            }
            if shown.is_empty() {
                return Err(Failure::refused("the ring has no such key").help("`session keys list` shows the ids of the ring"));
            }
        }
        if json {
            let value = |(formats, half, private): &(String, Half, Option<bool>)| {
                with(half.to_json(), [("formats", formats.split(", ").collect()), ("has_private_half", json!(private))])
            };
            print_json(&shown.iter().map(value).collect())?;
        } else {
            let page = |(formats, half, private): &(String, Half, Option<bool>)| {
                let there = private.map(|private| if private { "the private half is in the file\n" } else { "no private half\n" });
                format!("{}{}", half_page(formats, half), there.unwrap_or_default())
            };
            print(&shown.iter().map(page).collect::<Vec<_>>().join("\n"))?;
        }
        Ok(Exit::Done)
    }
}

/// One key, for people.
pub(super) fn half_page(formats: &str, half: &Half) -> String {
    let facts = [
        ("format", Some(formats.to_owned())),
        ("key id", half.key_id.clone().map(|id| plain(&id))),
        ("thumbprint", half.thumbprint.clone()),
        ("PASERK id", half.paserk_id.clone()),
        ("public", half.paserk.clone()),
    ];
    let rows: Vec<Vec<String>> = facts.into_iter().filter_map(|(name, value)| Some(vec![styled(BOLD, name), value?])).collect();
    format!("{}{}", columns(&rows), half.pem.as_deref().unwrap_or_default())
}
