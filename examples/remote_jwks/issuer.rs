//! The issuer: a key ring, and an HTTP responder that serves what the ring publishes. Any web framework would do the same with the
//! same data.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use session_runtime::{
    KeyRing,
    jwt::{EdDsa, Jwt},
    keyring::{ProviderMetadata, Representation},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A service that signs tokens and publishes its public keys.
pub(crate) struct Issuer {
    pub(crate) ring: KeyRing<Jwt<EdDsa>>,
    pub(crate) address: SocketAddr,
    pub(crate) provider: ProviderMetadata,
    /// Whether every request gets 503.
    pub(crate) down: AtomicBool,
}

impl Issuer {
    /// Starts to answer, on a free port of this machine.
    pub(crate) async fn start(ring: KeyRing<Jwt<EdDsa>>) -> Result<Arc<Self>, Box<dyn std::error::Error>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let provider = ProviderMetadata::builder(format!("http://{address}"), format!("http://{address}/keys")).signed_by(&ring).build()?;
        let issuer = Arc::new(Self { ring, address, provider, down: AtomicBool::new(false) });
        let answering = Arc::clone(&issuer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that goes away is not the issuer's business.
                let _ = answering.answer(stream).await;
            }
        });
        Ok(issuer)
    }

    /// What is at this path now. The ring has one writer, whose keys sign at once, so nobody may keep its set.
    pub(crate) fn document(&self, path: &str) -> Option<Representation> {
        if path == "/keys" {
            Some(self.ring.jwks_document())
        } else if path == self.provider.openid_path() {
            Some(self.provider.document(Duration::from_secs(3_600)))
        } else {
            None
        }
    }

    /// The whole handler.
    async fn answer(&self, stream: TcpStream) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut if_none_match = Vec::new();
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("if-none-match") => if_none_match.push(value.trim().to_owned()),
                Some(_) => {}
                None => break,
            }
        }
        let response = match self.document(&path) {
            _ if self.down.load(Ordering::SeqCst) => "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n".to_owned(),
            None => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
            Some(document) => {
                let headers: String = document.headers().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
                if document.not_modified(if_none_match.iter().map(String::as_str)) {
                    format!("HTTP/1.1 304 Not Modified\r\n{headers}\r\n")
                } else {
                    format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n{}", document.body().len(), document.body())
                }
            }
        };
        println!("      issuer     GET {path}  {}", response.lines().next().unwrap_or_default());
        stream.get_mut().write_all(response.as_bytes()).await
    }
}
