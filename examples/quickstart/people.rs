//! The data file: who there is. Every mistake is told with its line, all at once, before anything is done with the file.

use std::{collections::HashMap, fs, path::Path};

use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error as WordError},
};
use toml::Spanned;

use crate::{Access, Failure, UserId};

const MEND: &str = "mend the file and start again, or name another one with `--data FILE`; nothing was written";

/// One person of the file.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) access: Access,
}

impl Person {
    pub(crate) fn name(&self) -> &str {
        &self.access.user.0
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    person: Vec<Entry>,
}

/// Words are taken as text, so that every wrong one is found and not only the first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    user: Spanned<String>,
    tenant: Spanned<String>,
    roles: Vec<Spanned<String>>,
    plan: Spanned<String>,
}

/// What is wrong, and at which byte.
struct Mistake {
    at: usize,
    problem: String,
}

/// Reads the file and checks all of it.
pub(crate) fn read(path: &Path) -> Result<Vec<Person>, Failure> {
    let bytes = fs::read(path).map_err(|error| {
        Failure::new(format!("{} cannot be read: {error}", path.display()), "name the file with the people with `--data FILE`")
    })?;
    let text = String::from_utf8_lossy(&bytes);
    check(&bytes).map_err(|mistakes| {
        let told = mistakes.iter().map(|Mistake { at, problem }| {
            let line = text.bytes().take(*at).filter(|byte| *byte == b'\n').count().saturating_add(1);
            format!("{}, line {line}: {problem}", path.display())
        });
        Failure::new(told.collect::<Vec<_>>().join("\nerror: "), MEND)
    })
}

/// The steps revoke everything of one person while another one's tokens stay good.
pub(crate) fn too_few(path: &Path) -> Failure {
    Failure::new(format!("{}: fewer than two people with a live plan", path.display()), MEND)
}

fn check(bytes: &[u8]) -> Result<Vec<Person>, Vec<Mistake>> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| vec![Mistake { at: error.valid_up_to(), problem: "not UTF-8 text: save the file as UTF-8".to_owned() }])?;
    let file: File = toml::from_str(text)
        .map_err(|error| vec![Mistake { at: error.span().map_or(0, |span| span.start), problem: error.message().replace('\n', " ") }])?;

    let mut mistakes = Vec::new();
    let mut lines = HashMap::new();
    let mut people = Vec::new();
    for entry in file.person {
        let user = name(&entry.user, "user", &mut mistakes);
        let at = entry.user.span().start;
        if let Some(first) = lines.insert(entry.user.get_ref().clone(), line(text, at)) {
            let problem = format!("user `{}` is there twice, first on line {first}: give one of them another name", entry.user.get_ref());
            mistakes.push(Mistake { at, problem });
        }
        let tenant = name(&entry.tenant, "tenant", &mut mistakes);
        let mut roles = Vec::new();
        for role in &entry.roles {
            match word(role, "role", &mut mistakes) {
                Some(known) if roles.contains(&known) => {
                    let problem = format!("role `{}` is there twice: remove one", role.get_ref());
                    mistakes.push(Mistake { at: role.span().start, problem });
                }
                known => roles.extend(known),
            }
        }
        let plan = word(&entry.plan, "plan", &mut mistakes);
        if let (Some(user), Some(tenant), Some(plan)) = (user, tenant, plan) {
            people.push(Person { access: Access { user: UserId(user), tenant, roles, plan } });
        }
    }
    let live = people.iter().filter(|person| person.access.plan.is_live().is_ok()).count();
    if mistakes.is_empty() && live < 2 {
        let problem = format!("the steps need two people whose plan is live, and there are {live}: add a [[person]]");
        mistakes.push(Mistake { at: text.trim_end().len(), problem });
    }
    if mistakes.is_empty() { Ok(people) } else { Err(mistakes) }
}

/// A name is short and plain, so that it can stand in a table and never act on a terminal.
fn name(text: &Spanned<String>, what: &str, mistakes: &mut Vec<Mistake>) -> Option<String> {
    const LONGEST: usize = 16;
    let name = text.get_ref();
    let plain = |char: char| char.is_alphanumeric() || "._-@".contains(char);
    let problem = match name.chars().count() {
        0 => format!("empty {what}: write its name between the quotes"),
        1..=LONGEST if name.chars().all(plain) => return Some(name.clone()),
        1..=LONGEST => format!("{what} {name:?}: use letters, digits and `.` `_` `-` `@` only"),
        long => format!("{what} of {long} characters: use at most {LONGEST}"),
    };
    mistakes.push(Mistake { at: text.span().start, problem });
    None
}

/// One of the words of an enum, which serde knows.
fn word<'t, T: Deserialize<'t>>(text: &'t Spanned<String>, what: &str, mistakes: &mut Vec<Mistake>) -> Option<T> {
    let read: Result<T, WordError> = T::deserialize(text.get_ref().as_str().into_deserializer());
    let at = text.span().start;
    read.map_err(|error| mistakes.push(Mistake { at, problem: error.to_string().replace("variant", what) })).ok()
}

fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count().saturating_add(1)
}
