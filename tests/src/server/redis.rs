//! A Redis that keeps nothing on disk.

use std::{
    ffi::{OsStr, OsString},
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    process::Command,
    time::Duration,
};

use rustix::process::{Pid, Signal};
use tempfile::TempDir;

use super::process::Server;
use crate::{
    needs::{Missing, Unmet},
    programs,
};

/// A real `redis-server`, stopped and swept away when this value is dropped.
#[derive(Debug)]
pub struct Redis(Server);

impl Redis {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// [`Unmet::Missing`] when Redis is not installed, [`Unmet::Broken`] with the end of its log when it does not start.
    pub fn start() -> Result<Self, Unmet> {
        Self::start_with::<&str>(&[])
    }

    /// Starts a server with further arguments, for example `["--appendonly", "yes"]`.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with<A: AsRef<OsStr>>(arguments: &[A]) -> Result<Self, Unmet> {
        let program = programs::find("redis-server").ok_or_else(|| Missing::program("redis-server"))?;
        let folder = TempDir::with_prefix("session-redis-").map_err(|error| Unmet::Broken(format!("redis: {error}")))?;
        let path = folder.path().to_owned();
        let arguments: Vec<OsString> = arguments.iter().map(|argument| argument.as_ref().to_owned()).collect();
        let command = move |port: u16| {
            let mut command = Command::new(&program);
            command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--daemonize", "no", "--save", ""]);
            command.arg("--dir").arg(&path).current_dir(&path).args(&arguments);
            command
        };
        Server::start("redis-server", folder, Signal::TERM, command, answers).map(Self)
    }

    /// Stops the process; its port and its folder stay.
    pub fn stop(&mut self) {
        self.0.stop();
    }

    /// Starts it again on the same port, with what its folder holds: nothing, unless it was told to keep something.
    ///
    /// # Errors
    /// [`Unmet::Broken`] when it does not start.
    pub fn start_again(&mut self) -> Result<(), Unmet> {
        self.0.start_again()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.0.port()).into()
    }

    /// Its address as clients want it: `redis://127.0.0.1:…`.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Its process id.
    pub fn pid(&self) -> Pid {
        self.0.pid()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.0.folder()
    }

    /// Sends one inline command on a fresh connection and returns the first bytes of the answer.
    ///
    /// For the harness and simple checks; tests of a store use the store's own client.
    ///
    /// # Errors
    /// When the server does not answer within a second.
    pub fn ask(&self, command: &str) -> io::Result<String> {
        ask(self.0.port(), command)
    }
}

/// Whether the server on `port` is up, and is the process that we started.
pub(super) fn answers(port: u16, pid: Pid) -> bool {
    let ours = format!("process_id:{}\r", pid.as_raw_nonzero());
    ask(port, "PING").is_ok_and(|answer| answer == "+PONG\r\n") && ask(port, "INFO server").is_ok_and(|answer| answer.contains(&ours))
}

fn ask(port: u16, command: &str) -> io::Result<String> {
    let timeout = Some(Duration::from_secs(1));
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(timeout)?;
    stream.set_write_timeout(timeout)?;
    // QUIT closes the connection after the answer, so that reading needs no parser.
    stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.strip_suffix("+OK\r\n").unwrap_or(&answer).to_owned())
}
