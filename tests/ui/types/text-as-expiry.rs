use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt")]
struct Access {
    #[claim(exp)]
    until: String,
}

fn main() {}
