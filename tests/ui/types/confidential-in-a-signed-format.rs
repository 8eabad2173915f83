use session_runtime::{
    Claims,
    paseto::{V4Local, V4Public},
};

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", format = V4Local | V4Public)]
struct Access {
    #[claim(confidential)]
    pin: String,
}

fn main() {}
