//! Which struct is derived for a case, and the verifier that its policy asks for.

use std::time::Duration;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use session_runtime::{
    Claims, Timestamp, Verifier,
    claims::{PlainClaims, TimeClaim},
    testing::ManualClock,
};

use super::{Case, Refused, keys};

/// A token of others that has to end. Each parameter is the claim's type where the claim is required, and an `Option` of it
/// where it is not.
#[derive(Debug, Claims)]
#[claims(untyped, no_issued_at)]
struct Ending<S, J, I: TimeClaim, N: TimeClaim> {
    #[claim(exp)]
    expires_at: Timestamp,
    #[claim(sub)]
    subject: S,
    #[claim(jti)]
    id: J,
    #[claim(iat)]
    issued_at: I,
    #[claim(nbf)]
    not_before: N,
}

/// The same for a token that may live for ever.
#[derive(Debug, Claims)]
#[claims(untyped, no_issued_at, never_expires)]
struct Lasting<S, J, I: TimeClaim, N: TimeClaim> {
    #[claim(sub)]
    subject: S,
    #[claim(jti)]
    id: J,
    #[claim(iat)]
    issued_at: I,
    #[claim(nbf)]
    not_before: N,
}

/// The schema of the typed cases.
#[derive(Debug, Claims)]
#[claims(untyped, no_issued_at)]
struct Graded {
    #[claim(exp)]
    expires_at: Timestamp,
    level: u8,
    admin: bool,
    role: Role,
    note: Option<String>,
    ids: Vec<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Admin,
    Editor,
    Viewer,
}

/// The schema of the cases in which one kind of token stands in for another one.
#[derive(Debug, Claims)]
#[claims(untyped, no_issued_at)]
struct AccessOnly {
    #[claim(exp)]
    expires_at: Timestamp,
    #[claim(check = is_access)]
    token_use: String,
}

fn is_access(token_use: &str) -> Result<(), &'static str> {
    if token_use == "access" { Ok(()) } else { Err("not an access token") }
}

/// Judges a token of others: no claims of its own, and what the policy requires.
pub(super) fn foreign(case: &Case) -> Result<Option<Value>, Refused> {
    // `iss` and `aud` are required wherever the policy names them.
    for claim in &case.policy.require {
        match claim.as_str() {
            "exp" | "sub" | "jti" | "iat" | "nbf" => {}
            "iss" if case.policy.iss.is_some() => {}
            "aud" if case.policy.aud.is_some() => {}
            other => return Err(Refused::Unsupported(format!("the requirement of `{other}`"))),
        }
    }
    if requires(case, "sub") { subject_known::<String>(case) } else { subject_known::<Option<String>>(case) }
}

fn subject_known<S: Text>(case: &Case) -> Result<Option<Value>, Refused> {
    if requires(case, "jti") { id_known::<S, String>(case) } else { id_known::<S, Option<String>>(case) }
}

fn id_known<S: Text, J: Text>(case: &Case) -> Result<Option<Value>, Refused> {
    if requires(case, "iat") { issue_known::<S, J, Timestamp>(case) } else { issue_known::<S, J, Option<Timestamp>>(case) }
}

fn issue_known<S: Text, J: Text, I: Time>(case: &Case) -> Result<Option<Value>, Refused> {
    if requires(case, "nbf") { start_known::<S, J, I, Timestamp>(case) } else { start_known::<S, J, I, Option<Timestamp>>(case) }
}

fn start_known<S: Text, J: Text, I: Time, N: Time>(case: &Case) -> Result<Option<Value>, Refused> {
    if requires(case, "exp") { verify::<Ending<S, J, I, N>>(case) } else { verify::<Lasting<S, J, I, N>>(case) }
}

fn requires(case: &Case, claim: &str) -> bool {
    case.policy.require.iter().any(|required| required == claim)
}

trait Text: Serialize + DeserializeOwned + 'static {}
impl<T: Serialize + DeserializeOwned + 'static> Text for T {}
trait Time: TimeClaim + 'static {}
impl<T: TimeClaim + 'static> Time for T {}

/// Judges a token by the struct that its case describes.
pub(super) fn typed(case: &Case) -> Result<Option<Value>, Refused> {
    const GRADED: [(&str, &str); 5] =
        [("admin", "bool"), ("ids", "list of i64"), ("level", "u8"), ("note", "optional string"), ("role", "enum admin|editor|viewer")];
    const ACCESS_ONLY: [(&str, &str); 1] = [("token_use", "constant access")];
    let schema = case.schema.iter().map(|(name, kind)| (name.as_str(), kind.as_str()));
    if schema.clone().eq(GRADED) {
        verify::<Graded>(case)
    } else if schema.eq(ACCESS_ONLY) {
        verify::<AccessOnly>(case)
    } else {
        Err(Refused::Unsupported(format!("the schema {:?}", case.schema)))
    }
}

/// The policy of a case on a verifier for `C`, and the token through it.
fn verify<C: PlainClaims>(case: &Case) -> Result<Option<Value>, Refused> {
    let policy = &case.policy;
    let mut builder = Verifier::<C>::builder()
        .clock(ManualClock::at(Timestamp::from_unix(policy.now)))
        .leeway(Duration::from_secs(policy.leeway))
        .max_ttl(Duration::MAX);
    builder = match &policy.iss {
        Some(issuer) => builder.issuer(issuer.as_str()),
        None => builder.no_issuer(),
    };
    builder = match &policy.aud {
        Some(audience) => builder.audience(audiences(audience)?),
        None => builder.no_audience(),
    };
    // The structs say `untyped`.
    if let Some(token_type) = &policy.typ {
        builder = builder.token_type(token_type.as_str());
    }
    let mut verifier = keys::accept(builder, case)?.build().map_err(Refused::Verifier)?;
    if let Some(assertion) = &case.implicit {
        verifier = verifier.with_implicit_assertion(assertion.as_bytes());
    }
    let token = case.text().ok_or_else(|| Refused::Unsupported("the case has no `token`".to_owned()))?;
    let verified = verifier.verify_now(&token).map_err(Refused::Token)?;
    if let Some(footer) = &case.footer
        && verified.footer_bytes() != footer.as_bytes()
    {
        return Err(Refused::Footer);
    }
    Ok(payload(case, &token))
}

fn audiences(audience: &Value) -> Result<Vec<Box<str>>, Refused> {
    let names = match audience {
        Value::String(name) => Some(vec![name.as_str().into()]),
        Value::Array(names) => names.iter().map(|name| name.as_str().map(Into::into)).collect(),
        _ => None,
    };
    names.ok_or_else(|| Refused::Unsupported("an audience that is no text".to_owned()))
}

/// The claims that were just accepted, read from the signed text: no struct can hold claims that it does not know. Nothing
/// for an encrypted payload.
fn payload(case: &Case, token: &str) -> Option<Value> {
    let (segment, cut) = match case.verify_as.as_deref() {
        None => (token.split('.').nth(1)?, 0),
        Some("v4.public") => (token.split('.').nth(2)?, 64),
        Some("v3.public") => (token.split('.').nth(2)?, 96),
        Some(_) => return None,
    };
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(segment).ok()?;
    serde_json::from_slice(bytes.get(..bytes.len().checked_sub(cut)?)?).ok()
}
