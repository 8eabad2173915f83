//! `session completions` and `session man`, both from the definitions of the commands themselves.

use std::{fs, path::PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::{
    Cli,
    failure::{Exit, Failure, Outcome},
    output::print_raw,
};

/// Writes the completions for a shell to standard output
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Outcome {
        let mut out = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "session", &mut out);
        print_raw(&out)?;
        Ok(Exit::Done)
    }
}

/// Writes the manual page to standard output, or one for every command into a folder
#[derive(Debug, Args)]
pub(crate) struct Pages {
    /// The folder, as `man/man1`
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

impl Pages {
    pub(crate) fn run(self) -> Outcome {
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        let Some(folder) = self.dir else {
            print_raw(&page(&command)?)?;
            return Ok(Exit::Done);
        };
        fs::create_dir_all(&folder).map_err(|error| Failure::io(folder.display(), &error))?;
        let mut commands = vec![&command];
        while let Some(next) = commands.pop() {
            // The names of built commands are whole: `session-keys-list`.
            let name = next.get_display_name().unwrap_or_else(|| next.get_name());
            let path = folder.join(format!("{name}.1"));
            fs::write(&path, page(next)?).map_err(|error| Failure::io(path.display(), &error))?;
            commands.extend(next.get_subcommands());
        }
        Ok(Exit::Done)
    }
}

fn page(command: &Command) -> Outcome<Vec<u8>> {
    let mut out = Vec::new();
    Man::new(command.clone()).render(&mut out).map_err(|error| Failure::io("the manual page", &error))?;
    Ok(out)
}
