//! Inside of a function, types and constants have no path from the crate's root.

#[test]
fn a_local_type_finds_its_neighbours() {
    const ISSUER: &str = "https://id.example";

    #[derive(Debug, serde::Serialize, serde::Deserialize)]
    struct UserId(String);

    fn is_long(user: &UserId) -> bool {
        user.0.len() > 3
    }

    #[derive(Debug, session_runtime::Claims)]
    #[claims(token_type = "at+jwt", ttl = "15m", issuer = ISSUER)]
    struct Access {
        #[claim(sub, check = is_long)]
        user: UserId,
    }

    crate::owned::<Access>();
    assert!(is_long(&Access { user: UserId("alice".into()) }.user));
}
