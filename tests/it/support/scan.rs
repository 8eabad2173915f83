//! Finds secrets in texts, however they were spelled.

use base64_simd::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Secrets that no text may hold.
#[derive(Default)]
pub(crate) struct Canaries(Vec<(String, Vec<String>)>);

impl Canaries {
    /// Adds a secret and all its spellings.
    pub(crate) fn add(&mut self, name: &str, secret: impl AsRef<[u8]>) {
        let secret = secret.as_ref();
        assert!(secret.len() >= 16, "a shorter canary would be found by accident");
        let mut spellings = Vec::new();
        // A quarter of a secret is a find, too.
        for part in secret.chunks_exact(16) {
            let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
            spellings.push(hex.to_uppercase());
            spellings.push(hex);
            spellings.push(part.iter().map(u8::to_string).collect::<Vec<_>>().join(","));
            // In base64 the same bytes look different at each of three offsets.
            for offset in 0..3 {
                let whole = &part[offset..];
                let whole = &whole[..whole.len() / 3 * 3];
                spellings.extend([STANDARD_NO_PAD.encode_to_string(whole), URL_SAFE_NO_PAD.encode_to_string(whole)]);
            }
            if let Ok(text) = std::str::from_utf8(part) {
                spellings.push(text.to_owned());
            }
        }
        self.0.push((name.to_owned(), spellings));
    }

    /// The names of the secrets that `text` holds.
    pub(crate) fn find(&self, text: &str) -> Vec<&str> {
        // Lists of numbers may be spread over lines.
        let dense: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let holds = |spelling: &String| text.contains(spelling) || dense.contains(spelling);
        self.0.iter().filter(|(_, spellings)| spellings.iter().any(holds)).map(|(name, _)| name.as_str()).collect()
    }

    /// Fails when `text` holds a secret.
    #[track_caller]
    pub(crate) fn check(&self, what: &str, text: &str) {
        let found = self.find(text);
        assert!(found.is_empty(), "{what} holds {found:?}: {text}");
    }
}

#[test]
fn canaries_are_found_in_every_spelling() {
    let secret: Vec<u8> = (100..132).collect();
    let mut canaries = Canaries::default();
    canaries.add("secret", &secret);
    let hex: String = secret.iter().map(|byte| format!("{byte:02X}")).collect();
    let long: Vec<u8> = [b"x".as_slice(), &secret, b"yy"].concat();
    for text in [
        hex,
        URL_SAFE_NO_PAD.encode_to_string(&secret),
        STANDARD_NO_PAD.encode_to_string(&long),
        format!("{secret:?}"),
        format!("{secret:#?}"),
        String::from_utf8_lossy(&secret).into_owned(),
    ] {
        assert_eq!(canaries.find(&text), ["secret"], "{text}");
    }
    canaries.check("nothing", "nothing here");
}
