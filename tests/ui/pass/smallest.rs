use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(sub)]
    user: String,
    #[claim(exp)]
    until: Option<u64>,
    #[claim(rename = "org", default)]
    organisation: Option<String>,
}

fn main() {
    let access = Access { user: String::new(), until: None, organisation: None };
    let _ = (access.user, access.until, access.organisation);
}
