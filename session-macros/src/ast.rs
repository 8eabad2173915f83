//! The model: what the attributes of a struct mean, with the tokens that a message marks.

use std::iter;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprPath, Fields, Generics, Ident, LitInt, LitStr, Path, Type, ext::IdentExt, parse_quote,
    spanned::Spanned,
};

use crate::{
    attr::Words,
    diag::Diagnostics,
    value::{self, Case, Life, Range, Text},
    vocab::{FieldWord, Held, Setting, Vocabulary},
};

/// A struct with `#[derive(Claims)]`.
pub(crate) struct Model<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) krate: Path,
    /// The lints that the user allows on the struct and on its fields, whose names and types stand in generated code once more.
    pub(crate) allowed: Vec<&'a TokenStream>,
    pub(crate) settings: Settings,
    /// `None` when it is not a struct with named fields.
    pub(crate) fields: Option<Vec<Field<'a>>>,
}

/// What `#[claims(…)]` says.
pub(crate) struct Settings {
    pub(crate) words: Words<Setting>,
    pub(crate) issuer: Option<Text>,
    pub(crate) audience: Vec<Text>,
    pub(crate) token_type: Option<Text>,
    pub(crate) ttl: Option<Life>,
    pub(crate) max_ttl: Option<Life>,
    pub(crate) leeway: Option<Life>,
    /// How the names of fields are changed, for reading and for writing.
    cases: [Case; 2],
    pub(crate) namespace: Option<LitStr>,
    /// What `allow` names.
    pub(crate) allow: Vec<Ident>,
    pub(crate) formats: Vec<Type>,
    pub(crate) check: Option<ExprPath>,
    pub(crate) context: Option<Type>,
    pub(crate) version: Option<(LitInt, Option<Type>)>,
}

/// A field and what `#[claim(…)]` says.
pub(crate) struct Field<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) words: Words<FieldWord>,
    pub(crate) kind: Kind,
    /// The name of the claim; of a nested one the names of its path, joined by dots.
    pub(crate) name: String,
    /// The names from the outer object to a nested claim; empty for a claim of the outer object.
    pub(crate) path: Vec<String>,
    /// The name under which it is written, where it is another one than the one that is read.
    pub(crate) written: Option<String>,
    pub(crate) aliases: Vec<LitStr>,
    /// Where the name was said.
    pub(crate) said: TokenStream,
    pub(crate) default: Option<ExprPath>,
    pub(crate) skip_if: Option<ExprPath>,
    /// The functions that read and write the value in place of its own serde implementations.
    pub(crate) read_by: Option<ExprPath>,
    pub(crate) write_by: Option<ExprPath>,
    pub(crate) check: Option<ExprPath>,
    pub(crate) one_of: Vec<Text>,
    pub(crate) range: Option<Range>,
    pub(crate) max_len: Option<Expr>,
}

/// What a field is in the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Skipped,
    Registered(FieldWord, Held),
    Custom,
    /// Takes the claims that no other field names.
    Rest,
}

impl<'a> Model<'a> {
    pub(crate) fn parse(input: &'a DeriveInput, diag: &mut Diagnostics) -> Self {
        let words = Words::<Setting>::parse::<FieldWord>(&input.attrs, diag);
        let krate = value::crate_path(words.get(Setting::Crate), diag).unwrap_or_else(|| parse_quote!(::session_runtime));
        let settings = Settings::parse(words, diag);
        let fields = named(&input.data, diag).map(|fields| fields.filter_map(|field| Field::parse(field, &settings, diag)).collect());
        Self { ident: &input.ident, generics: &input.generics, krate, allowed: allowed(input), settings, fields }
    }

    /// The fields that are claims, in order: their positions are the indices of the schema.
    pub(crate) fn claims(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().flatten().filter(|field| !matches!(field.kind, Kind::Skipped | Kind::Rest))
    }

    /// The field that takes the claims that no other field names.
    pub(crate) fn rest(&self) -> Option<&Field<'a>> {
        self.fields.iter().flatten().find(|field| field.kind == Kind::Rest)
    }

    pub(crate) fn holds(&self, role: FieldWord) -> bool {
        self.fields.iter().flatten().any(|field| field.words.has(role))
    }
}

impl Settings {
    fn parse(words: Words<Setting>, diag: &mut Diagnostics) -> Self {
        let issuer = value::texts(words.get(Setting::Issuer), diag).pop();
        let audience = value::texts(words.get(Setting::Audience), diag);
        let token_type = value::texts(words.get(Setting::TokenType), diag).pop();
        let ttl = value::life(words.get(Setting::Ttl), diag);
        let max_ttl = value::life(words.get(Setting::MaxTtl), diag);
        let leeway = value::life(words.get(Setting::Leeway), diag);
        let cases = value::cases(words.get(Setting::RenameAll), diag);
        let namespace = value::namespace(words.get(Setting::Namespace), diag);
        let allow = value::names(words.get(Setting::Allow), diag);
        let formats = words.get(Setting::Format).map(|item| item.types().to_vec()).unwrap_or_default();
        let check = value::path(words.get(Setting::Check), diag);
        let context = words.get(Setting::Context).and_then(|item| item.types().first().cloned());
        let version = words.get(Setting::Version).and_then(|item| item.version());
        let version = version.map(|(number, older)| (number.clone(), older.cloned()));
        Self { words, issuer, audience, token_type, ttl, max_ttl, leeway, cases, namespace, allow, formats, check, context, version }
    }
}

impl<'a> Field<'a> {
    fn parse(field: &'a syn::Field, settings: &Settings, diag: &mut Diagnostics) -> Option<Self> {
        let ident = field.ident.as_ref()?;
        let words = Words::<FieldWord>::parse::<Setting>(&field.attrs, diag);
        let role = words.iter().find_map(|item| Some(Kind::Registered(item.word, item.word.role()?.0)));
        let kind = match role {
            _ if words.has(FieldWord::Skip) => Kind::Skipped,
            _ if words.has(FieldWord::Flatten) => Kind::Rest,
            role => role.unwrap_or(Kind::Custom),
        };
        let Names { name, path, written, said } = Names::parse(ident, kind, &words, settings, diag);
        let aliases = value::literals(words.get(FieldWord::Alias), diag);
        let default = value::path(words.get(FieldWord::Default), diag);
        let skip_if = value::path(words.get(FieldWord::SkipIf), diag);
        let with = value::path(words.get(FieldWord::With), diag);
        let of_module = |function: &str| {
            let function = Ident::new(function, with.as_ref()?.span());
            with.as_ref().map(|module| parse_quote!(#module::#function))
        };
        let read_by = of_module("deserialize").or_else(|| value::path(words.get(FieldWord::ReadBy), diag));
        let write_by = of_module("serialize").or_else(|| value::path(words.get(FieldWord::WriteBy), diag));
        let check = value::path(words.get(FieldWord::Check), diag);
        let one_of = value::texts(words.get(FieldWord::OneOf), diag);
        let range = value::range(words.get(FieldWord::Range), diag);
        let max_len = value::number(words.get(FieldWord::MaxLen), diag);
        Some(Self {
            ident,
            ty: &field.ty,
            words,
            kind,
            name,
            path,
            written,
            aliases,
            said,
            default,
            skip_if,
            read_by,
            write_by,
            check,
            one_of,
            range,
            max_len,
        })
    }

    /// The names from the outer object to the one that holds the claim.
    pub(crate) fn parents(&self) -> &[String] {
        self.path.split_last().map(|(_, parents)| parents).unwrap_or_default()
    }

    /// The claim's name inside of the object that holds it.
    pub(crate) fn last_name(&self) -> &str {
        self.path.last().unwrap_or(&self.name)
    }
}

/// How a claim is called.
struct Names {
    name: String,
    path: Vec<String>,
    written: Option<String>,
    said: TokenStream,
}

impl Names {
    fn parse(ident: &Ident, kind: Kind, words: &Words<FieldWord>, settings: &Settings, diag: &mut Diagnostics) -> Self {
        let namespace = value::namespace(words.get(FieldWord::Namespace), diag);
        let namespace = namespace.as_ref().or(settings.namespace.as_ref()).map(LitStr::value).unwrap_or_default();
        let renames = value::split(words.get(FieldWord::Rename), diag);
        let mut path = value::segments(words.get(FieldWord::Path), diag);
        let role = words.iter().find(|item| item.word.role().is_some()).map(|role| role.typed.to_token_stream());
        let renamed = renames.iter().flatten().next().map(ToTokens::to_token_stream);
        let said = role.or(renamed).or_else(|| words.get(FieldWord::Path).map(|item| item.value_tokens()));
        let said = said.unwrap_or_else(|| ident.to_token_stream());
        let mut renames = renames.into_iter().zip(settings.cases).map(|(rename, case)| {
            let own = rename.map_or_else(|| case.apply(&ident.unraw().to_string()), |rename| rename.value());
            format!("{namespace}{own}")
        });
        let (read, written) = (renames.next().unwrap_or_default(), renames.next().unwrap_or_default());
        let (name, written) = match (kind, path.first_mut()) {
            (Kind::Registered(word, _), _) => (word.text().to_owned(), None),
            (_, Some(first)) => {
                first.insert_str(0, &namespace);
                (path.join("."), None)
            }
            (_, None) => (read.clone(), (written != read).then_some(written)),
        };
        Self { name, path, written, said }
    }
}

fn allowed(input: &DeriveInput) -> Vec<&TokenStream> {
    let fields = match &input.data {
        Data::Struct(data) => data.fields.iter().map(|field| &field.attrs).collect(),
        Data::Enum(_) | Data::Union(_) => Vec::new(),
    };
    let lints = |attribute: &'_ Attribute| ["allow", "expect"].iter().any(|word| attribute.path().is_ident(word));
    let attributes = iter::once(&input.attrs).chain(fields).flatten().filter(|attribute| lints(attribute));
    attributes.filter_map(|attribute| Some(&attribute.meta.require_list().ok()?.tokens)).collect()
}

/// The named fields; anything else is recorded at the word that makes it something else.
fn named<'a>(data: &'a Data, diag: &mut Diagnostics) -> Option<syn::punctuated::Iter<'a, syn::Field>> {
    let keyword = match data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(fields.named.iter()),
            Fields::Unnamed(_) | Fields::Unit => data.struct_token.to_token_stream(),
        },
        Data::Enum(data) => data.enum_token.to_token_stream(),
        Data::Union(data) => data.union_token.to_token_stream(),
    };
    diag.error(&keyword, "claims need named fields", "a token holds one JSON object: write `struct Name { field: Type }`");
    None
}
