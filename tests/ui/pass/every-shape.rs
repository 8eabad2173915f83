//! Every word that says where a claim stands, what it may be, and who may carry it.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use session_runtime::{
    Claims,
    claims::{OwnedClaims, Secret},
    paseto::{V3Local, V4Local},
};

const PAID: &str = "paid";
const SEATS: i64 = 99;
const LONGEST: usize = 64;

struct Request {
    tenant: String,
}

fn same_tenant(tenant: &str, request: &Request) -> bool {
    tenant == request.tenant
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = Request, no_audience, allow(aud))]
struct AccessV1 {
    #[claim(check = same_tenant)]
    tenant: String,
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = Request, check = Access::is_whole, version(2, from = AccessV1))]
#[claims(format = V4Local | V3Local, namespace = "https://example.com/", no_issuer, allow(iss))]
struct Access {
    #[claim(sid, max_len = 64)]
    session: Option<String>,
    #[claim(alias("org", "team"), check = "same_tenant", confidential)]
    tenant: String,
    #[claim(path = "realm_access.roles", namespace = "")]
    roles: Vec<String>,
    #[claim(path("realm_access", "https://example.com/level"), namespace = "", range = 1..)]
    level: u8,
    #[claim(one_of("free", PAID), skip_if = "String::is_empty", default)]
    plan: String,
    #[claim(range = -1..=SEATS, max_len = LONGEST)]
    seats: Option<i64>,
    #[claim(range = ..10)]
    rate: f64,
    #[claim(confidential)]
    pin: Secret<String>,
    #[claim(flatten, default)]
    rest: BTreeMap<String, String>,
}

impl From<AccessV1> for Access {
    fn from(older: AccessV1) -> Self {
        let AccessV1 { tenant } = older;
        let (plan, pin) = (String::new(), Secret::new(String::new()));
        Self { session: None, tenant, roles: Vec::new(), level: 1, plan, seats: None, rate: 0.0, pin, rest: BTreeMap::new() }
    }
}

impl Access {
    fn is_whole(&self, request: &Request) -> Result<(), &'static str> {
        if request.tenant.is_empty() { Err("of nobody") } else { Ok(()) }
    }
}

/// `ver` is no name of ours in the tokens of others.
#[derive(Claims)]
#[claims(untyped, never_expires, allow(typ))]
struct Foreign {
    ver: String,
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", version(1))]
struct First {}

/// What tokens of ours carry may be in an object, too.
#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Nested {
    #[claim(path = "act.sub")]
    actor: String,
    #[claim(path = "act.act.sub")]
    before: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Map(BTreeMap<String, u8>);

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Rest {
    #[claim(flatten)]
    rest: Option<Map>,
}

fn owned<C: OwnedClaims>() {}

fn main() {
    owned::<Access>();
    owned::<Foreign>();
    owned::<First>();
    owned::<Nested>();
    owned::<Rest>();
}
