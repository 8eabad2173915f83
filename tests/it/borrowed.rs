//! Claims that borrow from a buffer: the same verdicts as owned ones, and nothing of one token is there for the next.

use session_runtime::{Buffer, Claims, Issuer, Timestamp, Verifier, claims::Text};

use crate::support::{Access, Fixed, ISSUER, KEY_ID, NOON, ada, after, changed, in_every_format, noon, ring, token, verdict};

/// [`Access`], which owns nothing.
#[derive(Claims, Debug, PartialEq)]
#[claims(issuer = ISSUER, audience = "orders", ttl = "15m", leeway = "0s", token_type = crate::support::forge::TYPE)]
struct Borrowed<'a> {
    #[claim(sub)]
    user: &'a str,
    #[claim(rename = "org")]
    tenant: Text<'a>,
    roles: Vec<&'a str>,
}

#[test]
fn what_was_issued_is_borrowed() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let issued = Issuer::<Borrowed<'_>, F>::new(&ring)
            .unwrap()
            .issue(&Borrowed { user: "ada", tenant: "acme".into(), roles: vec!["admin"] })
            .unwrap();
        let verifier = Verifier::<Borrowed<'_>>::new(&ring).unwrap();
        let mut buffer = Buffer::default();
        let verified = verifier.verify_now_in(&issued.token, &mut buffer).unwrap();
        assert_eq!(*verified, Borrowed { user: "ada", tenant: "acme".into(), roles: vec!["admin"] }, "{}", F::NAME);
        assert!(verified.tenant.is_borrowed());
        assert_eq!((verified.issuer(), verified.subject(), verified.key_id()), (Some(ISSUER), Some("ada"), Some(KEY_ID)));
        assert_eq!(verified.token_id(), Some(issued.id.as_str()));
        assert_eq!((verified.issued_at(), verified.expires_at()), (Some(NOON), Some(after(900))));
        // The struct that owns its values reads the same token.
        assert_eq!(*Verifier::<Access>::new(&ring).unwrap().verify_now(&issued.token).unwrap(), ada());
    }
    in_every_format!(check);
}

#[test]
fn owned_and_borrowed_agree() {
    fn check<F: Fixed>() {
        let ring = ring::<F>(&noon());
        let (owned, borrowed) = (Verifier::<Access>::new(&ring).unwrap(), Verifier::<Borrowed<'_>>::new(&ring).unwrap());
        let good = token(&ring);
        let tokens = [
            good.clone(),
            String::new(),
            good[..good.len() - 1].to_owned(),
            good.replacen('.', "..", 1),
            "a".repeat(9_000),
            changed::<F>(|claims| drop(claims.remove("org"))),
            changed::<F>(|claims| drop(claims.insert("sub".to_owned(), 1.into()))),
            changed::<F>(|claims| drop(claims.insert("iss".to_owned(), "https://other.example".into()))),
        ];
        // One buffer for all, so that what one token leaves behind would be seen.
        let mut buffer = Buffer::default();
        for now in [NOON, after(899), after(900), Timestamp::UNIX_EPOCH] {
            for token in &tokens {
                let wanted = verdict(&owned.open_at(token, now));
                assert_eq!(verdict(&borrowed.open_at_in(token, &mut buffer, now)), wanted, "{} {now}", F::NAME);
            }
        }
        assert!(borrowed.open_at_in(&good, &mut buffer, NOON).is_ok());
    }
    in_every_format!(check);
}

/// A text that is spelled with escapes does not stand in the payload as it is, so nothing can borrow it.
#[test]
fn a_text_with_escapes_is_borrowed_by_nobody() {
    fn check<F: Fixed>() {
        let verifier = Verifier::<Borrowed<'_>>::new(&ring::<F>(&noon())).unwrap();
        let mut buffer = Buffer::default();
        let token = changed::<F>(|claims| drop(claims.insert("org".to_owned(), "a\"b".into())));
        let verified = verifier.open_at_in(&token, &mut buffer, NOON).unwrap();
        assert_eq!(verified.tenant, "a\"b");
        assert!(!verified.tenant.is_borrowed());
        let token = changed::<F>(|claims| drop(claims.insert("sub".to_owned(), "a\"b".into())));
        let refused = verifier.open_at_in(&token, &mut buffer, NOON).unwrap_err();
        assert_eq!(refused.to_string(), "claim `sub`: not what its field holds");
    }
    in_every_format!(check);
}
