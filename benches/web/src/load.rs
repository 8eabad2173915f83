//! The client: connections that stay open, each with one request under way, whose bytes are made before the clock runs.
//!
//! It is no HTTP client, and reads only what this one service answers, so that it costs less than the service and is never what limits it.

use std::time::{Duration, Instant};

use common::contest::Outcome;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::site::Route;

/// What one contestant did in one slice.
#[derive(Debug)]
pub struct Slice {
    /// Requests a second.
    pub rate: f64,
    /// Nanoseconds, sorted.
    latencies: Vec<u64>,
}

impl Slice {
    /// The latency below which so many of 1000 requests are, in nanoseconds.
    pub fn latency(&self, per_mille: usize) -> f64 {
        let index = (self.latencies.len() * per_mille / 1000).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(index).map_or(f64::NAN, |nanoseconds| *nanoseconds as f64)
    }
}

pub struct Load {
    port: u16,
    connections: Vec<Connection>,
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Load {
    pub async fn connect(port: u16, count: usize) -> Outcome<Self> {
        let mut connections = Vec::new();
        for _ in 0..count {
            let stream = TcpStream::connect(("127.0.0.1", port)).await?;
            stream.set_nodelay(true)?;
            connections.push(Connection { stream, buffer: vec![0; 4096] });
        }
        Ok(Self { port, connections })
    }

    /// Loads one route for so long.
    pub async fn run(&mut self, route: &Route, slice: Duration) -> Outcome<Slice> {
        let mut tasks = JoinSet::new();
        let began = Instant::now();
        let end = began + slice;
        for (mut connection, token) in self.connections.drain(..).zip(&route.tokens) {
            let request = format!("GET {} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nauthorization: Bearer {token}\r\n\r\n", route.path, self.port);
            tasks.spawn(async move {
                let latencies = connection.ask(request.as_bytes(), end).await.map_err(|error| error.to_string())?;
                Ok::<_, String>((connection, latencies))
            });
        }
        let mut latencies = Vec::new();
        while let Some(done) = tasks.join_next().await {
            let (connection, more) = done??;
            self.connections.push(connection);
            latencies.extend(more);
        }
        let rate = latencies.len() as f64 / began.elapsed().as_secs_f64();
        latencies.sort_unstable();
        Ok(Slice { rate, latencies })
    }
}

impl Connection {
    /// The same request again and again. Every answer has to be 200: a refusal would be fast.
    async fn ask(&mut self, request: &[u8], end: Instant) -> Outcome<Vec<u64>> {
        let mut latencies = Vec::new();
        let mut length = None;
        loop {
            let began = Instant::now();
            if began >= end {
                return Ok(latencies);
            }
            self.stream.write_all(request).await?;
            let mut read = 0;
            // Answers of one route are of one length, which the first one tells.
            while length.is_none_or(|length| read < length) {
                let more = self.stream.read(self.buffer.get_mut(read..).ok_or("a long answer")?).await?;
                if more == 0 {
                    return Err("the service closed the connection".into());
                }
                read += more;
                if length.is_none() {
                    length = self.buffer.get(..read).and_then(whole);
                }
            }
            if length != Some(read) || !self.buffer.starts_with(b"HTTP/1.1 200 ") {
                return Err(format!("not as expected: {:?}", String::from_utf8_lossy(self.buffer.get(..read).unwrap_or_default())).into());
            }
            latencies.push(u64::try_from(began.elapsed().as_nanos())?);
        }
    }
}

/// How long an answer is, once its head is there.
fn whole(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(answer.get(..head)?).ok()?;
    let body = text.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    Some(head + body.parse::<usize>().ok()?)
}
