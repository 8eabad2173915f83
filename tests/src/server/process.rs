//! One child process: started on a free port, watched until it answers, stopped by its process id.

use std::{
    fmt,
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::needs::Unmet;

/// Another process may take the port between our closing it and the server's binding it; this often in a row is no accident.
const PORTS_TRIED: usize = 5;
/// How often a server is asked whether it is ready: 60 seconds, for a machine that compiles on all cores meanwhile.
const POLLS: usize = 1_200;
const POLL: Duration = Duration::from_millis(50);
/// What of the log an error shows.
const TAIL: usize = 30;

/// A running server: its process, its port and its folder.
pub(super) struct Server {
    name: &'static str,
    child: Child,
    stop: Signal,
    port: u16,
    launch: Launch,
    // Last, so that the process is gone before its folder is.
    folder: TempDir,
}

/// How it is started, on a port, and when it is ready.
struct Launch {
    command: Box<dyn Fn(u16) -> Command + Send + Sync>,
    ready: Box<dyn Fn(u16, Pid) -> bool + Send + Sync>,
}

impl Server {
    /// Starts what `command` builds from a free port, and waits until `ready` says yes.
    ///
    /// A `ready` must be sure that *this* process answers and not a stranger on the same port.
    pub(super) fn start(
        name: &'static str,
        mut folder: TempDir,
        stop: Signal,
        command: impl Fn(u16) -> Command + Send + Sync + 'static,
        ready: impl Fn(u16, Pid) -> bool + Send + Sync + 'static,
    ) -> Result<Self, Unmet> {
        let mut launch = Launch { command: Box::new(command), ready: Box::new(ready) };
        for _ in 0..PORTS_TRIED {
            let port = free_port().map_err(|error| Unmet::Broken(format!("{name}: no free port: {error}")))?;
            let log = log_file(folder.path());
            let child = spawn(&mut (launch.command)(port), &log).map_err(|error| Unmet::Broken(format!("{name}: {error}")))?;
            let mut server = Self { name, child, stop, port, launch, folder };
            match server.wait() {
                Ok(()) => return Ok(server),
                Err(problem) => {
                    let text = fs::read_to_string(&log).unwrap_or_default();
                    if !text.contains("ddress already in use") {
                        return Err(Unmet::Broken(format!("{name} {problem}; the end of its log:\n{}", tail(&text))));
                    }
                    (launch, folder) = server.give_up();
                }
            }
        }
        Err(Unmet::Broken(format!("{name}: {PORTS_TRIED} free ports in a row were taken by somebody else")))
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts it again after [`stop`](Self::stop), on the same port and with the same folder.
    pub(super) fn start_again(&mut self) -> Result<(), Unmet> {
        let broken = |problem: String| Unmet::Broken(format!("{} {problem}", self.name));
        let log = log_file(self.folder.path());
        self.child = spawn(&mut (self.launch.command)(self.port), &log).map_err(|error| broken(error.to_string()))?;
        self.wait().map_err(|problem| Unmet::Broken(format!("{} {problem}", self.name)))
    }

    fn wait(&mut self) -> Result<(), String> {
        for _ in 0..POLLS {
            if let Some(status) = self.child.try_wait().map_err(|error| format!("cannot be watched: {error}"))? {
                return Err(format!("stopped at once ({status})"));
            }
            if (self.launch.ready)(self.port, self.pid()) {
                return Ok(());
            }
            pause();
        }
        Err(format!("does not answer on port {}", self.port))
    }

    /// Stops the process and keeps the rest for the next try.
    fn give_up(mut self) -> (Launch, TempDir) {
        self.stop();
        let nothing = TempDir::new().expect("a second temporary folder beside the first");
        let unused = Launch { command: Box::new(|_| Command::new("true")), ready: Box::new(|_, _| false) };
        (std::mem::replace(&mut self.launch, unused), std::mem::replace(&mut self.folder, nothing))
    }

    /// Asks the process to stop, then ends it; afterwards it is gone and reaped.
    pub(super) fn stop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let _ = kill_process(self.pid(), self.stop);
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            pause();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {}, port {}, {})", self.name, self.child.id(), self.port, self.folder.path().display())
    }
}

/// Where a server's output goes.
pub(super) fn log_file(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// Runs a program that prepares a server, to its end.
pub(super) fn run(name: &str, command: &mut Command) -> Result<(), Unmet> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| Unmet::Broken(format!("{name}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(Unmet::Broken(format!("{name} failed ({}):\n{}", output.status, tail(&text))))
}

fn spawn(command: &mut Command, log: &Path) -> std::io::Result<Child> {
    let log = File::create(log)?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
}

/// A port that nobody listened on a moment ago.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

#[allow(clippy::disallowed_methods, reason = "another process has no clock that we could move; it is asked again a moment later")]
fn pause() {
    thread::sleep(POLL);
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock};

    use super::*;
    use crate::{needs::Missing, programs, require, server::redis};

    #[test]
    fn a_port_that_somebody_takes_is_replaced_by_another() {
        let program = require!(programs::find("redis-server").ok_or_else(|| Missing::program("redis-server")));
        let thief = Arc::new(OnceLock::new());
        let stolen = Arc::clone(&thief);
        let command = move |port: u16| {
            stolen.get_or_init(|| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap());
            let mut command = Command::new(&program);
            command.args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string()]);
            command
        };
        let server = Server::start("redis-server", TempDir::new().unwrap(), Signal::TERM, command, redis::answers).unwrap();
        assert_ne!(server.port(), thief.get().unwrap().local_addr().unwrap().port());
    }

    #[test]
    fn a_server_that_does_not_stop_when_asked_is_ended() {
        let command = |_| {
            let mut command = Command::new("sleep");
            command.arg("600");
            command
        };
        // WINCH asks for nothing.
        let server = Server::start("sleep", TempDir::new().unwrap(), Signal::WINCH, command, |_, _| true).unwrap();
        let (pid, folder) = (server.pid(), server.folder().to_owned());
        drop(server);
        assert!(rustix::process::test_kill_process(pid).is_err() && !folder.exists());
    }

    #[test]
    fn an_error_shows_the_last_lines_only() {
        let log: String = (1..=100).map(|line| format!("{line}\n")).collect();
        assert!(tail(&log).starts_with("71\n72\n") && tail(&log).ends_with("\n100"));
        assert_eq!(tail(""), "");
    }
}
