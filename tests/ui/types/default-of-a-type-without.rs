use session_runtime::Claims;

#[derive(serde::Serialize, serde::Deserialize)]
enum Plan {
    Free,
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(default)]
    plan: Plan,
}

fn main() {}
