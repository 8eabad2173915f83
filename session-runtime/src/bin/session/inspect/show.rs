//! A token that nobody has checked, for people.

use session_runtime::{Timestamp, claims::Enforced};

use super::{
    parts::{Part, Parts, TIMES, in_words, moment_of},
    secret::Judged,
    warnings::Warning,
};
use crate::output::{BAD, BOLD, DIM, NAME, WARN, columns, plain, styled};

/// Everything about it.
pub(crate) fn page(parts: &Parts, now: Timestamp, warnings: &[Warning], policy: Option<&Enforced>, secret: Option<&Judged>) -> String {
    let mut out = format!("{}  nobody has checked this token, and anybody can have written it\n\n", styled(BAD, "UNVERIFIED"));
    out.push_str(&format!("{}, {} bytes\n", styled(BOLD, &parts.kind.to_string()), parts.length));
    section(&mut out, "header", &parts.header, now);
    section(&mut out, "claims", &parts.payload, now);
    section(&mut out, "footer", &parts.footer, now);
    if let Some(bytes) = parts.seal {
        out.push_str(&format!("{}  {bytes} bytes, not checked\n", styled(BOLD, "seal")));
    }
    out.push_str(&styled(BOLD, "key"));
    match parts.key_id() {
        Some((id, place)) => out.push_str(&format!("  {}, from `kid` in the {place}\n", plain(id))),
        None => out.push_str("  it names none\n"),
    }
    if let Some(secret) = secret {
        out.push_str(&format!("{}  {}\n", styled(BOLD, "secret"), secret.words()));
    }
    if let Some(policy) = policy {
        out.push_str(&format!("\n{}\n", styled(BOLD, "the policy of the type, none of which was applied")));
        policy.iter().for_each(|rule| out.push_str(&format!("  - {}\n", plain(&rule.to_string()))));
    }
    if !warnings.is_empty() {
        out.push('\n');
        warnings.iter().for_each(|warning| out.push_str(&format!("{} {}\n", styled(WARN, "warning:"), plain(&warning.text))));
    }
    out
}

fn section(out: &mut String, name: &str, part: &Part, now: Timestamp) {
    let heading = styled(BOLD, name);
    match part {
        Part::Absent => {}
        Part::Encrypted(bytes) => out.push_str(&format!("{heading}  encrypted, {bytes} bytes\n")),
        Part::Unreadable => out.push_str(&format!("{heading}  not readable\n")),
        Part::Bytes(bytes) => out.push_str(&format!("{heading}  {}\n", plain(&String::from_utf8_lossy(bytes)))),
        Part::Object(json) => {
            out.push_str(&format!("{heading}\n"));
            let row = |(member, value): &(String, crate::json::Json)| {
                let at = TIMES.contains(&member.as_str()).then(|| moment_of(value)).flatten().filter(|_| name == "claims");
                let words = at.map(|at| styled(DIM, &format!("{at}, {}", in_words(member, at, now))));
                let mut row = vec![format!("  {}", styled(NAME, &plain(member))), value.to_string()];
                row.extend(words);
                row
            };
            // A long value would push the times of the others out of sight, so it does not count for the width.
            let rows: Vec<Vec<String>> = json.members().iter().map(row).collect();
            out.push_str(&aligned(&rows));
        }
    }
}

/// Names in one column; a time stands beside its number.
fn aligned(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.split_first().map(|(name, rest)| vec![name.clone(), rest.join("  ")]).unwrap_or_default()).collect();
    columns(&rows)
}
