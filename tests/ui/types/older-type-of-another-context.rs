use session_runtime::Claims;

struct Tenant;
struct Request;

#[derive(Claims)]
#[claims(issuer = "a", audience = "b", ttl = "15m", token_type = "at+jwt", context = Tenant)]
struct AccessV1 {
    #[claim(sub, check = known)]
    user: String,
}

#[derive(Claims)]
#[claims(issuer = "a", audience = "b", ttl = "15m", token_type = "at+jwt", context = Request, version(2, from = AccessV1))]
struct Access {
    #[claim(sub)]
    user: String,
}

fn known(_: &String, _: &Tenant) -> bool {
    true
}

impl From<AccessV1> for Access {
    fn from(AccessV1 { user }: AccessV1) -> Self {
        Self { user }
    }
}

fn main() {}
