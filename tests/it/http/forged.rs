//! Every bad token that the forger knows, in every format, through the extractor: refused with the answer of its class.

use session_runtime::{
    Issuer, Revocations, Verifier,
    revocation::MemoryRevocations,
    testing::{Bad, FixedKeys, fixed_ring_at, forge},
};

use super::{reached, show};
use crate::support::{Access, ada, in_every_format, noon};

const INVALID: &str = "\nwww-authenticate: Bearer error=\"invalid_token\"\n\n{\"error\":\"invalid_token\"}";
const UNREADABLE: &str = "\nwww-authenticate: Bearer error=\"invalid_request\"\n\n{\"error\":\"invalid_request\"}";

#[tokio::test]
async fn every_bad_token_in_every_format() {
    async fn check<F: FixedKeys>(seen: &mut Vec<Bad>) {
        let ring = fixed_ring_at::<F>(noon()).unwrap();
        let revocations = Revocations::open_with_clock(MemoryRevocations::new().unwrap(), noon()).await.unwrap();
        let issuer = Issuer::<Access, F>::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
        let verifier = Verifier::new(&ring).unwrap().with_revocations(&revocations).await.unwrap();
        assert!(reached(&show(&verifier, &issuer.issue(&ada()).unwrap().token).await), "{}", F::NAME);
        let forger = forge(&issuer);
        let mut answers = Vec::new();
        for bad in forger.every_bad_token(&ada()).unwrap() {
            answers.push((show(&verifier, &bad.token).await, bad));
        }
        // These two end what the others are made of.
        let revoked = forger.revoked(&revocations, &ada()).await.unwrap();
        answers.push((show(&verifier, &revoked.token).await, revoked));
        let compromised = forger.compromised(&ring, &ada()).await.unwrap();
        answers.push((show(&verifier, &compromised.token).await, compromised));
        for (answer, bad) in answers {
            let ending = match bad.bad {
                // Spaces after the scheme belong to no token (RFC 6750 §2.1); what is left is the good one.
                Bad::SpaceBefore => super::IN,
                // What no `b64token` has: a server tells the header's fault before it looks for a token.
                Bad::SpaceAfter | Bad::Empty | Bad::JsonSerialization => UNREADABLE,
                _ => INVALID,
            };
            assert!(answer.ends_with(ending), "{} {bad}: {answer}", F::NAME);
            assert_eq!(answer.contains("HTTP/1.1 401"), ending == INVALID);
            seen.push(bad.bad);
        }
    }
    let mut seen = Vec::new();
    macro_rules! all {
        ($($format:ty),*) => { $( check::<$format>(&mut seen).await; )* };
    }
    use session_runtime::{
        jwt::{EdDsa, Es256, Hs256, Jwt, Ps256},
        paseto::{V3Local, V3Public, V4Local, V4Public},
    };
    all!(Jwt<Hs256>, Jwt<EdDsa>, Jwt<Es256>, Jwt<Ps256>, V4Local, V4Public, V3Local, V3Public);
    seen.sort_by_key(|bad| bad.to_string());
    seen.dedup();
    // Five need a type without issuer or audience, with bounds, or one that denies what it does not know.
    assert!(seen.len() >= Bad::ALL.len() - 5, "{} of {}", seen.len(), Bad::ALL.len());
}

/// The other formats, with one bad token each: reading a header knows nothing of formats.
#[test]
fn every_format_passes_a_header() {
    fn check<F: FixedKeys>() {
        let issuer = Issuer::<Access, F>::new(&fixed_ring_at(noon()).unwrap()).unwrap();
        let token = issuer.issue(&ada()).unwrap().token;
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("authorization", format!("bEARER {token}").parse().unwrap());
        assert_eq!(session_runtime::http::bearer(&headers, token.len()), Ok(Some(token.as_str())), "{}", F::NAME);
    }
    in_every_format!(check);
}
