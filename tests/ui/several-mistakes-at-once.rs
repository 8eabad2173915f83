use session_runtime::{Claims, claims::OwnedClaims};

#[derive(Claims)]
#[claims(isuer = "https://id.example", audience = 7, leeway = "10m", ttl = "15 mins")]
#[claims(untyped, token_type = "at+jwt", allow(aud), version(0), namespace = "https://example.com")]
#[serde(transparent)]
struct Access {
    #[claim(sub, iss)]
    user: String,
    #[claim(sub)]
    account: String,
    #[claim(exp, defualt)]
    until: String,
    #[claim(skip, rename = "org")]
    organisation: String,
    #[claim(audience = "orders")]
    orders: bool,
    iat: u64,
    #[claim(range = 9..=1, alias = "gen")]
    #[serde(rename = "places")]
    seats: u8,
    #[claim(path = "places.", one_of("free", "free"))]
    plan: String,
    #[claim(flatten, max_len = 64)]
    rest: std::collections::BTreeMap<String, String>,
}

fn keep<C: OwnedClaims>() {}

fn main() {
    // The mistakes above leave the type usable, so nothing is said about this line.
    keep::<Access>();
}
