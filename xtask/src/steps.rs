//! Runs commands one after the other: says what runs, how long it took, and what failed.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// What a step comes to; the first failure ends the command.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Why the command stopped, for a person.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The steps so far with their times.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    /// Runs a command under a heading and stops at its failure.
    pub(crate) fn run(&mut self, title: &'static str, command: &mut Command) -> Outcome {
        self.time(title, || succeed(title, command))
    }

    /// Does anything under a heading.
    #[allow(clippy::disallowed_methods, reason = "how long a step took on this machine, and nothing is decided by it")]
    pub(crate) fn time(&mut self, title: &'static str, step: impl FnOnce() -> Outcome) -> Outcome {
        // On standard error, like cargo's own progress, so that the two stay in order.
        eprintln!("\n=== {title}");
        let start = Instant::now();
        step()?;
        self.0.push((title, start.elapsed()));
        Ok(())
    }

    /// Lists the steps with their times.
    pub(crate) fn print(&self) {
        eprintln!("\n=== so far");
        for (title, time) in &self.0 {
            eprintln!("{:>8.1} s  {title}", time.as_secs_f64());
        }
        let total: Duration = self.0.iter().map(|(_, time)| *time).sum();
        eprintln!("{:>8.1} s  in all", total.as_secs_f64());
    }
}

/// Runs one command, showing it, and stops at its failure.
pub(crate) fn succeed(title: &str, command: &mut Command) -> Outcome {
    let shown = show(command);
    eprintln!("    {shown}");
    let status = command.status().map_err(|error| Failure(format!("{title}: cannot run `{shown}`: {error}")))?;
    if status.success() { Ok(()) } else { Err(Failure(format!("{title}: failed ({status})\n    {shown}"))) }
}

/// A cargo command in the project's root.
pub(crate) fn cargo(arguments: &str) -> Command {
    // The cargo that runs us, so that both use one toolchain.
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments.split_whitespace()).current_dir(root());
    command
}

/// The project's root folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The folder of the shared test vectors: `SESSION_VECTORS`, else `../shared/vectors` beside the root if it exists.
pub(crate) fn vectors() -> Option<PathBuf> {
    let set = std::env::var_os("SESSION_VECTORS").map(PathBuf::from);
    set.or_else(|| root().join("../shared/vectors").canonicalize().ok())
}

/// The command as a person would type it, with the variables that we set.
fn show(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| Some(format!("{}={}", name.display(), quote(value?.to_str()?))));
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| quote(&argument.to_string_lossy()));
    variables.chain([program]).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_=./:,+*".contains(char);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["doc", "it's"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(show(&command), r"RUSTDOCFLAGS='-D warnings' cargo doc 'it'\''s'");
    }

    #[test]
    fn a_failing_command_stops_with_its_name_and_words() {
        let failure = succeed("nothing", &mut Command::new("false")).unwrap_err();
        assert_eq!(failure.to_string(), "nothing: failed (exit status: 1)\n    false");
        let failure = succeed("nothing", &mut Command::new("/no/such/program")).unwrap_err();
        assert!(failure.to_string().starts_with("nothing: cannot run `program`: "), "{failure}");
    }
}
