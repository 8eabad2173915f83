use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access {
    #[claim(range = 0.5..1.5)]
    rate: f64,
}

fn main() {}
