use session_runtime::Claims;

#[derive(Claims)]
struct Access {
    #[claim(sub)]
    user: String,
}

fn main() {}
