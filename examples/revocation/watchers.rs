//! The three processes that verify, as the first one sees them.

use std::{env, error::Error, process::Stdio, time::Duration};

use session_runtime::{Clock, SystemClock};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

const NAMES: [&str; 3] = ["orders", "invoices", "search"];
/// Longer than S, so that what takes longer is a broken promise.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Watchers(Vec<Watcher>);

struct Watcher {
    name: &'static str,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// What it says of every token.
    says: Vec<String>,
    _child: Child,
}

impl Watchers {
    pub(crate) async fn start(log: &str, keys: &str) -> Result<Self, Box<dyn Error>> {
        let mut watchers = Vec::new();
        for name in NAMES {
            let mut command = Command::new(env::current_exe()?);
            command.args(["verify", log, keys]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
            let mut child = command.spawn()?;
            let (input, output) = (child.stdin.take().ok_or("no input")?, child.stdout.take().ok_or("no output")?);
            let mut watcher = Watcher { name, input, output: BufReader::new(output).lines(), says: Vec::new(), _child: child };
            if watcher.output.next_line().await?.as_deref() != Some("ready") {
                return Err(format!("{name} did not start").into());
            }
            watchers.push(watcher);
        }
        Ok(Self(watchers))
    }

    /// Shows a token to all of them, and waits until they take it.
    pub(crate) async fn show(&mut self, token: &str) -> Result<(), Box<dyn Error>> {
        for watcher in &mut self.0 {
            let number = watcher.says.len();
            watcher.says.push(String::new());
            watcher.input.write_all(format!("{number} {token}\n").as_bytes()).await?;
            watcher.wait(&[number], "accepted").await?;
        }
        Ok(())
    }

    /// Waits until all of them refuse these tokens, and prints when each did, counted from the moment of this call.
    pub(crate) async fn refusals(&mut self, tokens: &[usize]) -> Result<(), Box<dyn Error>> {
        let since = SystemClock.boot();
        // Each has a task of its own on the line, so that one does not hide how quick another was.
        let waits = self.0.iter_mut().map(|watcher| async move {
            watcher.wait(tokens, "revoked").await?;
            Ok::<_, Box<dyn Error>>((watcher.name, SystemClock.boot().saturating_sub(since)))
        });
        for (name, took) in all(waits).await? {
            println!("  {name:<9} refuses after {:>4} ms", took.as_millis());
        }
        Ok(())
    }

    /// What each says of a token.
    pub(crate) fn say(&self, token: usize) -> String {
        let one = |watcher: &Watcher| format!("{} {}", watcher.name, watcher.says.get(token).map_or("", String::as_str));
        self.0.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

impl Watcher {
    async fn wait(&mut self, tokens: &[usize], wanted: &str) -> Result<(), Box<dyn Error>> {
        let says = async {
            while !tokens.iter().all(|token| self.says.get(*token).is_some_and(|says| says == wanted)) {
                let line = self.output.next_line().await?.ok_or("it ended")?;
                let (number, word) = line.split_once(' ').ok_or("a number and a word")?;
                if let Some(says) = self.says.get_mut(number.parse::<usize>()?) {
                    word.clone_into(says);
                }
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, says).await.map_err(|_| format!("{} does not say {wanted}", self.name))?
    }
}

/// All of them at once; the first error ends it.
async fn all<T>(futures: impl Iterator<Item = impl Future<Output = Result<T, Box<dyn Error>>>>) -> Result<Vec<T>, Box<dyn Error>> {
    let mut futures: Vec<_> = futures.map(Box::pin).map(Some).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        for place in &mut futures {
            let Some(future) = place else { continue };
            if let std::task::Poll::Ready(ended) = future.as_mut().poll(context) {
                *place = None;
                match ended {
                    Ok(value) => done.push(value),
                    Err(error) => return std::task::Poll::Ready(Err(error)),
                }
            }
        }
        if futures.iter().all(Option::is_none) { std::task::Poll::Ready(Ok(())) } else { std::task::Poll::Pending }
    })
    .await?;
    Ok(done)
}
