//! A server of key sets on this machine that can be told to misbehave.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
};

/// What the server does with every request.
#[derive(Debug, Clone)]
pub enum Conduct {
    /// Sends these bytes, and closes.
    Say(Vec<u8>),
    /// A set with this tag, or 304 to who has it.
    Tagged {
        /// The tag, with its quotes.
        tag: String,
        /// The set.
        body: String,
    },
    /// Sends these bytes as soon as it is let go.
    Held(Arc<Semaphore>, Vec<u8>),
    /// What it does with requests for these paths, and silence for the others.
    Paths(Vec<(&'static str, Conduct)>),
    /// Takes the request and is silent.
    Hang,
    /// Sends these bytes, and is silent.
    SayAndHang(Vec<u8>),
    /// Sends a good beginning, and then a byte now and then.
    Drip,
    /// Sends a body without an end.
    Endless,
    /// Resets the connection.
    Reset,
}

impl Conduct {
    /// An answer with this status and body.
    pub fn status(status: &str, headers: &str, body: &str) -> Self {
        Self::Say(format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes())
    }

    /// A good answer that is on its way until the semaphore has a permit for it.
    ///
    /// # Panics
    /// Never.
    pub fn held(gate: &Arc<Semaphore>, body: impl std::fmt::Display) -> Self {
        let Self::Say(bytes) = Self::set("", body) else { unreachable!("an answer") };
        Self::Held(Arc::clone(gate), bytes)
    }

    /// A good answer with these headers, each with its line end.
    pub fn set(headers: &str, body: impl std::fmt::Display) -> Self {
        Self::status("200 OK", headers, &body.to_string())
    }
}

/// The server. It ends when this is dropped.
#[derive(Debug)]
pub struct Stub {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: Mutex<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    conduct: Mutex<Conduct>,
    /// The heads of the requests so far.
    requests: Mutex<Vec<String>>,
}

impl Stub {
    /// Serves on a free port of this machine.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start(conduct: Conduct) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { conduct: Mutex::new(conduct), requests: Mutex::default() });
        Self { address, task: Mutex::new(tokio::spawn(serve(listener, Arc::clone(&shared)))), shared }
    }

    /// Where the set is.
    pub fn url(&self) -> String {
        format!("{}/keys", self.origin())
    }

    /// Without a path.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, for requests that come.
    ///
    /// # Panics
    /// As [`requests`](Self::requests).
    pub fn behave(&self, conduct: Conduct) {
        *self.shared.conduct.lock().unwrap() = conduct;
    }

    /// The heads of the requests so far, in small letters.
    ///
    /// # Panics
    /// When a request panicked.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Nobody listens any more.
    ///
    /// # Panics
    /// As [`requests`](Self::requests).
    pub async fn stop(&self) {
        let task = std::mem::replace(&mut *self.task.lock().unwrap(), tokio::spawn(async {}));
        task.abort();
        let _ = task.await;
    }

    /// Listens again, at the same address.
    ///
    /// # Panics
    /// When somebody else took the port.
    pub async fn resume(&self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        *self.task.lock().unwrap() = tokio::spawn(serve(listener, Arc::clone(&self.shared)));
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.lock().unwrap().abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&shared)));
    }
}

async fn answer(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let mut conduct = shared.conduct.lock().unwrap().clone();
    if let Conduct::Paths(paths) = conduct {
        let of_path = paths.into_iter().find(|(path, _)| head.starts_with(&format!("get {path} ")));
        conduct = of_path.map_or(Conduct::Hang, |(_, conduct)| conduct);
    }
    shared.requests.lock().unwrap().push(head.clone());
    let beginning = b"HTTP/1.1 200 OK\r\n\r\n{\"keys\":[";
    // Whoever asked may have gone: that is no failure of the server's.
    let _ = match conduct {
        Conduct::Say(bytes) => stream.write_all(&bytes).await,
        Conduct::Held(gate, bytes) => {
            gate.acquire().await.unwrap().forget();
            stream.write_all(&bytes).await
        }
        Conduct::Tagged { tag, .. } if head.contains(&format!("if-none-match: {tag}\r\n")) => {
            stream.write_all(format!("HTTP/1.1 304 Not Modified\r\netag: {tag}\r\n\r\n").as_bytes()).await
        }
        Conduct::Tagged { tag, body } => {
            let text = format!("HTTP/1.1 200 OK\r\netag: {tag}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(text.as_bytes()).await
        }
        Conduct::Hang | Conduct::Paths(_) => silence(&mut stream).await,
        Conduct::SayAndHang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            silence(&mut stream).await
        }
        Conduct::Drip => {
            let _ = stream.write_all(beginning).await;
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            loop {
                ticks.tick().await;
                if let Err(gone) = stream.write_all(b" ").await {
                    break Err(gone);
                }
            }
        }
        Conduct::Endless => {
            let _ = stream.write_all(beginning).await;
            loop {
                if let Err(gone) = stream.write_all(&[b' '; 4096]).await {
                    break Err(gone);
                }
            }
        }
        Conduct::Reset => stream.set_zero_linger(),
    };
}

/// Until the other side hangs up.
async fn silence(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.read_u8().await.map(drop)
}
