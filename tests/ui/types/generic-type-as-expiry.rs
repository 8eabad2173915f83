use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt")]
struct Access {
    #[claim(exp)]
    until: Option<std::time::Instant>,
}

fn main() {}
