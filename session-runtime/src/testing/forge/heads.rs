//! Good payloads under bad headers, footers and assertions, and under bad seals.

use serde_json::{Map, Value, json};

use super::{
    Answer, Bad, FixedKeys,
    workshop::{Workshop, base64, object, unbase64},
};
use crate::{
    error::IssueError,
    format::{Binding, Envelope, Parts},
    ids::KeyId,
};

impl<F: FixedKeys> Workshop<F> {
    pub(super) fn forge_heads(&mut self) -> Result<(), IssueError> {
        self.forge_bindings()?;
        let good = self.token.clone();
        match Parts::split(&good, self.tools.length) {
            Ok(Parts::Jws { header, payload, signature, .. }) => {
                self.forge_jose(&object(header), header, payload)?;
                self.forge_jws_seals(header, payload, signature);
            }
            Ok(Parts::Paseto { version, body, footer }) => self.forge_paseto_seals(version, body, footer),
            Err(_) => {}
        }
        Ok(())
    }

    /// The type, the implicit assertion, and the name of the key.
    fn forge_bindings(&mut self) -> Result<(), IssueError> {
        let (binding, key_id) = (self.tools.binding.clone(), self.tools.key_id.clone());
        let paseto = self.is_paseto();
        // What a PASETO is bound to is no part of its text, so that all a reader sees is a seal that does not fit.
        let mistaken = if paseto { Answer::BadSeal } else { Answer::Claim("typ") };
        let claim = (!paseto).then_some("typ");
        if binding.token_type.is_some() {
            let other = Binding { token_type: Some("forged+jwt".into()), ..binding.clone() };
            let token = self.seal_bound(key_id.as_ref(), &other)?;
            self.add(Bad::WrongType, claim, mistaken, token);
            let none = Binding { token_type: None, ..binding.clone() };
            let token = self.seal_bound(key_id.as_ref(), &none)?;
            self.add(Bad::NoType, claim, mistaken, token);
        }
        if paseto {
            let other = Binding { assertion: b"forged".as_slice().into(), ..binding.clone() };
            let token = self.seal_bound(key_id.as_ref(), &other)?;
            self.add(Bad::WrongAssertion, None, Answer::BadSeal, token);
        }
        if self.tools.named {
            let token = self.seal_bound(Some(&KeyId::literal("forged-key")), &binding)?;
            self.add(Bad::UnknownKey, None, Answer::UnknownKey, token);
            let token = self.seal_bound(None, &binding)?;
            self.add(Bad::NoKeyId, None, Answer::UnknownKey, token);
        }
        let token = self.seal_with_another_key()?;
        self.add(Bad::AnotherKey, None, Answer::BadSeal, token);
        Ok(())
    }

    fn forge_jose(&mut self, head: &Map<String, Value>, header: &str, payload: &str) -> Result<(), IssueError> {
        let with = |name: &str, value: Value| {
            let mut changed = head.clone();
            changed.insert(name.to_owned(), value);
            Value::Object(changed).to_string()
        };
        let heads = [
            (Bad::CriticalExtension, with("crit", json!(["forged"]))),
            (Bad::EmbeddedKey, with("jwk", json!({ "kty": "oct", "k": "Zm9yZ2Vk" }))),
            (Bad::LinkedKey, with("jku", json!("https://evil.example/jwks.json"))),
            (Bad::Compressed, with("zip", json!("DEF"))),
            (Bad::Nested, with("cty", json!("JWT"))),
            (Bad::AlgorithmSwapped, with("alg", json!(if F::NAME == HS256 { "HS512" } else { HS256 }))),
            (Bad::HeaderTwice, Value::Object(head.clone()).to_string().replacen('{', &format!(r#"{{"alg":"{}","#, F::NAME), 1)),
        ];
        for (bad, head) in heads {
            let envelope = Envelope { text: base64(head).into(), ..self.tools.envelope() };
            let token = self.seal_in(&self.bytes, &envelope)?;
            self.add(bad, None, Answer::Malformed, token);
        }
        let unsealed = base64(with("alg", json!("none")));
        self.add(Bad::NoAlgorithm, None, Answer::Malformed, format!("{unsealed}.{payload}."));
        if let Some(opening) = &self.tools.material.opening {
            let signed = format!("{}.{payload}", base64(with("alg", json!(HS256))));
            if let Some(seal) = F::confused(opening, signed.as_bytes()) {
                self.add(Bad::SealedWithPublicKey, None, Answer::Malformed, format!("{signed}.{}", base64(seal)));
            }
        }
        // Only a header that is still good can have a seal that is not.
        let changed = base64(with("forged", json!(1)));
        let seal = self.token.strip_prefix(header).unwrap_or_default().to_owned();
        self.add(Bad::HeaderChanged, None, Answer::BadSeal, format!("{changed}{seal}"));
        Ok(())
    }

    fn forge_jws_seals(&mut self, header: &str, payload: &str, signature: &str) {
        let seal = unbase64(signature);
        let cut = seal.split_last().map(|(_, rest)| base64(rest)).unwrap_or_default();
        for (bad, seal) in
            [(Bad::SealChanged, base64(flipped(&seal, seal.len().saturating_sub(1)))), (Bad::SealCut, cut), (Bad::NoSeal, String::new())]
        {
            self.add(bad, None, Answer::BadSeal, format!("{header}.{payload}.{seal}"));
        }
        let changed = base64(self.payload.and(FORGED, "1").text());
        self.add(Bad::ClaimsChanged, None, Answer::BadSeal, format!("{header}.{changed}.{signature}"));
    }

    fn forge_paseto_seals(&mut self, version: &str, body: &str, footer: &str) {
        let token = |body: &[u8], footer: &str| {
            let end = if footer.is_empty() { String::new() } else { format!(".{footer}") };
            format!("{version}{}{end}", base64(body))
        };
        let body = unbase64(body);
        let nonce = if F::ENCRYPTED { NONCE } else { 0 };
        let seal = body.len().saturating_sub(self.bytes.len()).saturating_sub(nonce);
        let without = |count: usize| body.get(..body.len().saturating_sub(count)).unwrap_or_default();
        // Of a body without its seal the end of the claims is taken for one, where they are long enough.
        let missing = if self.bytes.len() >= seal { Answer::BadSeal } else { Answer::Malformed };
        self.add(Bad::SealChanged, None, Answer::BadSeal, token(&flipped(&body, body.len().saturating_sub(1)), footer));
        self.add(Bad::SealCut, None, Answer::BadSeal, token(without(1), footer));
        self.add(Bad::NoSeal, None, missing, token(without(seal), footer));
        self.add(Bad::ClaimsChanged, None, Answer::BadSeal, token(&flipped(&body, nonce), footer));
        let mut members = object(footer);
        members.insert("forged".to_owned(), json!(1));
        self.add(Bad::HeaderChanged, None, Answer::BadSeal, token(&body, &base64(Value::Object(members).to_string())));
    }
}

/// The same bytes with one bit changed.
fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    if let Some(byte) = changed.get_mut(at) {
        *byte ^= 1;
    }
    changed
}

const HS256: &str = "HS256";
/// What is added to claims, with its quotes.
const FORGED: &str = "\"forged\"";
/// What stands before the cipher text of a `local` token.
const NONCE: usize = 32;
