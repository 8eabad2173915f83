use session_runtime::Claims;

struct AccessV1;

impl From<AccessV1> for Access {
    fn from(_: AccessV1) -> Self {
        Self { user: String::new() }
    }
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", version(2, from = AccessV1))]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
