//! Strict base64url (RFC 7515 §2) in each place of a token.

use session_runtime::{
    error::{Malformed, VerifyError},
    limits,
    paseto::unverified_footer,
};
use session_tests::{
    require,
    verdicts::{Case, Refused, accept, segment},
};

use crate::{
    keys::{SECRET, sealed, secret_jwk},
    tally::{Tally, cases, name},
};

#[test]
fn a_text_has_one_spelling_in_every_place() {
    let mut tally = Tally::new("base64url");
    let header = segment(br#"{"alg":"HS256"}"#);
    for vector in require!(cases("base64url.json")) {
        let text = vector["text"].as_str().unwrap();
        if text.starts_with("REPEAT:") {
            tally.skip("longer than any verifier reads");
            continue;
        }
        let valid = vector["expected"] == "valid";
        let open = |token: String| {
            let case =
                Case { format: "jwt".into(), alg: Some("HS256".into()), key: Some(secret_jwk()), token: Some(token), ..Case::default() };
            match accept(&case) {
                Err(Refused::Token(error)) => error,
                other => panic!("{}: {other:?}", name(&vector)),
            }
        };
        // A dot does not reach the decoder: it changes the shape.
        let unreadable = |error: &VerifyError| matches!(error, VerifyError::Malformed(Malformed::Encoding | Malformed::Shape));
        let as_payload = open(sealed(SECRET, &header, text));
        let as_seal = open(format!("{header}.e30.{text}"));
        let as_header = open(sealed(SECRET, text, "e30"));
        let footer = unverified_footer(&format!("v4.local.AAAA.{text}"));
        let good = if valid {
            assert!(text.len() < limits::TOKEN_LENGTH);
            let hex = footer.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            // The bytes are no claims object, no seal and no header, and they were read.
            hex.as_deref() == vector["bytes_hex"].as_str()
                && as_payload == VerifyError::Malformed(Malformed::Payload)
                && as_seal == VerifyError::BadSeal
                && as_header == VerifyError::Malformed(Malformed::Header)
        } else {
            footer.is_none() && [&as_payload, &as_seal, &as_header].into_iter().all(unreadable)
        };
        match (good, valid) {
            (true, true) => tally.good("read"),
            (true, false) => tally.good("refused"),
            _ => tally.fault(name(&vector), &[as_payload, as_seal, as_header]),
        }
    }
    tally.expect(&[("read", 7), ("refused", 48), ("skipped: longer than any verifier reads", 1)]);
}
