//! The cases of `rename_all`.

/// How the names of fields become names of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Case {
    #[default]
    Snake,
    Camel,
    Kebab,
    Pascal,
    ScreamingSnake,
    ScreamingKebab,
}

impl Case {
    pub(crate) const ALL: &'static [(&'static str, Self)] = &[
        ("snake_case", Self::Snake),
        ("camelCase", Self::Camel),
        ("kebab-case", Self::Kebab),
        ("PascalCase", Self::Pascal),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("SCREAMING-KEBAB-CASE", Self::ScreamingKebab),
        // Serde's names for what these two do to fields.
        ("lowercase", Self::Snake),
        ("UPPERCASE", Self::ScreamingSnake),
    ];

    /// The name of a field, which is taken to be in snake case, in this case.
    pub(crate) fn apply(self, field: &str) -> String {
        match self {
            Self::Snake => field.to_owned(),
            Self::Kebab => field.replace('_', "-"),
            Self::ScreamingSnake => field.to_ascii_uppercase(),
            Self::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
            Self::Pascal => field.split('_').map(capitalized).collect(),
            Self::Camel => first_letter(&Self::Pascal.apply(field), |first| first.to_ascii_lowercase()),
        }
    }
}

fn capitalized(word: &str) -> String {
    first_letter(word, |first| first.to_ascii_uppercase())
}

fn first_letter(word: &str, change: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| change(&first)).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names are those that serde 1.0's derive makes of such fields.
    #[track_caller]
    fn check(field: &str, want: [&str; 8]) {
        let cases = Case::ALL.iter().map(|(_, case)| case.apply(field));
        assert!(cases.eq(want), "{field}");
    }

    #[test]
    fn names_change_case() {
        check("org", ["org", "org", "org", "Org", "ORG", "ORG", "org", "ORG"]);
        let name = "display_name";
        check(name, [name, "displayName", "display-name", "DisplayName", "DISPLAY_NAME", "DISPLAY-NAME", name, "DISPLAY_NAME"]);
        check("a_b_c", ["a_b_c", "aBC", "a-b-c", "ABC", "A_B_C", "A-B-C", "a_b_c", "A_B_C"]);
        check("_hidden", ["_hidden", "hidden", "-hidden", "Hidden", "_HIDDEN", "-HIDDEN", "_hidden", "_HIDDEN"]);
        check("line_2", ["line_2", "line2", "line-2", "Line2", "LINE_2", "LINE-2", "line_2", "LINE_2"]);
        check("Id_of", ["Id_of", "idOf", "Id-of", "IdOf", "ID_OF", "ID-OF", "Id_of", "ID_OF"]);
    }
}
