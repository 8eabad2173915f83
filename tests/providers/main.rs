//! The tokens of others are read, and the wrong ones refused, as the example shows it: run as a reader runs it.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code, where a panic is how a test fails")]

use std::{path::PathBuf, process::Command};

use serde_json::Value;

/// What it prints. Built with the features of the tests, so that it is already there when the whole workspace is tested.
fn printed() -> String {
    let arguments = ["build", "--quiet", "--workspace", "--all-features", "--example", "providers", "--message-format=json"];
    let build = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let messages = String::from_utf8(build.stdout).unwrap();
    let executable = |line| serde_json::from_str::<Value>(line).unwrap()["executable"].as_str().map(PathBuf::from);
    let output = Command::new(messages.lines().filter_map(executable).next_back().unwrap()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_provider_is_read_and_what_is_not_for_us_is_refused() {
    let printed = printed();
    // The names of the providers, and what was refused under each; the claims stand between them.
    let told: Vec<&str> = printed.lines().filter(|line| line.starts_with("    refused") || line.starts_with(char::is_alphabetic)).collect();
    assert_eq!(told.join("\n"), TOLD.trim());
    for claim in [
        r#"tenant: "acme""#,
        r#""read:orders""#,
        r#""clerk""#,
        r#"scope: "openid orders/read""#,
        r#"user: "22223333-cccc-4444-dddd-5555eeee6666""#,
        "email_verified: true",
        r#"provider: "password""#,
        r#"namespace: "shop""#,
        r#"client_id: "s6BhdRkqt3""#,
    ] {
        assert!(printed.contains(claim), "{claim}");
    }
}

const TOLD: &str = "
Auth0, access token
    refused, another issuer: claim `iss`: not the expected issuer
    refused, another audience: claim `aud`: not meant for this audience
    refused, its id token: claim `aud`: not meant for this audience; claim `azp`: missing; claim `scope`: missing; claim `https://orders.example/tenant`: missing
Keycloak, access token
    refused, another issuer: claim `iss`: not the expected issuer
    refused, another audience: claim `aud`: not meant for this audience
    refused, its id token: claim `typ`: not one of the values that are allowed
Cognito, access token
    refused, another issuer: claim `iss`: not the expected issuer
    refused, another client: claim `client_id`: not one of the values that are allowed
    refused, its id token: claim `token_use`: not one of the values that are allowed; claim `aud`: unexpected; claim `client_id`: missing; claim `scope`: missing
Cognito, id token
    refused, another issuer: claim `iss`: not the expected issuer
    refused, another audience: claim `aud`: not meant for this audience
    refused, its access token: claim `token_use`: not one of the values that are allowed; claim `aud`: missing; claim `cognito:username`: missing
Entra ID, access token
    refused, another issuer: claim `iss`: not the expected issuer
    refused, another audience: claim `aud`: not meant for this audience
    refused, its id token: claim `azp`: missing; claim `scp`: missing
Google, id token
    refused, another issuer: claim `iss`: not the expected issuer
    refused, another audience: claim `aud`: not meant for this audience
    refused, a private account: claim `hd`: missing
Firebase, id token
    refused, another issuer: claim `iss`: not the expected issuer
    refused, another audience: claim `aud`: not meant for this audience
    refused, its session cookie: claim `iss`: not the expected issuer
Kubernetes, service account
    refused, another issuer: claim `iss`: not the expected issuer
    refused, another audience: claim `aud`: not meant for this audience
    refused, a token for the API server: claim `aud`: not meant for this audience
RFC 9068, access token
    refused, another issuer: claim `iss`: not the expected issuer
    refused, another audience: claim `aud`: not meant for this audience
    refused, a token with `typ: JWT`: claim `typ`: a token of another type
";
