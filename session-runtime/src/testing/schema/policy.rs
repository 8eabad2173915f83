//! What a committed schema says of the tokens of its type, for a tool that has the file and not the type.

use std::time::Duration;

use super::described::{Claim, Described};
use crate::claims::{Demand, Enforced, OTHER, Party, Range, Rule, Unknown};

impl Described {
    /// Reads a file that [`claims_schema!`](crate::claims_schema) has written.
    ///
    /// # Errors
    /// Where it cannot be understood.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The `typ` that its tokens have.
    pub fn token_type(&self) -> Option<&str> {
        self.token_type.as_deref()
    }

    /// Who issues its tokens, where the type says so.
    pub fn issuers(&self) -> &[String] {
        self.issuer.as_deref().unwrap_or_default()
    }

    /// For whom its tokens are, where the type says so.
    pub fn audiences(&self) -> &[String] {
        self.audience.as_deref().unwrap_or_default()
    }

    /// The longest life of its tokens.
    pub fn max_ttl(&self) -> Duration {
        Duration::from_secs(self.max_ttl)
    }

    /// The names of claims that a token has to have for its type to be made.
    pub fn required(&self) -> impl Iterator<Item = &str> {
        self.claims.iter().filter(|claim| claim.required).map(|claim| claim.name.as_str())
    }

    /// The policy of the type, as far as the file has it: it knows neither the leeway nor the type's own checks.
    ///
    /// **It leaks the file's words**, because a rule holds words of the program's own: for a tool that reads one file and ends.
    pub fn policy(&self) -> Enforced {
        let mut rules = Vec::new();
        let mut rule = |claim, demand| rules.push(Rule { claim, demand });
        let tolerates = |word: &str| self.tolerated.iter().any(|tolerated| tolerated == word);
        let any_type = tolerates("TokenType");
        rule("typ", self.token_type.clone().map_or(Demand::Untyped { any: any_type }, Demand::TokenType));
        rule("iss", Demand::Issuer(party(self.issuer.as_ref(), tolerates("Issuer"))));
        rule("aud", Demand::Audience(party(self.audience.as_ref(), tolerates("Audience"))));
        let at_most = (self.max_ttl() != Duration::from_secs(Duration::MAX.as_secs())).then(|| self.max_ttl());
        rule("exp", Demand::Expires { required: self.expires, at_most, issued: self.ttl.map(Duration::from_secs) });
        rule("nbf", Demand::NotBefore);
        rule("iat", Demand::IssuedAt { required: self.issued_at });
        if let Some(version) = self.version {
            rule("ver", Demand::Version(version));
        }
        rule(OTHER, Demand::Unknown(unknown(&self.unknown_claims)));
        for claim in &self.claims {
            of_claim(claim, &mut rule);
        }
        Enforced::of_rules(rules)
    }
}

fn of_claim(claim: &Claim, rule: &mut impl FnMut(&'static str, Demand)) {
    let name = leaked(&claim.name);
    // What the policy demands of these four stands above.
    if !["iss", "aud", "exp", "iat"].contains(&name) {
        rule(name, if claim.required { Demand::Required } else { Demand::Optional });
    }
    if !claim.one_of.is_empty() {
        let values: Vec<&'static str> = claim.one_of.iter().map(|value| leaked(value)).collect();
        rule(name, Demand::OneOf(values.leak()));
    }
    if let Some((least, most)) = claim.range {
        rule(name, Demand::Range(Range { least, most, exclusive: false }));
    }
    if let Some(bytes) = claim.max_len {
        rule(name, Demand::MaxLength(bytes));
    }
    if claim.confidential {
        rule(name, Demand::Confidential);
    }
}

fn party(names: Option<&Vec<String>>, tolerated: bool) -> Party {
    match names {
        None if tolerated => Party::Anybody,
        None => Party::Nobody,
        Some(names) if names.is_empty() => Party::Unsaid,
        Some(names) => Party::Named(names.clone()),
    }
}

fn unknown(word: &str) -> Unknown {
    match word {
        "kept" => Unknown::Kept,
        "refused" => Unknown::Refused,
        _ => Unknown::Ignored,
    }
}

fn leaked(text: &str) -> &'static str {
    text.to_owned().leak()
}
