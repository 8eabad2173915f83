//! PEM files: exactly one key.

use pem_rfc7468::{Decoder, LineEnding};
use zeroize::Zeroizing;

use crate::{
    crypto::der::{self, Form},
    error::KeyRule,
};

/// Takes the armour off. The label says the form; the content is checked later.
pub(super) fn read(text: &str) -> Result<(Form, Zeroizing<Vec<u8>>), KeyRule> {
    let mut found = None;
    let mut rest = text;
    while let Some((block, after)) = next_block(rest) {
        rest = after;
        // `openssl ecparam -genkey` writes the name of the curve in front of the key, which says it again.
        if block.starts_with("-----BEGIN EC PARAMETERS-----") {
            continue;
        }
        if found.replace(block).is_some() {
            return Err(KeyRule::Unreadable("the PEM text of one key"));
        }
    }
    let block = found.filter(|block| block.len() <= der::LONGEST.saturating_mul(2)).ok_or(UNREADABLE)?;
    let mut decoder = Decoder::new_detect_wrap(block.as_bytes()).map_err(|_| UNREADABLE)?;
    let form = match decoder.type_label() {
        "PRIVATE KEY" => Form::Pkcs8,
        "RSA PRIVATE KEY" => Form::Pkcs1,
        "EC PRIVATE KEY" => Form::Sec1,
        "PUBLIC KEY" => Form::Spki,
        "RSA PUBLIC KEY" => Form::Pkcs1Public,
        "ENCRYPTED PRIVATE KEY" => return Err(der::ENCRYPTED),
        _ => return Err(UNREADABLE),
    };
    let mut der = Zeroizing::new(vec![0; decoder.remaining_len()]);
    decoder.decode(&mut der).map_err(|_| UNREADABLE)?;
    if decoder.is_finished() { Ok((form, der)) } else { Err(UNREADABLE) }
}

/// Puts the armour on.
pub(super) fn write(label: &str, der: &[u8]) -> Result<String, KeyRule> {
    pem_rfc7468::encode_string(label, LineEnding::LF, der).map_err(|_| UNREADABLE)
}

/// The next armoured block, and what follows it.
fn next_block(text: &str) -> Option<(&str, &str)> {
    let (_, block) = text.split_at_checked(text.find("-----BEGIN ")?)?;
    let (body, tail) = block.split_at_checked(block.find("-----END ")?)?;
    let label = tail.strip_prefix("-----END ")?;
    let end = label.find("-----")?.checked_add("-----END ".len())?.checked_add("-----".len())?.checked_add(body.len())?;
    block.split_at_checked(end)
}

const UNREADABLE: KeyRule = KeyRule::Unreadable("the PEM text of a key");
