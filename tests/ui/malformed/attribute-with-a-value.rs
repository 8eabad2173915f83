use session_runtime::Claims;

#[derive(Claims)]
#[claims = "at+jwt"]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
