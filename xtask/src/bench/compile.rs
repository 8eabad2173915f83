//! `cargo xtask bench compile`: what a hundred derived claims structs cost to compile, beside serde's derives on the same structs.
//!
//! Two crates are generated, alike but for the derive, with the same dependencies, which are built before. Then each is built alone, again
//! and again and in turn, from nothing and in the profile `dev`.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use crate::steps::{Failure, Outcome, cargo, root};

/// One of the two crates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Derive {
    Claims,
    Serde,
}

/// Prints the times and the ratio; `--json` prints rows and nothing else.
pub(super) fn run(arguments: &[String]) -> Outcome {
    let json = match arguments {
        [] => false,
        [one] if one == "--json" => true,
        _ => return Err(Failure("bench compile: the only argument is --json".to_owned())),
    };
    let folder = root().join("target/bench/compile");
    generate(&folder).map_err(|error| Failure(format!("bench compile: {}: {error}", folder.display())))?;
    let mut rows = Vec::new();
    for command in ["check", "build"] {
        eprintln!("cargo {command}: dependencies");
        for derive in [Derive::Claims, Derive::Serde] {
            build(&folder, command, derive)?;
        }
        let mut times = [Vec::new(), Vec::new()];
        for round in 1..=ROUNDS {
            eprint!("\rcargo {command}: round {round} of {ROUNDS}");
            for (derive, times) in [Derive::Claims, Derive::Serde].into_iter().zip(&mut times) {
                clean(&folder, derive)?;
                times.push(timed(|| build(&folder, command, derive))?);
            }
        }
        eprintln!();
        let [ours, serde] = times.map(median);
        rows.push((command, ours, serde));
    }
    print(&rows, json);
    Ok(())
}

fn print(rows: &[(&str, Duration, Duration)], json: bool) {
    let ratio = |ours: &Duration, serde: &Duration| ours.as_secs_f64() / serde.as_secs_f64();
    if json {
        let rows: Vec<String> = rows
            .iter()
            .map(|(name, ours, serde)| {
                let (ms, serde_ms) = (ours.as_millis(), serde.as_millis());
                let ratio = ratio(ours, serde);
                format!(r#"  {{ "group": "compile, cargo {name}", "claims_ms": {ms}, "serde_ms": {serde_ms}, "ratio": {ratio:.3} }}"#)
            })
            .collect();
        println!("[\n{}\n]", rows.join(",\n"));
        return;
    }
    println!("{STRUCTS} structs of {FIELDS} fields, medians of {ROUNDS}:\n");
    println!("| cargo | derive(Claims), ms | derive(Serialize, Deserialize), ms | ratio |\n|---|---:|---:|---:|");
    for (name, ours, serde) in rows {
        let ratio = ratio(ours, serde);
        println!("| {name} | {} | {} | {ratio:.2} |", ours.as_millis(), serde.as_millis());
    }
    println!();
    for (name, ours, serde) in rows {
        let ratio = ratio(ours, serde);
        println!("- {}: cargo {name}: {ratio:.2} times serde's derives, at most 1", if ratio <= 1.0 { "met" } else { "MISSED" });
    }
}

/// A workspace of two crates that depend on the same, so that cargo has the same to look at for both.
fn generate(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"claims\", \"serde\"]\n")?;
    // The versions that the library itself is tested with.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    for derive in [Derive::Claims, Derive::Serde] {
        let package = folder.join(derive.name());
        fs::create_dir_all(package.join("src"))?;
        fs::write(package.join("Cargo.toml"), manifest(derive))?;
        fs::write(package.join("src/lib.rs"), source(derive))?;
    }
    Ok(())
}

fn manifest(derive: Derive) -> String {
    format!(
        "[package]\nname = \"compile-{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         session-runtime = {{ path = \"{}\", default-features = false }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n",
        derive.name(),
        root().join("session-runtime").display()
    )
}

fn source(derive: Derive) -> String {
    let mut source = match derive {
        Derive::Claims => "use session_runtime::Claims;\n".to_owned(),
        Derive::Serde => "use serde::{Deserialize, Serialize};\n".to_owned(),
    };
    for number in 0..STRUCTS {
        let attributes = match derive {
            Derive::Claims => format!(
                "#[derive(Claims)]\n#[claims(issuer = \"https://id.example\", audience = \"orders\", ttl = \"15m\", \
                 token_type = \"type-{number}\")]"
            ),
            Derive::Serde => "#[derive(Serialize, Deserialize)]".to_owned(),
        };
        let subject = if derive == Derive::Claims { "#[claim(sub)]\n    " } else { "" };
        let _ = write!(
            source,
            "\n{attributes}\npub struct Claims{number} {{\n    {subject}pub subject: String,\n    pub tenant: String,\n    \
             pub email: String,\n    pub roles: Vec<String>,\n    pub scopes: Vec<String>,\n    pub level: u32,\n    \
             pub quota: u64,\n    pub admin: bool,\n    pub locale: Option<String>,\n    pub device: Option<u64>,\n}}\n"
        );
    }
    source
}

impl Derive {
    fn name(self) -> &'static str {
        match self {
            Self::Claims => "claims",
            Self::Serde => "serde",
        }
    }
}

fn build(folder: &Path, command: &str, derive: Derive) -> Outcome {
    succeed(folder, &format!("{command} --quiet --offline --package compile-{}", derive.name()))
}

/// Forgets what was built of this crate, with what the incremental compiler remembers of it.
fn clean(folder: &Path, derive: Derive) -> Outcome {
    succeed(folder, &format!("clean --quiet --offline --package compile-{}", derive.name()))
}

/// Runs cargo in the generated workspace, and shows what it says only if it fails.
fn succeed(folder: &Path, arguments: &str) -> Outcome {
    let target: PathBuf = folder.join("target");
    let mut command = cargo(arguments);
    command.current_dir(folder).env("CARGO_TARGET_DIR", target).stdin(Stdio::null());
    let output = command.output().map_err(|error| Failure(format!("bench compile: cannot run cargo: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure(format!("bench compile: cargo {arguments} failed:\n{}", String::from_utf8_lossy(&output.stderr))))
}

#[allow(clippy::disallowed_methods, reason = "how long a build took on this machine")]
fn timed(build: impl FnOnce() -> Outcome) -> Outcome<Duration> {
    let start = Instant::now();
    build()?;
    Ok(start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

const STRUCTS: usize = 100;
const FIELDS: usize = 10;
const ROUNDS: usize = 5;
