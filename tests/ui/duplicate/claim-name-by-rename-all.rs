use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", rename_all = "camelCase")]
struct Access {
    user_name: String,
    #[claim(rename = "userName")]
    nick: String,
}

fn main() {}
