//! A PostgreSQL with an empty database, run by an unprivileged user when the tests are run by root.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::Read,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, geteuid};
use tempfile::TempDir;

use super::process::{Server, run};
use crate::{
    needs::{Missing, Unmet},
    programs,
};

/// A real `postgres`, stopped and swept away when this value is dropped.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    programs: Programs,
    password: String,
}

impl Postgres {
    /// Creates an empty cluster, starts it and waits until it answers.
    ///
    /// # Errors
    /// [`Unmet::Missing`] when PostgreSQL is not installed, [`Unmet::Broken`] with the end of its log when it does not start.
    pub fn start() -> Result<Self, Unmet> {
        Self::start_with::<&str>(&[])
    }

    /// Starts a server with further arguments, for example `["-c", "max_connections=5"]`.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with<A: AsRef<OsStr>>(arguments: &[A]) -> Result<Self, Unmet> {
        let programs = Programs::find()?;
        let account = Account::unprivileged()?;
        let broken = |error: std::io::Error| Unmet::Broken(format!("postgres: {error}"));
        let folder = TempDir::with_prefix("session-postgres-").map_err(broken)?;
        let password = password().map_err(broken)?;
        let password_file = folder.path().join("password");
        fs::write(&password_file, &password).map_err(broken)?;
        for path in [folder.path(), &password_file] {
            account.own(path).map_err(broken)?;
        }

        let data = folder.path().join("data");
        let mut initdb = account.command(&programs.initdb, folder.path());
        // A password, not `trust`: every account of the machine can reach the port, and a superuser of the database can run programs.
        initdb.args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]);
        initdb.arg("--pwfile").arg(&password_file).arg("--pgdata").arg(&data);
        run("initdb", &mut initdb)?;

        let path = folder.path().to_owned();
        let arguments: Vec<OsString> = arguments.iter().map(|argument| argument.as_ref().to_owned()).collect();
        let (program, place) = (programs.postgres.clone(), path.clone());
        let command = move |port: u16| {
            let mut command = account.command(&program, &place);
            command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-h", "127.0.0.1"]).arg("-k").arg(&place);
            // A test survives a crash of the server, which these settings do not weaken, but never one of the machine.
            command.args(["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]).args(&arguments);
            command
        };
        // Asked through the socket in our own folder, so that no other server can answer; postgres refuses to start without its port.
        let (asking, secret) = (programs.clone(), password.clone());
        let ready = move |port: u16, _| asking.query(&path, port, &secret, "select 1").is_ok();
        // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
        let server = Server::start("postgres", folder, Signal::INT, command, ready)?;
        Ok(Self { server, programs, password })
    }

    /// The address of its database as clients want it: `postgres://postgres:…@127.0.0.1:…/postgres`.
    pub fn url(&self) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/postgres", self.password, self.port())
    }

    /// Stops the process; its port and its data stay.
    pub fn stop(&mut self) {
        self.server.stop();
    }

    /// Starts it again on the same port and with the same data.
    ///
    /// # Errors
    /// [`Unmet::Broken`] when it does not start.
    pub fn start_again(&mut self) -> Result<(), Unmet> {
        self.server.start_again()
    }

    /// The port it listens on, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Its process id.
    pub fn pid(&self) -> Pid {
        self.server.pid()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    /// Runs one statement with `psql` over TCP and returns what it prints, unaligned and without headings.
    ///
    /// # Errors
    /// What `psql` prints when the statement fails.
    pub fn query(&self, statement: &str) -> Result<String, String> {
        self.programs.query(Path::new("127.0.0.1"), self.port(), &self.password, statement)
    }
}

/// PostgreSQL's programs, all of one version.
#[derive(Debug, Clone)]
struct Programs {
    initdb: PathBuf,
    postgres: PathBuf,
    psql: PathBuf,
}

impl Programs {
    fn find() -> Result<Self, Missing> {
        let missing = || Missing::program("initdb (PostgreSQL)");
        // Beside the real `initdb`, whatever symbolic link was found: programs of two versions do not understand each other.
        let initdb = programs::find("initdb").and_then(|path| path.canonicalize().ok()).ok_or_else(missing)?;
        let beside = |name: &str| initdb.parent().map(|folder| folder.join(name)).filter(|path| path.is_file()).ok_or_else(missing);
        Ok(Self { postgres: beside("postgres")?, psql: beside("psql")?, initdb })
    }

    fn query(&self, host: &Path, port: u16, password: &str, statement: &str) -> Result<String, String> {
        let output = Command::new(&self.psql)
            .args(["-X", "-A", "-t", "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", statement])
            .args(["-p", &port.to_string(), "-h"])
            .arg(host)
            .env("PGPASSWORD", password)
            .env("PGCONNECT_TIMEOUT", "5")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim_end().to_owned())
        }
    }
}

/// Who runs the server: PostgreSQL refuses to be run by root.
struct Account(Option<(u32, u32)>);

impl Account {
    /// The one who runs the test; for root the user `postgres` that the package brings, else `nobody`.
    fn unprivileged() -> Result<Self, Unmet> {
        if !geteuid().is_root() {
            return Ok(Self(None));
        }
        let users = fs::read_to_string("/etc/passwd").map_err(|error| Unmet::Broken(format!("/etc/passwd: {error}")))?;
        let ids = ["postgres", "nobody"].into_iter().find_map(|name| {
            let mut fields = users.lines().map(|line| line.split(':')).find(|fields| fields.clone().next() == Some(name))?.skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        match ids {
            Some(ids) => Ok(Self(Some(ids))),
            None => Err(Unmet::Broken("postgres: root may not run it, and there is neither a user `postgres` nor `nobody`".to_owned())),
        }
    }

    fn own(&self, path: &Path) -> std::io::Result<()> {
        self.0.map_or(Ok(()), |(user, group)| chown(path, Some(user), Some(group)))
    }

    /// The program, to be run by this account in `folder`; the process stays our own child, so that its id is the server's.
    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder);
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }
}

/// 128 random bits in hexadecimal.
fn password() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
