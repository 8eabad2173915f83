//! The programs that the tests need: which are missing, and how Debian and Ubuntu install them.

use std::process::Command;

use crate::{
    programs,
    steps::{Failure, Outcome},
};

/// A program, the package that brings it, and what for.
struct Need {
    program: &'static str,
    package: &'static str,
    reason: &'static str,
}

/// A C compiler is not among them: without one nobody could have built this program.
const NEEDS: &[Need] = &[
    Need { program: "redis-server", package: "redis-server", reason: "the stores are tested against a real Redis" },
    Need { program: "initdb", package: "postgresql", reason: "the stores are tested against a real PostgreSQL" },
    Need { program: "openssl", package: "openssl", reason: "it makes the certificates that the stores are tested with" },
    Need { program: "curl", package: "curl", reason: "it runs the lines of an example's README" },
    Need { program: "valgrind", package: "valgrind", reason: "it counts the instructions of the hot paths" },
];

/// Installs with apt-get and leaves no service running: the tests start servers of their own, on free ports.
///
/// `policy-rc.d` is Debian's way to say that a package may not start its service; it is put there for the time of the
/// installation only, and a machine that has one of its own keeps it.
const SCRIPT: &str = r#"set -eu
policy=/usr/sbin/policy-rc.d
mark='written by cargo xtask for the time of an installation'
if [ ! -e "$policy" ] || grep -q "$mark" "$policy"; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" > "$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
# A source of somebody else's that cannot be reached must not stop us; if a package is not found, the next line says so.
apt-get update --quiet --quiet || true
apt-get install --yes --quiet --quiet --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@""#;

/// Makes sure that everything is installed.
pub(crate) fn install() -> Outcome {
    ensure(NEEDS.iter().collect())
}

/// Makes sure that one of the programs is installed, for a command that needs no other.
pub(crate) fn install_only(program: &str) -> Outcome {
    ensure(NEEDS.iter().filter(|need| need.program == program).collect())
}

fn ensure(needs: Vec<&'static Need>) -> Outcome {
    let missing = missing(&needs);
    if missing.is_empty() {
        eprintln!("    all installed: {}", needs.iter().map(|need| need.program).collect::<Vec<_>>().join(", "));
        return Ok(());
    }
    for need in &missing {
        eprintln!("    {} is missing: {} (Debian's package {})", need.program, need.reason, need.package);
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let machine = Machine {
        apt: programs::find("apt-get").is_some(),
        root: Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0"),
        sudo: programs::find("sudo").is_some(),
    };
    let mut command = match machine.way(&packages)? {
        Way::Root => Command::new("sh"),
        Way::Sudo => {
            eprintln!("    through sudo, which may ask for your password");
            let mut sudo = Command::new("sudo");
            sudo.arg("sh");
            sudo
        }
    };
    eprintln!("    installing: {}", by_hand(&packages));
    let status = command.args(["-c", SCRIPT, "install"]).args(&packages).status();
    if !status.is_ok_and(|status| status.success()) {
        return Err(Failure(format!("packages: the installation failed; install them yourself:\n    {}", by_hand(&packages))));
    }
    match self::missing(&needs).as_slice() {
        [] => Ok(()),
        [need, ..] => Err(Failure(format!("packages: {} was installed, but {} is still not found", need.package, need.program))),
    }
}

fn missing(needs: &[&'static Need]) -> Vec<&'static Need> {
    needs.iter().copied().filter(|need| programs::find(need.program).is_none()).collect()
}

/// What of the machine decides how packages are installed.
#[derive(Debug, Clone, Copy)]
struct Machine {
    apt: bool,
    root: bool,
    sudo: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Way {
    Root,
    Sudo,
}

impl Machine {
    fn way(self, packages: &[&str]) -> Outcome<Way> {
        match self {
            Self { apt: false, .. } => Err(Failure(format!(
                "packages: there is no apt-get here; install what Debian calls {}, then run this again",
                packages.join(" and ")
            ))),
            Self { root: true, .. } => Ok(Way::Root),
            Self { sudo: true, .. } => Ok(Way::Sudo),
            _ => Err(Failure(format!("packages: there is no sudo here; run this as root, then try again:\n    {}", by_hand(packages)))),
        }
    }
}

fn by_hand(packages: &[&str]) -> String {
    format!("apt-get update && apt-get install --no-install-recommends {}", packages.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(apt: bool, root: bool, sudo: bool, want: Result<Way, &str>) {
        let way = Machine { apt, root, sudo }.way(&["redis-server", "postgresql"]);
        assert_eq!(way.map_err(|failure| failure.to_string()), want.map_err(str::to_owned));
    }

    #[test]
    fn packages_are_installed_as_root_or_through_sudo_or_by_hand() {
        check(true, true, true, Ok(Way::Root));
        check(true, true, false, Ok(Way::Root));
        check(true, false, true, Ok(Way::Sudo));
        let by_hand = "packages: there is no sudo here; run this as root, then try again:\n    \
                       apt-get update && apt-get install --no-install-recommends redis-server postgresql";
        check(true, false, false, Err(by_hand));
        let elsewhere = "packages: there is no apt-get here; install what Debian calls redis-server and postgresql, then run this again";
        check(false, true, true, Err(elsewhere));
    }
}
