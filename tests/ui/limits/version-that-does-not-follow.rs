use session_runtime::Claims;

#[derive(Claims)]
#[claims(issuer = "a", audience = "b", ttl = "15m", token_type = "at+jwt", version(2))]
struct AccessV2 {
    #[claim(sub)]
    user: String,
}

#[derive(Claims)]
#[claims(issuer = "a", audience = "b", ttl = "15m", token_type = "at+jwt", version(2, from = AccessV2))]
struct Access {
    #[claim(sub)]
    user: String,
}

impl From<AccessV2> for Access {
    fn from(AccessV2 { user }: AccessV2) -> Self {
        Self { user }
    }
}

fn main() {}
