//! One line of a list, as the README of the vectors describes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A token, its keys and its policy. Members that a format does not use are absent.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Case {
    /// Its name in the list.
    #[serde(default)]
    pub id: Value,
    /// `jwt`, `jwt-jwks`, `jwt-typed`, `paseto` or `paserk`.
    pub format: String,
    /// The algorithm that the verifier is pinned to.
    pub alg: Option<String>,
    /// The algorithms of a verifier for a key set.
    #[serde(default)]
    pub algs: Vec<String>,
    /// Version and purpose that a PASETO verifier is pinned to.
    pub verify_as: Option<String>,
    /// What a PASERK is read as.
    pub as_type: Option<String>,
    /// A JWK, or the members of a PASETO key.
    pub key: Option<Value>,
    /// A JWK set.
    pub jwks: Option<Value>,
    /// The text of a key, for the format `paserk`.
    pub paserk: Option<String>,
    /// The password of a PASERK that is under one, in hexadecimal.
    pub password_hex: Option<String>,
    /// What the verifier is told.
    #[serde(default)]
    pub policy: Policy,
    /// The token.
    pub token: Option<String>,
    /// A long token, in parts.
    pub token_parts: Option<Vec<Part>>,
    /// The footer that a PASETO has to have.
    pub footer: Option<String>,
    /// The implicit assertion of a PASETO.
    pub implicit: Option<String>,
    /// The claims of a typed case and their types, in words.
    #[serde(default)]
    pub schema: BTreeMap<String, String>,
    /// `valid`, `invalid` or `policy`.
    pub expected: Option<String>,
    /// What the list recommends where the specifications leave a case open.
    pub recommended: Option<String>,
}

/// What a verifier is told.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Policy {
    /// The time, in seconds.
    #[serde(default)]
    pub now: i64,
    /// How far clocks may differ, in seconds.
    #[serde(default)]
    pub leeway: u64,
    /// The issuer.
    pub iss: Option<String>,
    /// The audience, a string or an array of strings.
    pub aud: Option<Value>,
    /// The claims that must be there.
    #[serde(default)]
    pub require: Vec<String>,
    /// The type that the token must have.
    pub typ: Option<String>,
}

/// A part of a long token.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Part {
    /// As it stands.
    Text(String),
    /// `r`, `n` times.
    Repeated {
        /// The text.
        r: String,
        /// How often.
        n: usize,
    },
}

impl Case {
    /// The token's text.
    pub fn text(&self) -> Option<String> {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Repeated { r, n } => r.repeat(*n),
        };
        self.token.clone().or_else(|| self.token_parts.as_ref().map(|parts| parts.iter().map(part).collect()))
    }

    /// The verdict that the list asks for; for an open case, the one that it recommends.
    pub fn wanted(&self) -> Option<&str> {
        if self.expected.as_deref() == Some("policy") { self.recommended.as_deref() } else { self.expected.as_deref() }
    }

    /// Its name as text.
    pub fn name(&self) -> String {
        self.id.as_str().map_or_else(|| self.id.to_string(), str::to_owned)
    }
}
