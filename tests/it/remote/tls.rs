//! Whom TLS trusts.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use session_runtime::{
    error::{AddressError, AddressRule, FetchFault, RemoteError},
    keyring::{RemoteJwks, remote::RemoteJwksBuilder},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer, version::TLS13},
};

use super::{Format, PATIENCE, ring};
use crate::support::{
    noon,
    stub::{Conduct, Stub},
};

/// An authority that nobody knows.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server of what `set` makes for its port, with a certificate for `name` from this authority. Answers the port.
async fn serve(set: impl FnOnce(u16) -> String, name: &str, authority: &CertifiedIssuer<'static, KeyPair>) -> u16 {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider())).with_protocol_versions(&[&TLS13]).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let set = set(port);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust us hangs up here.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let response = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{set}", set.len());
            let _ = stream.write_all(response.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

fn at(host: &str, port: u16) -> RemoteJwksBuilder<Format> {
    RemoteJwks::builder(format!("https://{host}:{port}/keys")).manual()
}

#[tokio::test]
async fn only_a_trusted_certificate_of_the_right_name_is_talked_to() {
    let (trusted, another) = (authority(), authority());
    let set = ring("a", &noon()).jwks().to_string();
    let port = serve(|_| set, "localhost", &trusted).await;
    let unreachable = RemoteError::Fetch(FetchFault::Unreachable);
    assert_eq!(at("localhost", port).trust_only(trusted.pem()).load().await.unwrap().keys().len(), 1);
    assert_eq!(at("localhost", port).trust_only(format!("{}{}", another.pem(), trusted.pem())).load().await.unwrap().keys().len(), 1);
    assert_eq!(at("localhost", port).trust_only(another.pem()).load().await.unwrap_err(), unreachable);
    assert_eq!(at("127.0.0.1", port).trust_only(trusted.pem()).load().await.unwrap_err(), unreachable, "another name");
    // The machine's own roots, where it has any, do not know this authority either.
    let error = at("localhost", port).load().await.unwrap_err();
    assert!(error == unreachable || error == RemoteError::Tls, "{error}");
}

/// An issuer elsewhere could otherwise have us ask whatever listens on our own machine.
#[tokio::test]
async fn an_issuer_with_tls_has_its_keys_behind_tls() {
    let trusted = authority();
    let plain = Stub::start(Conduct::set("", ring("a", &noon()).jwks())).await;
    let metadata = |port: u16| json!({ "issuer": format!("https://localhost:{port}"), "jwks_uri": plain.url() }).to_string();
    let port = serve(metadata, "localhost", &trusted).await;
    let issuer = format!("https://localhost:{port}");
    let error = RemoteJwks::<Format>::of_issuer(issuer).trust_only(trusted.pem()).manual().load().await.unwrap_err();
    assert_eq!(error, RemoteError::Address(AddressError { setting: "jwks_uri", rule: AddressRule::NotHttps }));
    assert_eq!(plain.requests().len(), 0);
    // The twin: an issuer on this machine, without TLS, may.
    let issuer = Stub::start(Conduct::Hang).await;
    let metadata = json!({ "issuer": issuer.origin(), "jwks_uri": plain.url() });
    issuer.behave(Conduct::set("", metadata));
    assert!(RemoteJwks::<Format>::of_issuer(issuer.origin()).manual().load().await.is_ok());
}

#[tokio::test]
async fn no_root_is_no_trust() {
    for pem in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert_eq!(at("localhost", 1).trust_only(pem).load().await.unwrap_err(), RemoteError::Tls, "{pem}");
    }
    // A server that speaks no TLS is not talked to without it.
    let plain = Stub::start(Conduct::set("", ring("a", &noon()).jwks())).await;
    let url = plain.url().replace("http://", "https://");
    let load = RemoteJwks::<Format>::builder(url).trust_only(authority().pem()).timeout(PATIENCE).manual().load();
    assert_eq!(load.await.unwrap_err(), RemoteError::Fetch(FetchFault::TimedOut { allowed: PATIENCE }), "it waits for a request");
    assert_eq!(plain.requests().len(), 0);
}
