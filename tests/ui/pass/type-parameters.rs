//! Type parameters get the serde bounds that their fields need; the user's own bounds stay.
use std::{fmt::Debug, marker::PhantomData, time::Duration};

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

fn owned<C: OwnedClaims>() {}
fn is<C: ClaimsType>() {}

fn main() {
    owned::<Access<Marker, u64>>();
    owned::<Access<Marker, std::time::SystemTime, String, 7>>();
    is::<Tree<'static, u8>>();
}
