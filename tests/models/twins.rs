//! Makes the sabotaged twins of the protocol: its very file, each with one change that a hasty hand might make.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a build script, which talks to cargo by printing, and whose panic is how it says that a twin cannot be made"
)]

use std::{env, fs, path::Path};

const PROTOCOL: &str = "../../session-runtime/src/swap/published.rs";

/// The name of a twin, and what stands in its file in place of what.
const TWINS: &[(&str, &[(&str, &str)])] = &[
    (
        "number_before_the_value",
        &[
            ("self.value.store(Arc::new(value));", "self.edition.fetch_add(1, Ordering::Release);"),
            (
                "        self.edition.fetch_add(1, Ordering::Release);\n        true",
                "        self.value.store(Arc::new(value));\n        true",
            ),
        ],
    ),
    ("number_never_raised", &[("        self.edition.fetch_add(1, Ordering::Release);\n", "")]),
    ("number_raised_without_order", &[("fetch_add(1, Ordering::Release)", "fetch_add(1, Ordering::Relaxed)")]),
    ("number_read_without_order", &[("load(Ordering::Acquire)", "load(Ordering::Relaxed)")]),
    (
        "value_read_before_the_number",
        &[
            ("        let edition = published.edition();\n", ""),
            ("        let made = prepare(&from);\n", "        let made = prepare(&from);\n        let edition = published.edition();\n"),
        ],
    ),
    ("what_is_stored_in_place_of_what_was_prepared", &[("Guard::from_inner(fresh)", "self.ready.load()")]),
    (
        "older_one_is_looked_for_before_the_lock",
        &[
            ("        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);\n", ""),
            (
                "        self.value.store(Arc::new(value));\n",
                "        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);\n        self.value.store(Arc::new(value));\n",
            ),
        ],
    ),
];

fn main() {
    println!("cargo::rerun-if-changed={PROTOCOL}");
    println!("cargo::rerun-if-changed=twins.rs");
    let protocol = fs::read_to_string(PROTOCOL).unwrap();
    // An `include!` takes no documentation of the module that it stands in.
    let protocol: String = protocol.lines().filter(|line| !line.starts_with("//!")).flat_map(|line| [line, "\n"]).collect();
    let folder = env::var("OUT_DIR").unwrap();
    for (name, changes) in TWINS {
        let twin = changes.iter().fold(protocol.clone(), |twin, (from, to)| {
            let found = twin.matches(from).count();
            assert!(found == 1, "{name}: `{from}` stands {found} times in {PROTOCOL}; the twin has to be made anew");
            twin.replace(from, to)
        });
        fs::write(Path::new(&folder).join(name).with_extension("rs"), twin).unwrap();
    }
}
