use session_runtime::Claims;

#[derive(Claims)]
#[claims(token_type = "at+jwt")]
struct Access {
    #[claim(exp, with = "seconds")]
    until: u64,
}

fn main() {}
