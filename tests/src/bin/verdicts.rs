//! Judges lists of tokens: JSON lines in, one verdict a line out, or with `--summary` what they come to.
//!
//! `cargo run --release -p session-tests --bin verdicts -- [--summary] FILE…`, or a list on standard input. The form of a line
//! is described beside the shared vectors. A bad line never ends the run; a panic is a verdict, and makes the exit status 1.
#![forbid(unsafe_code)]
#![allow(clippy::print_stderr, reason = "a command line talks to a person by printing")]

use std::{
    env,
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    panic,
    process::ExitCode,
};

use session_tests::verdicts::{Summary, Verdict, judge_line};

fn main() -> ExitCode {
    let (mut summarize, mut files) = (false, Vec::new());
    for argument in env::args_os().skip(1) {
        match argument.to_str() {
            Some("--summary") => summarize = true,
            Some(option) if option.starts_with('-') && option != "-" => {
                eprintln!("verdicts: unknown option {option}\nusage: verdicts [--summary] [FILE…]");
                return ExitCode::from(2);
            }
            _ => files.push(argument),
        }
    }
    if files.is_empty() {
        files.push("-".into());
    }
    // A panic is told as the verdict of its case.
    panic::set_hook(Box::new(|_| {}));

    let mut run = Run { summary: summarize.then(Summary::default), out: BufWriter::new(io::stdout().lock()), panicked: false };
    let (mut unread, mut written) = (false, Ok(()));
    for file in files {
        let list: io::Result<Box<dyn BufRead>> =
            if file == "-" { Ok(Box::new(io::stdin().lock())) } else { File::open(&file).map(|list| Box::new(BufReader::new(list)) as _) };
        match list {
            Ok(list) => written = run.judge(list),
            Err(error) => {
                eprintln!("verdicts: {}: {error}", file.display());
                unread = true;
            }
        }
        if written.is_err() {
            break;
        }
    }
    if let Err(error) = written.and_then(|()| run.finish()) {
        // A reader that has seen enough closes the pipe, which is no failure of ours.
        if error.kind() != io::ErrorKind::BrokenPipe {
            eprintln!("verdicts: {error}");
            unread = true;
        }
    }
    if unread { ExitCode::from(2) } else { ExitCode::from(u8::from(run.panicked)) }
}

struct Run<W: Write> {
    summary: Option<Summary>,
    out: W,
    panicked: bool,
}

impl<W: Write> Run<W> {
    fn judge(&mut self, mut list: impl BufRead) -> io::Result<()> {
        let mut line = Vec::new();
        loop {
            line.clear();
            if list.read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            // A line that is not UTF-8 is no JSON, and is told as such.
            let text = String::from_utf8_lossy(&line);
            if text.trim().is_empty() {
                continue;
            }
            let (case, judgement) = judge_line(&text);
            self.panicked |= judgement.verdict == Verdict::Panic;
            match &mut self.summary {
                Some(summary) => summary.add(case.as_ref(), &judgement),
                None => {
                    serde_json::to_writer(&mut self.out, &judgement)?;
                    self.out.write_all(b"\n")?;
                }
            }
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some(summary) = &self.summary {
            write!(self.out, "{summary}")?;
        }
        self.out.flush()
    }
}
