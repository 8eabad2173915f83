//! Finds the paths of a Rust text by its tokens: comments and texts are no tokens, and line breaks are none either.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Where a path begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Path {
    /// In this crate, with the top-level name that it starts from.
    Inside(String),
    /// Anywhere else: another crate, or something in scope.
    Outside(String),
}

/// Every path of a file whose items lie `depth` modules below the crate's root; what is compiled only for tests is left out.
pub(crate) fn read(text: &str, depth: usize) -> Vec<Path> {
    let mut found = Vec::new();
    walk(parse(text), depth, &mut found);
    found
}

/// The modules in files of their own that a file declares for tests only: `#[cfg(test)] mod tests;`.
pub(crate) fn test_modules(text: &str) -> Vec<String> {
    let tokens: Vec<TokenTree> = parse(text).into_iter().collect();
    let starts = (0..tokens.len()).filter_map(|at| tokens.get(at..)).filter(|rest| test_only(rest));
    let declared = starts.filter_map(|rest| match rest.get(..item(rest))? {
        [.., keyword, name, TokenTree::Punct(end)] if end.as_char() == ';' && ident(Some(keyword))? == "mod" => ident(Some(name)),
        _ => None,
    });
    declared.collect()
}

fn parse(text: &str) -> TokenStream {
    text.parse().expect("a source file that compiles is made of tokens")
}

fn walk(tokens: TokenStream, depth: usize, found: &mut Vec<Path>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        let before = tokens.get(..at).unwrap_or_default();
        let length = match token {
            TokenTree::Punct(_) if test_only(rest) => item(rest),
            TokenTree::Group(group) => {
                let inside = usize::from(opens_module(before, group));
                walk(group.stream(), depth.saturating_add(inside), found);
                1
            }
            TokenTree::Ident(_) => path(before, rest, depth, found),
            _ => 1,
        };
        at = at.saturating_add(length);
    }
}

/// Records the path that starts here and returns how many tokens it covers.
fn path(before: &[TokenTree], rest: &[TokenTree], depth: usize, found: &mut Vec<Path>) -> usize {
    let Some(first) = ident(rest.first()) else { return 1 };
    let declared = matches!(ident(before.last()).as_deref(), Some("use" | "crate"));
    let ups = rest.chunks(3).take_while(|part| ident(part.first()).as_deref() == Some("super") && colons(part.get(1..))).count();
    let (skipped, to_root) = match first.as_str() {
        "crate" | "session_runtime" => (3, colons(rest.get(1..))),
        "super" => (ups.saturating_mul(3), ups == depth),
        _ => (0, false),
    };
    if to_root {
        let names = rest.get(skipped..).unwrap_or_default();
        match names.first() {
            Some(TokenTree::Group(group)) => found.extend(heads(group).into_iter().map(Path::Inside)),
            name => found.extend(ident(name).map(Path::Inside)),
        }
    } else if declared || colons(rest.get(1..)) {
        found.push(Path::Outside(first));
    }
    whole(rest)
}

/// How many tokens `a::b::{…}` covers: what follows the first name is no path of its own.
fn whole(rest: &[TokenTree]) -> usize {
    let mut length = 1_usize;
    while colons(rest.get(length..)) {
        let next = length.saturating_add(2);
        match rest.get(next) {
            Some(TokenTree::Ident(_)) => length = next.saturating_add(1),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => return next.saturating_add(1),
            // A glob, or `::<` of a generic call, whose arguments are paths again.
            _ => return next,
        }
    }
    length
}

/// The first name of each member of `{a::b, c::{d, e}}`.
fn heads(group: &Group) -> Vec<String> {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let members = tokens.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ','));
    members.filter_map(|member| ident(member.first())).filter(|name| name != "self").collect()
}

/// Whether an item begins here that exists only for tests: `#[cfg(test)]`, `#[cfg(all(test, …))]`.
fn test_only(rest: &[TokenTree]) -> bool {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), ..] = rest else { return false };
    let text: String = attribute.stream().to_string().chars().filter(|char| !char.is_whitespace()).collect();
    hash.as_char() == '#' && (text == "cfg(test)" || text.starts_with("cfg(all(test,"))
}

/// How many tokens the item with its attributes covers: up to its `;` or its braces.
fn item(rest: &[TokenTree]) -> usize {
    let end = rest.iter().position(|token| match token {
        TokenTree::Punct(end) => end.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    });
    end.map_or(rest.len(), |end| end.saturating_add(1))
}

fn opens_module(before: &[TokenTree], group: &Group) -> bool {
    let keyword = before.len().checked_sub(2).and_then(|index| ident(before.get(index)));
    group.delimiter() == Delimiter::Brace && keyword.as_deref() == Some("mod")
}

fn colons(tokens: Option<&[TokenTree]>) -> bool {
    matches!(tokens, Some([TokenTree::Punct(one), TokenTree::Punct(two), ..]) if one.as_char() == ':' && two.as_char() == ':')
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(name)) => Some(name.to_string()),
        _ => None,
    }
}
