//! What operators learn of a refusal: the reason, names of claims and the key id; no values, no tokens. And how often.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use session_runtime::{
    Issuer, Verified, Verifier,
    http::{Anyone, Guard, axum::Auth},
    jwt::{EdDsa, Jwt},
    testing::{fixed_ring_at, forge},
};
use tower::ServiceExt;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::{bearer, request, route};
use crate::{
    support::{Access, ada, noon, scan::Canaries},
    telemetry::Numbers,
};

/// Keeps the events of refusals, one a line.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<String>>);

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0.lock().unwrap(), " {field}={value:?}");
    }
}

impl Subscriber for Told {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("session_runtime::http")
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let _ = write!(self.0.lock().unwrap(), "\n{}", event.metadata().level());
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Nobody;

impl Guard<Access> for Nobody {
    const SCOPE: Option<&'static str> = Some("orders:refund");
    fn allows(_: &Verified<Access>) -> bool {
        false
    }
}

#[tokio::test]
async fn names_and_no_values() {
    let (told, numbers) = (Told::default(), Numbers::default());
    // With a single subscriber the place of an event asks that of the thread that comes first, which in another test has none.
    let _second = tracing::Dispatch::new(Told::default());
    let _subscriber = tracing::subscriber::set_default(told.clone());
    let _recorder = metrics::set_default_local_recorder(&numbers);
    let ring = fixed_ring_at::<Jwt<EdDsa>>(noon()).unwrap();
    let verifier = Verifier::<Access>::new(&ring).unwrap();
    let issuer = Issuer::<Access, _>::new(&ring).unwrap();
    let anyone = route::<Anyone>(&verifier);
    let good = issuer.issue(&ada()).unwrap().token;

    let mut canaries = Canaries::default();
    let mut shown = 0;
    let send = async |app: &axum::Router, authorization: &[&str]| {
        let before = told.0.lock().unwrap().len();
        app.clone().oneshot(request(authorization)).await.unwrap();
        told.0.lock().unwrap()[before..].trim_start().to_owned()
    };
    assert_eq!(send(&anyone, &[&bearer(&good)]).await, "", "a request that is let in is nothing to tell");
    for bad in forge(&issuer).every_bad_token(&ada()).unwrap() {
        let line = send(&anyone, &[&bearer(&bad.token)]).await;
        if bad.token.starts_with(' ') {
            continue;
        }
        shown += 1;
        assert_eq!(line.lines().count(), 1, "{bad}: {line}");
        assert!(line.starts_with("DEBUG message=a request was refused reason="), "{bad}: {line}");
        if let session_runtime::testing::Answer::Claim(claim) = bad.answer {
            assert!(line.contains(" claims=") && line.contains(&format!("{claim}:")), "{bad}: {line}");
        }
        for part in bad.token.split('.').filter(|part| part.len() >= 16) {
            canaries.add(&bad.to_string(), part);
        }
    }
    assert!(shown > 60);
    assert_eq!(send(&anyone, &[]).await, r#"DEBUG message=a request was refused reason="no_credentials""#);
    let lines = told.0.lock().unwrap().clone();
    const WORDS: [&str; 10] = [
        "missing",
        "mistyped",
        "duplicate",
        "wrong_issuer",
        "wrong_audience",
        "wrong_type",
        "expired",
        "not_yet",
        "from_the_future",
        "lives_too_long",
    ];
    let untold: Vec<&str> = WORDS.into_iter().filter(|word| !lines.contains(&format!(":{word}"))).collect();
    assert_eq!(untold, Vec::<&str>::new(), "what was wrong with a claim");
    assert_eq!(send(&anyone, &["Bearer"]).await, r#"DEBUG message=a request was refused reason="header" detail="syntax""#);
    assert_eq!(
        send(&route::<Nobody>(&verifier), &[&bearer(&good)]).await,
        r#"DEBUG message=a request was refused reason="not_allowed" scope="orders:refund" key_id="test-key""#
    );
    let strangers = axum::Router::new().route("/", axum::routing::get(async |_: Option<Auth<Access>>| "in")).with_state(verifier.clone());
    assert_eq!(send(&strangers, &[]).await, "", "nobody was refused");

    let told = told.0.lock().unwrap().clone();
    canaries.check("the log", &told);
    for value in ["ada", "acme", "2030", "eyJ"] {
        assert!(!told.contains(value), "{value}: {told}");
    }
    let series: Vec<String> = numbers.series().into_iter().filter(|series| series.starts_with("session_http")).collect();
    let reasons = ["bad_seal", "claims", "header", "malformed", "no_credentials", "not_allowed", "unknown_key"];
    assert_eq!(series, reasons.map(|reason| format!("session_http_refused_total{{reason={reason}}}")));
    assert_eq!(numbers.counted("session_http_refused_total{reason=no_credentials}"), 1);
    let all: u64 = series.iter().map(|series| numbers.counted(series)).sum();
    assert_eq!(all, shown + 3);
}
