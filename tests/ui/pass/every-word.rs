//! Every word of the grammar, with literals and with paths.
use std::{borrow::Cow, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use session_runtime::{Audience, Claims, Timestamp, claims::OwnedClaims};

mod names {
    pub const ISSUER: &str = "https://id.example";
    pub const BILLING: &str = "billing";
    pub const TYPE: &str = "at+jwt";
}

const LIFE: Duration = Duration::from_secs(900);

#[derive(Serialize, Deserialize)]
struct UserId(String);

#[derive(Serialize, Deserialize, Default)]
enum Plan {
    #[default]
    Free,
    Paid,
}

impl Plan {
    fn paid() -> Self {
        Self::Paid
    }
    fn is_live(&self) -> bool {
        true
    }
}

fn is_short(text: &str) -> Result<(), &'static str> {
    if text.len() < 9 { Ok(()) } else { Err("too long") }
}

mod hex {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8; 2], serializer: S) -> Result<S::Ok, S::Error> {
        format!("{:02x}{:02x}", bytes[0], bytes[1]).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 2], D::Error> {
        String::deserialize(deserializer).map(|_| [0, 0])
    }
}

#[derive(Claims)]
#[claims(issuer = names::ISSUER, audience("orders", names::BILLING), token_type = names::TYPE)]
#[claims(ttl = LIFE, max_ttl = "2d", leeway = "1m", rename_all = "kebab-case", deny_unknown, crate = "::session_runtime")]
pub struct Everything {
    #[claim(iss)]
    pub issuer: Option<String>,
    #[claim(sub)]
    user: UserId,
    #[claim(aud)]
    audience: Option<Audience>,
    #[claim(exp)]
    until: Option<DateTime<Utc>>,
    #[claim(nbf)]
    from: Timestamp,
    #[claim(iat, default)]
    issued_at: i64,
    #[claim(jti)]
    id: Option<String>,
    #[claim(rename = "org")]
    organisation: Option<String>,
    #[claim(default, check = "Plan::is_live")]
    plan: Plan,
    #[claim(default = Plan::paid, check = Plan::is_live)]
    next_plan: Plan,
    #[claim(check = "is_short")]
    note: String,
    #[claim(with = "hex")]
    digest: [u8; 2],
    #[claim(with = hex, default)]
    other_digest: [u8; 2],
    #[claim(skip)]
    cache: Vec<u8>,
    r#type: Cow<'static, str>,
}

#[derive(Claims)]
#[claims(untyped, never_expires, no_issuer, no_audience, no_issued_at)]
struct Foreign {}

fn owned<C: OwnedClaims>() {}

fn main() {
    owned::<Everything>();
    owned::<Foreign>();
}
