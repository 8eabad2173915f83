//! What went wrong in other libraries, each with its advisories: one test a row, named by the row's id.
//!
//! Every test compares the exact refusal, so that it shows that the guarded decision was reached: an old test of bcrypt went on
//! passing when a new guard in front of it refused its input for another reason (RUSTSEC-2026-0199).

mod claims;
mod keys;
mod shapes;

use session_runtime::error::{Malformed, VerifyError};

use crate::support::{Access, Fixed, noon, ring};

/// What a verifier with the format's fixed key says.
fn open<F: Fixed>(token: &str) -> Result<(), VerifyError> {
    session_runtime::Verifier::<Access>::new(&ring::<F>(&noon())).unwrap().verify_now(token).map(drop)
}

const ALGORITHM: Result<(), VerifyError> = Err(VerifyError::Malformed(Malformed::Algorithm));
const REFUSED_HEADER: Result<(), VerifyError> = Err(VerifyError::Malformed(Malformed::RefusedHeader));
const HEADER: Result<(), VerifyError> = Err(VerifyError::Malformed(Malformed::Header));
const ENCODING: Result<(), VerifyError> = Err(VerifyError::Malformed(Malformed::Encoding));
const SHAPE: Result<(), VerifyError> = Err(VerifyError::Malformed(Malformed::Shape));
const PAYLOAD: Result<(), VerifyError> = Err(VerifyError::Malformed(Malformed::Payload));
const BAD_SEAL: Result<(), VerifyError> = Err(VerifyError::BadSeal);

/// The payload of a good token.
fn good_payload<F: Fixed>() -> Vec<u8> {
    serde_json::Value::Object(crate::support::good::<F>()).to_string().into_bytes()
}
