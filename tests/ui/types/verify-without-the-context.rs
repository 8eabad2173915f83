use session_runtime::{Claims, Verifier};

struct Tenant;

fn is_known(_: &str, _: &Tenant) -> bool {
    true
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = Tenant)]
struct Access {
    #[claim(sub, check = is_known)]
    user: String,
}

fn read(verifier: &Verifier<Access>) {
    let _ = verifier.verify_now("");
}

fn main() {}
