//! Runs the program in a folder of its own, and makes the tokens that it is shown.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use serde_json::Value;
use session_runtime::{
    Claims, Issuer, KeyRing, Timestamp,
    jwt::{EdDsa, Jwt},
    keyring::Key,
    testing::ManualClock,
};
use session_tests::built::binary;
use tempfile::TempDir;

/// 2030-01-01T00:00:00Z, where every token here begins.
pub(crate) const START: i64 = 1_893_456_000;
/// The moments around it, as they are given to `--at`.
pub(crate) const EARLY: &str = "2030-01-01T00:05:00Z";
pub(crate) const LATE: &str = "2030-01-01T00:18:00Z";

/// The type of most tokens here.
#[derive(Claims, Debug)]
#[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
pub(crate) struct Access {
    #[claim(sub)]
    pub(crate) user: String,
    pub(crate) tenant: String,
}

pub(crate) fn access() -> Access {
    Access { user: "ada".to_owned(), tenant: "acme".to_owned() }
}

/// The program.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| binary("session"))
}

/// A folder, and the program in it.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new(program());
        command.args(arguments).current_dir(self.folder.path()).timeout(Duration::from_secs(60));
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs it with nothing on standard input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        ran(self.command(arguments))
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: impl Into<Vec<u8>>) -> Ran {
        let mut command = self.command(arguments);
        command.write_stdin(input);
        ran(command)
    }

    /// What a run that has to succeed prints.
    #[track_caller]
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:#?}");
        ran.out
    }

    /// Its JSON, whatever the verdict is.
    #[track_caller]
    pub(crate) fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {ran:#?}");
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
    }

    /// The message of a run that has to fail, with what it says to do.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, arguments: &[&str], message: &str) {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:#?}");
        assert!(ran.err.contains(message), "{arguments:?}: {ran:#?}");
        assert!(ran.out.is_empty(), "{arguments:?}: {ran:#?}");
    }

    /// `key.pem`, an Ed25519 key of the program's own making, and a token under it.
    pub(crate) fn token(&self) -> String {
        if !self.path("key.pem").exists() {
            self.ok(&["keys", "generate", "--format", "EdDSA", "--out", "key.pem"]);
        }
        let token = issue(&Key::from_pem(&self.read("key.pem")).unwrap(), START);
        self.write("token", &token);
        token
    }
}

fn ran(mut command: assert_cmd::Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// A token that begins at `start`.
pub(crate) fn issue(key: &Key<Jwt<EdDsa>>, start: i64) -> String {
    let key = Key::<Jwt<EdDsa>>::from_pem(key.to_pem().unwrap().expose()).unwrap();
    let ring = KeyRing::builder().clock(ManualClock::at(Timestamp::from_unix(start))).import(key).unwrap();
    Issuer::<Access, _>::new(&ring).unwrap().issue(&access()).unwrap().token
}

/// A JWT of these parts, which nobody has signed.
pub(crate) fn forged(header: &str, payload: &str) -> String {
    let encode = |text: &str| base64_simd::URL_SAFE_NO_PAD.encode_to_string(text);
    format!("{}.{}.{}", encode(header), encode(payload), encode("not a signature"))
}

/// The codes of the warnings about a token.
pub(crate) fn warnings(value: &Value) -> Vec<&str> {
    value["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect()
}
