//! What is read from attributes, and what is said of those that cannot be read.

use syn::parse_quote;

use super::*;
use crate::vocab::{FieldWord, Setting};

/// `words` are read with the numbers of their values, and `mistakes` are the first lines of what is recorded.
#[track_caller]
fn check<W: OfSerde, Other: Vocabulary>(attributes: Vec<Attribute>, words: &[(&str, usize)], mistakes: &[&str]) {
    let mut diag = Diagnostics::default();
    let read = Words::<W>::parse::<Other>(&attributes, &mut diag);
    let read: Vec<_> = read.iter().map(|item| (item.word.text(), item.values().len())).collect();
    assert_eq!(read, words);
    assert_eq!(diag.first_lines(), mistakes);
}

#[test]
fn words_are_read_with_their_values() {
    let field = check::<FieldWord, Setting>;
    field(parse_quote!(#[claim(sub)]), &[("sub", 0)], &[]);
    field(parse_quote!(#[claim(rename = "org", default, check = a::b::<C>,)]), &[("rename", 1), ("default", 0), ("check", 1)], &[]);
    field(parse_quote!(#[claim(default = "path")]), &[("default", 1)], &[]);
    field(parse_quote!(#[claim(alias("a", "b"), path = "a.b")]), &[("alias", 2), ("path", 1)], &[]);
    field(parse_quote!(#[claim(range = -1..=9, skip_if = Vec::is_empty)]), &[("range", 1), ("skip_if", 1)], &[]);
    field(parse_quote!(#[claim(range = ..9, flatten)]), &[("range", 1), ("flatten", 0)], &[]);
    field(parse_quote!(#[claim(one_of("a", B), max_len = 9)]), &[("one_of", 2), ("max_len", 1)], &[]);
    field(parse_quote!(#[claim()]), &[], &[]);
    field(parse_quote!(#[doc = "of others"]), &[], &[]);
    let container = check::<Setting, FieldWord>;
    container(parse_quote!(#[claims(audience("a", B), crate = ::c, untyped)]), &[("audience", 2), ("crate", 1), ("untyped", 0)], &[]);
    container(parse_quote!(#[claims { ttl = LIFE }]), &[("ttl", 1)], &[]);
    // Types and versions are no expressions.
    container(parse_quote!(#[claims(format = A | b::B<C>, untyped)]), &[("format", 0), ("untyped", 0)], &[]);
    container(parse_quote!(#[claims(context = &'static [A], untyped)]), &[("context", 0), ("untyped", 0)], &[]);
    container(parse_quote!(#[claims(version(2, from = A<'static>,), untyped)]), &[("version", 0), ("untyped", 0)], &[]);
    container(parse_quote!(#[claims(version(2), allow(iss, aud))]), &[("version", 0), ("allow", 2)], &[]);
    container(parse_quote!(#[claims(version(2,), untyped)]), &[("version", 0), ("untyped", 0)], &[]);
}

#[test]
fn words_of_serde_are_words_of_ours() {
    let field = check::<FieldWord, Setting>;
    field(parse_quote!(#[serde(rename = "a", skip, default = "b")]), &[("rename", 1), ("skip", 0), ("default", 1)], &[]);
    field(parse_quote!(#[serde(alias = "a", alias = "b")]), &[("alias", 2)], &[]);
    field(parse_quote!(#[serde(rename(serialize = "a", deserialize = "b"))]), &[("rename", 0)], &[]);
    field(parse_quote!(#[serde(skip_serializing_if = "a", serialize_with = "b")]), &[("skip_if", 1), ("serialize_with", 1)], &[]);
    field(parse_quote!(#[serde(borrow, borrow = "'a", bound(serialize = "T: A"), bound = "")]), &[], &[]);
    field(parse_quote!(#[serde(skip, getter = "a")]), &[("skip", 0)], &["`#[serde(getter)]` means nothing for claims"]);
    field(parse_quote!(#[serde(a::b)]), &[], &["expected a serde attribute"]);
    field(parse_quote!(#[serde]), &[], &["cannot read `#[serde(…)]`"]);
    field(parse_quote!(#[serde(with("a"), skip)]), &[("skip", 0)], &["`with` takes one value"]);
    let container = check::<Setting, FieldWord>;
    container(parse_quote!(#[serde(deny_unknown_fields, crate = "a")]), &[("deny_unknown", 0)], &[]);
    container(parse_quote!(#[serde(rename_all(serialize = "camelCase"))]), &[("rename_all", 0)], &[]);
}

#[test]
fn only_serde_says_a_word_twice() {
    let field = check::<FieldWord, Setting>;
    let twice = "`#[claim(alias)]` and `#[serde(alias)]` say one thing twice";
    field(parse_quote!(#[serde(alias = "a")] #[serde(alias = "b")]), &[("alias", 2)], &[]);
    field(parse_quote!(#[claim(alias("a"))] #[claim(alias("b"))]), &[("alias", 1)], &["duplicate claim attribute `alias`"]);
    field(parse_quote!(#[serde(alias = "a")] #[claim(alias("b"))]), &[("alias", 1)], &[twice, "`#[serde(alias)]` is here"]);
}

#[test]
fn a_mistake_hides_no_word_after_it() {
    let field = check::<FieldWord, Setting>;
    field(parse_quote!(#[claim(subb, default)]), &[("default", 0)], &["unknown claim attribute `subb`"]);
    field(parse_quote!(#[claim(7, default)]), &[("default", 0)], &["expected a claim attribute, found `7`"]);
    field(parse_quote!(#[claim(, default)]), &[("default", 0)], &["expected a claim attribute, found `,`"]);
    field(parse_quote!(#[claim(rename = , default)]), &[("default", 0)], &["cannot read the value of `rename`"]);
    field(parse_quote!(#[claim(rename =)]), &[], &["cannot read the value of `rename`"]);
    field(parse_quote!(#[claim(rename "org", default)]), &[("default", 0)], &["expected a comma after `rename`, found `\"org\"`"]);
    field(parse_quote!(#[claim(sub default)]), &[("sub", 0), ("default", 0)], &["expected a comma after `sub`"]);
    field(parse_quote!(#[claim(rename = fn org, default)]), &[("default", 0)], &["cannot read the value of `rename`"]);
    field(parse_quote!(#[claim(sub, sub)]), &[("sub", 0)], &["duplicate claim attribute `sub`"]);
    field(parse_quote!(#[claim(sub = 1, skip)]), &[("skip", 0)], &["`sub` takes no value"]);
    field(parse_quote!(#[claim(ttl = "1m", sub)]), &[("sub", 0)], &["`ttl` belongs on the struct"]);
    field(parse_quote!(#[claims(sub)]), &[], &["`#[claims]` belongs on the struct"]);
    let container = check::<Setting, FieldWord>;
    container(parse_quote!(#[claims]), &[], &["`#[claims]` needs words in parentheses"]);
    container(parse_quote!(#[claims(ttl("1m", "2m"), untyped)]), &[("untyped", 0)], &["`ttl` takes one value"]);
    container(parse_quote!(#[claims(ttl(), untyped)]), &[("untyped", 0)], &["`ttl` needs a value"]);
    container(parse_quote!(#[claims(audience(), untyped)]), &[("untyped", 0)], &["`audience` needs a value"]);
    container(parse_quote!(#[claims(audience("a" "b"), untyped)]), &[("untyped", 0)], &["cannot read the value of `audience`"]);
    container(parse_quote!(#[claims(context = A | B, untyped)]), &[("untyped", 0)], &["`context` takes one type"]);
    container(parse_quote!(#[claims(format = "A", untyped)]), &[("untyped", 0)], &["`format` takes formats, with `|` between them"]);
    let version = "`version` takes a number, and the older type where there is one";
    container(parse_quote!(#[claims(version = 2, untyped)]), &[("untyped", 0)], &[version]);
    container(parse_quote!(#[claims(version(2, from = ), untyped)]), &[("untyped", 0)], &[version]);
    container(parse_quote!(#[claims(version(2, from = A, B), untyped)]), &[("untyped", 0)], &[version]);
    container(parse_quote!(#[claims(version, untyped)]), &[("untyped", 0)], &["cannot read the value of `version`"]);
    container(parse_quote!(#[claims(allow = aud, untyped)]), &[("untyped", 0)], &["`allow` takes its values in parentheses"]);
}
