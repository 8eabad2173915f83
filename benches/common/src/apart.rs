//! The second program, round by round: it runs its round when it is told to, while the first one waits, so that both have the same
//! machine.
//!
//! Over its standard input and output: it says `ready`; every line that it gets is a round, which it answers with a line; at the end of
//! its input it writes what it measured as one line of JSON.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::{
    contest::{Group, Outcome},
    measure::{Measured, Plan, Race},
    program::Arguments,
};

/// The second program, as the first one sees it.
pub struct Apart {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Apart {
    pub fn start(program: &Path, arguments: &Arguments) -> Outcome<Self> {
        let mut command = Command::new(program);
        command.arg("--worker").stdin(Stdio::piped()).stdout(Stdio::piped());
        if arguments.quick {
            command.arg("--quick");
        }
        if let Some(text) = &arguments.filter {
            command.arg(format!("--filter={text}"));
        }
        let mut child = command.spawn().map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        let orders = child.stdin.take().ok_or("no standard input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut apart = Self { child, orders, answers };
        apart.answer()?;
        Ok(apart)
    }

    pub fn round(&mut self) -> Outcome {
        writeln!(self.orders)?;
        self.answer().map(drop)
    }

    pub fn finish(mut self) -> Outcome<Vec<Measured>> {
        drop(self.orders);
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        if !self.child.wait()?.success() {
            return Err("the second program failed".into());
        }
        Ok(serde_json::from_str(&line)?)
    }

    fn answer(&mut self) -> Outcome<String> {
        let mut line = String::new();
        match self.answers.read_line(&mut line)? {
            0 => Err("the second program ended early".into()),
            _ => Ok(line),
        }
    }
}

/// The second program itself.
pub fn serve(groups: Vec<Group>, plan: Plan) -> Outcome {
    let mut race = Race::new(groups, plan);
    println!("ready");
    for (round, line) in std::io::stdin().lines().enumerate() {
        line?;
        race.round(round);
        println!("done");
    }
    println!("{}", serde_json::to_string(&race.finish())?);
    Ok(())
}
