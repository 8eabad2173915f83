//! Good seals over bad payloads.

use std::time::Duration;

use super::{Answer, Bad, FixedKeys, Payload, payload::quoted, workshop::Workshop};
use crate::{
    claims::{Bounds, ClaimsType, Role, Spec, TimeEncoding, Tolerated},
    error::IssueError,
};

impl<F: FixedKeys> Workshop<F> {
    pub(super) fn forge_claims<C: ClaimsType>(&mut self) -> Result<(), IssueError> {
        self.forge_times()?;
        self.forge_parties::<C>()?;
        for spec in C::SCHEMA.claims {
            self.forge_own::<C>(spec)?;
        }
        if C::SCHEMA.deny_unknown {
            self.add_payload(Bad::UnknownClaim, None, Answer::Claim("(other)"), &self.payload.with(UNKNOWN, "1"))?;
        }
        if self.tools.revocable {
            self.claim(Bad::NoTokenId, "jti", &self.payload.without("jti"))?;
            self.claim(Bad::NoLogPosition, "gen", &self.payload.without("gen"))?;
        }
        self.forge_names()?;
        self.forge_forms()
    }

    fn forge_times(&mut self) -> Result<(), IssueError> {
        const SECOND: Duration = Duration::from_secs(1);
        let (good, now, leeway) = (self.payload.clone(), self.now, self.leeway);
        // A token dies at `exp` and the leeway; it was issued before that, as every token is.
        let dying = now.saturating_sub(leeway);
        for (bad, exp) in [(Bad::ExpiredByOneSecond, dying.saturating_sub(SECOND)), (Bad::ExpiredAtTheEdge, dying)] {
            let issued = self.time(exp.saturating_sub(SECOND));
            let expired = good.with("exp", &self.time(exp));
            self.claim(bad, "exp", &if good.value("iat").is_some() { expired.with("iat", &issued) } else { expired })?;
        }
        if self.tools.policy.expiry_required {
            self.claim(Bad::NoExpiry, "exp", &good.without("exp"))?;
        }
        let later = now.saturating_add(leeway).saturating_add(SECOND);
        let [other, below, large] = match F::TIMES {
            TimeEncoding::NumericDate => [quoted(&later.as_unix().to_string()), "-1".to_owned(), "9007199254740993".to_owned()],
            TimeEncoding::Rfc3339 => [later.as_unix().to_string(), quoted("-0001-01-01T00:00:00Z"), quoted("10000-01-01T00:00:00Z")],
        };
        self.claim(Bad::ExpiryOfAnotherType, "exp", &good.with("exp", &other))?;
        self.claim(Bad::ExpiryBelowZero, "exp", &good.with("exp", &below))?;
        self.claim(Bad::ExpiryTooLarge, "exp", &good.with("exp", &large))?;
        self.claim(Bad::NotYetValid, "nbf", &good.with("nbf", &self.time(later)))?;
        self.claim(Bad::IssuedInTheFuture, "iat", &good.with("iat", &self.time(later)))?;
        if self.tools.policy.issued_at_required {
            self.claim(Bad::NoIssuedAt, "iat", &good.without("iat"))?;
        }
        let longest = self.tools.policy.max_ttl;
        if longest != Duration::MAX && good.value("iat").is_some() {
            let at = self.time(now.saturating_add(longest).saturating_add(SECOND));
            self.claim(Bad::LivesTooLong, "exp", &good.with("iat", &self.time(now)).with("exp", &at))?;
        }
        Ok(())
    }

    fn forge_parties<C: ClaimsType>(&mut self) -> Result<(), IssueError> {
        let good = self.payload.clone();
        if let Some(issuer) = self.tools.policy.issuer.clone() {
            self.claim(Bad::WrongIssuer, "iss", &good.with("iss", &quoted(&format!("{issuer}.evil.example"))))?;
            self.claim(Bad::NoIssuer, "iss", &good.without("iss"))?;
            self.claim(Bad::IssuerList, "iss", &good.with("iss", &format!("[{}]", quoted(&issuer))))?;
        } else if !C::SCHEMA.tolerated.contains(&Tolerated::Issuer) {
            self.claim(Bad::UnexpectedIssuer, "iss", &good.with("iss", &quoted("https://evil.example")))?;
        }
        if let Some(audience) = self.tools.policy.audience.as_ref().and_then(|names| names.first().cloned()) {
            self.claim(Bad::WrongAudience, "aud", &good.with("aud", &quoted(&format!("{audience}.evil.example"))))?;
            self.claim(Bad::NoAudience, "aud", &good.without("aud"))?;
            self.claim(Bad::AudienceOfAnotherType, "aud", &good.with("aud", "7"))?;
        } else if !C::SCHEMA.tolerated.contains(&Tolerated::Audience) {
            self.claim(Bad::UnexpectedAudience, "aud", &good.with("aud", &quoted("evil.example")))?;
        }
        Ok(())
    }

    /// What a claim of the type's own may lack, tried out on the type itself, since nobody sees from outside what a field takes.
    fn forge_own<C: ClaimsType>(&mut self, spec: &'static Spec) -> Result<(), IssueError> {
        if matches!(spec.role, Some(Role::Issuer | Role::Audience | Role::Expires | Role::IssuedAt)) {
            return Ok(());
        }
        let written = spec.written.unwrap_or(spec.name);
        let path = if spec.path.is_empty() { vec![written] } else { spec.path.to_vec() };
        let good = self.payload.clone();
        let refused = |workshop: &Self, value: Option<&str>| {
            let changed = good.at(&path, value)?;
            let faults = workshop.tools.faults::<C>(&changed.text())?;
            (!faults.is_empty() && faults.iter().all(|fault| fault.claim == spec.name)).then_some(changed)
        };
        if let Some(changed) = refused(self, None) {
            self.claim(Bad::ClaimMissing, spec.name, &changed)?;
        }
        if let Some(changed) = OTHER_TYPES.iter().find_map(|json| refused(self, Some(json))) {
            self.claim(Bad::ClaimOfAnotherType, spec.name, &changed)?;
        }
        for json in beyond(&spec.bounds) {
            if let Some(changed) = refused(self, Some(&json)) {
                self.claim(Bad::ClaimOutOfBounds, spec.name, &changed)?;
            }
        }
        Ok(())
    }

    fn forge_names(&mut self) -> Result<(), IssueError> {
        let good = self.payload.clone();
        // The runtime knows both of every token, whatever the type has.
        let name = if good.value("sub").is_some() { "sub" } else { "jti" };
        let Some(value) = good.value(name) else { return Ok(()) };
        let escaped = format!("\"\\u00{:02x}{}\"", name.as_bytes().first().unwrap_or(&0), name.get(1..).unwrap_or_default());
        self.claim(Bad::DuplicateClaim, name, &good.and(&quoted(name), value))?;
        self.claim(Bad::DuplicateWithAnotherValue, name, &good.and(&quoted(name), &quoted("forged")))?;
        self.claim(Bad::DuplicateInAnotherSpelling, name, &good.and(&escaped, &quoted("forged")))?;
        let twice = good.with(UNKNOWN, "1").and(&quoted(UNKNOWN), "1");
        self.add_payload(Bad::DuplicateUnknown, None, Answer::Malformed, &twice)?;
        self.add_payload(Bad::DuplicateInside, None, Answer::Malformed, &good.with(UNKNOWN, r#"{"a":1,"a":1}"#))
    }

    fn forge_forms(&mut self) -> Result<(), IssueError> {
        let good = self.payload.clone();
        let text = good.text();
        let open = text.strip_suffix('}').unwrap_or_default();
        let not_utf8 = [open.as_bytes(), br#","forged":""#, &[0xff], b"\"}"].concat();
        let limits = self.tools.policy.json;
        let deep = ["[".repeat(limits.depth), "]".repeat(limits.depth)].concat();
        let wide = (good.len()..=limits.members).fold(good.clone(), |wide, index| wide.and(&format!("\"f{index}\""), "0"));
        let forms: [(Bad, Vec<u8>); 7] = [
            (Bad::PayloadNoObject, format!("[{text}]").into_bytes()),
            (Bad::PayloadNotUtf8, not_utf8),
            (Bad::PayloadWithMore, format!("{text}{{}}").into_bytes()),
            (Bad::PayloadWithAComma, format!("{open},}}").into_bytes()),
            (Bad::PayloadTooDeep, good.with(UNKNOWN, &deep).text().into_bytes()),
            (Bad::PayloadTooWide, wide.text().into_bytes()),
            (Bad::TextTooLong, good.with(UNKNOWN, &quoted(&"f".repeat(limits.string.saturating_add(1)))).text().into_bytes()),
        ];
        for (bad, payload) in forms {
            let token = self.seal(&payload)?;
            self.add(bad, None, Answer::Malformed, token);
        }
        Ok(())
    }

    /// A token that is refused for one claim.
    fn claim(&mut self, bad: Bad, claim: &'static str, payload: &Payload) -> Result<(), IssueError> {
        self.add_payload(bad, Some(claim), Answer::Claim(claim), payload)
    }

    fn add_payload(&mut self, bad: Bad, claim: Option<&'static str>, answer: Answer, payload: &Payload) -> Result<(), IssueError> {
        let token = self.seal(payload.text().as_bytes())?;
        self.add(bad, claim, answer, token);
        Ok(())
    }
}

/// Values of every JSON type; of which a field refuses one at least, unless it takes everything.
const OTHER_TYPES: [&str; 6] = [r#"[{"forged":[]}]"#, r#"{"forged":[]}"#, "7", r#""forged""#, "true", "null"];

/// A name that no type has.
const UNKNOWN: &str = "forged-by-testing";

/// Values outside of what a claim may be.
fn beyond(bounds: &Bounds) -> Vec<String> {
    let mut values = Vec::new();
    if !bounds.one_of.is_empty() {
        values.push(quoted("forged-by-testing"));
    }
    if let Some(range) = bounds.range {
        values.extend(range.least.and_then(|least| least.checked_sub(1)).map(|below| below.to_string()));
        let above = range.most.and_then(|most| if range.exclusive { Some(most) } else { most.checked_add(1) });
        values.extend(above.map(|above| above.to_string()));
    }
    values.extend(bounds.max_len.map(|longest| quoted(&"f".repeat(longest.saturating_add(1)))));
    values
}
