//! `cargo xtask bench`: builds and runs the benchmarks, which live in a workspace of their own.

mod compile;

use std::{
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    programs,
    steps::{Failure, Outcome, Steps, cargo, root},
};

/// A peer that needs more than a C compiler: the feature that turns it on, in which package.
struct Optional {
    feature: &'static str,
    package: &'static str,
    needs: &'static str,
    without: &'static str,
    found: fn() -> bool,
}

const OPTIONAL: [Optional; 3] = [
    Optional {
        feature: "josekit",
        package: "bench",
        needs: "OpenSSL's headers (Debian's packages pkg-config and libssl-dev)",
        without: "josekit is left out",
        found: || quiet(Command::new("pkg-config").args(["--exists", "openssl"])),
    },
    Optional {
        feature: "sodium",
        package: "bench",
        needs: "make",
        without: "paseto-v4-sodium is left out",
        found: || programs::find("make").is_some(),
    },
    Optional {
        feature: "boring",
        package: "apart",
        needs: "cmake, a C++ compiler and libclang (Debian's packages cmake, g++ and libclang-dev)",
        without: "jwt-simple runs its pure Rust instead of BoringSSL",
        found: || programs::find("cmake").is_some() && programs::find("c++").is_some() && libclang(),
    },
];

/// Hands the arguments to the benchmark program, or measures compiling.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    if !root().join("benches/Cargo.toml").is_file() {
        return Err(Failure("bench: there is no benches/Cargo.toml in this checkout".to_owned()));
    }
    if let Some(("compile", rest)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return compile::run(rest);
    }
    if let Some(("web", rest)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return web(rest);
    }
    let mut steps = Steps::default();
    let missing: Vec<&Optional> = OPTIONAL.iter().filter(|optional| !(optional.found)()).collect();
    for Optional { needs, without, .. } in &missing {
        eprintln!("bench: {without}: it needs {needs}");
    }
    for package in ["bench", "apart"] {
        let features = OPTIONAL.iter().filter(|one| one.package == package && !missing.iter().any(|other| other.feature == one.feature));
        let features: Vec<&str> = features.map(|one| one.feature).collect();
        let mut build = cargo("build --release --manifest-path benches/Cargo.toml --target-dir benches/target --package");
        build.arg(package).arg(format!("--features={}", features.join(",")));
        if features.contains(&"boring") {
            build.arg("--no-default-features"); // of its two back-ends jwt-simple would take the other one
        }
        steps.run("build of the benchmarks", &mut build)?;
    }
    let mut program = Command::new(root().join("benches/target/release/bench"));
    steps.run("benchmarks", program.args(arguments).current_dir(root()))
}

/// What authentication costs a web service. A package of its own, since it turns features of the library on.
fn web(arguments: &[String]) -> Outcome {
    let mut steps = Steps::default();
    steps.run("build", &mut cargo("build --release --manifest-path benches/Cargo.toml --target-dir benches/target --package web"))?;
    let mut program = Command::new(root().join("benches/target/release/web"));
    steps.run("web", program.args(arguments).current_dir(root()))
}

/// Where bindgen looks for it: what `LIBCLANG_PATH` and `llvm-config` say, and the usual folders.
fn libclang() -> bool {
    let folders = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
    let llvm = (10..40).map(|version| format!("/usr/lib/llvm-{version}/lib"));
    let set = std::env::var("LIBCLANG_PATH").into_iter();
    // Not `libclang-cpp.so`, which is another library.
    let is_it = |name: &str| {
        name.starts_with("libclang.so")
            || name.strip_prefix("libclang-").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    folders.map(str::to_owned).into_iter().chain(llvm).chain(set).any(|folder| {
        let entries = Path::new(&folder).read_dir().into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).any(|name| is_it(&name))
    })
}

fn quiet(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
