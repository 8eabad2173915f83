//! Type parameters get the serde bounds that their fields need; the user's own bounds stay.
use std::{fmt::Debug, marker::PhantomData, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use session_runtime::{
    Claims,
    claims::{ClaimsType, OwnedClaims, TimeClaim},
};

trait Tenant {
    const LIFE: Duration;
}

struct Marker;

impl Tenant for Marker {
    const LIFE: Duration = Duration::from_secs(60);
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = T::LIFE)]
struct Access<T: Tenant, E, R = Vec<String>, const N: usize = 2>
where
    E: TimeClaim,
    R: Debug + Default,
{
    #[claim(exp)]
    until: E,
    #[claim(default)]
    roles: Option<R>,
    #[claim(skip)]
    tenant: PhantomData<T>,
    #[claim(skip)]
    rings: [Option<()>; 2],
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Tree<'a, T> {
    name: &'a str,
    leaves: Vec<T>,
}

/// What one function reads, the type itself writes.
#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Half<T> {
    #[serde(deserialize_with = "read")]
    read: T,
    #[serde(serialize_with = "write")]
    written: T,
}

fn read<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(deserializer)
}

fn write<S: Serializer, T: Serialize>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.serialize(serializer)
}

fn owned<C: OwnedClaims>() {}
fn is<C: ClaimsType>() {}

fn main() {
    owned::<Access<Marker, u64>>();
    owned::<Access<Marker, std::time::SystemTime, String, 7>>();
    owned::<Half<String>>();
    is::<Tree<'static, u8>>();
}
