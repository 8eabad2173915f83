//! Every case of the compile-fail suite in milliseconds: what the derive says of it, and of which word, has to stand in the file beside it,
//! which the compiler has written. Where the derive says nothing, its expansion has to be code.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use quote::ToTokens;
use syn::{DeriveInput, Item, Stmt};

use crate::{ast::Model, check, derive::derive, diag::Diagnostics};

/// What is said, and of what: the line and the column where it begins.
type Said = BTreeSet<(String, String)>;

/// What the derive says of the structs of one file; with a `help:` line, or as the other place of the mistake before.
fn said(file: &syn::File) -> Said {
    let mut said = BTreeSet::new();
    for input in derived(&file.items) {
        let mut diag = Diagnostics::default();
        check::all(&Model::parse(&input, &mut diag), &mut diag);
        said.extend(diag.messages());
        let expansion = derive(&input);
        assert!(syn::parse2::<syn::File>(expansion.clone()).is_ok(), "{expansion}");
    }
    said
}

/// The items with `#[derive(Claims)]`, also inside of functions and modules.
fn derived(items: &[Item]) -> Vec<DeriveInput> {
    let inside = |item: &Item| match item {
        Item::Struct(_) | Item::Enum(_) | Item::Union(_) => {
            let input: DeriveInput = syn::parse2(item.to_token_stream()).unwrap();
            let ours =
                input.attrs.iter().any(|it| it.path().is_ident("derive") && it.meta.to_token_stream().to_string().contains("Claims"));
            Vec::from_iter(ours.then_some(input))
        }
        Item::Mod(module) => derived(module.content.as_ref().map(|(_, items)| items.as_slice()).unwrap_or_default()),
        Item::Fn(function) => {
            let items = function.block.stmts.iter().filter_map(|statement| match statement {
                Stmt::Item(item) => Some(item.clone()),
                _ => None,
            });
            derived(&items.collect::<Vec<_>>())
        }
        _ => Vec::new(),
    };
    items.iter().flat_map(inside).collect()
}

/// The errors without a number in the compiler's output, which are the derive's, with their `help:` lines.
fn recorded(stderr: &str) -> Said {
    let lines: Vec<_> = stderr.lines().collect();
    let errors = lines.iter().enumerate().filter_map(|(index, line)| {
        let first = line.strip_prefix("error: ")?;
        let rest = lines.get(index.saturating_add(1)..).unwrap_or_default();
        let help = rest.first().and_then(|line| line.strip_prefix("       help: "));
        let place = rest.iter().find_map(|line| line.trim_start().strip_prefix("--> "))?;
        let (_, place) = place.split_once(".rs:")?;
        Some((help.map_or_else(|| first.to_owned(), |help| format!("{first}\nhelp: {help}")), place.to_owned()))
    });
    errors.collect()
}

fn cases() -> Vec<PathBuf> {
    fn rust_files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = entries.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
        files.filter(|path| path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("main.rs")).collect()
    }
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui"))
}

#[test]
fn every_message_stands_beside_its_mistake() {
    let cases = cases();
    assert!(cases.len() > 150, "only {} cases were found", cases.len());
    let mut wrong = Vec::new();
    for path in cases {
        let said = said(&syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap());
        let stderr = fs::read_to_string(path.with_extension("stderr")).unwrap_or_default();
        let recorded = recorded(&stderr);
        let differ = said.symmetric_difference(&recorded);
        wrong.extend(differ.map(|(message, place)| format!("{}:{place}\n    {message}\n", path.display())));
    }
    assert!(wrong.is_empty(), "{} messages are on one side only:\n{}", wrong.len(), wrong.concat());
}
