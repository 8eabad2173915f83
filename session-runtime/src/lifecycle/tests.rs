//! What the steps leave behind. What they answer is tested from outside, in `tests/it`.

use super::*;
use crate::{
    claims::{Raw, Schema},
    format::wiped,
    jwt::{Hs256, Jwt},
    keyring::KeyRing,
    paseto::{V3Local, V4Local},
};

/// Claims that are written, or fail after a part of them was.
struct Note {
    fails: bool,
}

impl ClaimsType for Note {
    const SCHEMA: &'static Schema = &Schema::new("note").no_issuer().no_audience().ttl(std::time::Duration::from_secs(60));
    type At<'de> = Self;
    type Context = ();
    type Exposure = crate::claims::Open;
    type Formats = crate::claims::AnyFormat;
}

impl Claims<'_> for Note {
    type Slots = ();
    fn slots() {}
    fn read((): &mut (), _: Raw<'_>) -> Option<()> {
        Some(())
    }
    fn build((): (), _: &mut ClaimErrors) -> Option<Self> {
        Some(Self { fails: false })
    }
    fn write(&self, out: &mut Writer<'_>) -> Result<(), IssueError> {
        crate::claims::put(out, "diagnosis", &"nobody's business")?;
        if self.fails { Err(IssueError::Unwritable { claim: "next" }) } else { Ok(()) }
    }
}

impl OwnedClaims for Note {}

/// How often plain text was wiped by a failed issue, by a good one, and by verifying.
fn wipes<F: Format>() -> [usize; 3] {
    let ring = KeyRing::<F>::generate().unwrap();
    let (issuer, verifier) = (Issuer::<Note, F>::new(&ring).unwrap(), Verifier::<Note>::new(&ring).unwrap());
    let start = wiped();
    assert!(issuer.issue(&Note { fails: true }).is_err());
    let failed = wiped();
    let token = issuer.issue(&Note { fails: false }).unwrap().token;
    let issued = wiped();
    assert!(verifier.verify_now(&token).is_ok());
    [failed.saturating_sub(start), issued.saturating_sub(failed), wiped().saturating_sub(issued)]
}

/// A buffer keeps what claims borrow from until it is used again or dropped.
#[test]
fn a_buffer_is_wiped_when_it_is_used_again_and_when_it_is_dropped() {
    fn check<F: Format>(want: [usize; 3]) {
        let ring = KeyRing::<F>::generate().unwrap();
        let token = Issuer::<Note, F>::new(&ring).unwrap().issue(&Note { fails: false }).unwrap().token;
        let verifier = Verifier::<Note>::new(&ring).unwrap();
        let mut buffer = Buffer::default();
        let start = wiped();
        let counts = [(); 2].map(|()| {
            assert!(verifier.verify_now_in(&token, &mut buffer).is_ok());
            wiped().saturating_sub(start)
        });
        drop(buffer);
        assert_eq!([counts[0], counts[1], wiped().saturating_sub(start)], want);
    }
    check::<V4Local>([0, 1, 2]);
    check::<Jwt<Hs256>>([0, 0, 0]);
}

#[test]
fn plain_text_of_encrypted_tokens_is_wiped() {
    // After a good issue only cipher text is left; a signed token's claims are no secret.
    assert_eq!(wipes::<V4Local>(), [1, 0, 1]);
    assert_eq!(wipes::<V3Local>(), [1, 0, 1]);
    assert_eq!(wipes::<Jwt<Hs256>>(), [0, 0, 0]);
}
