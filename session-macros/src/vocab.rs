//! Every word of the attributes, once: where it may stand, what it takes, and the form that a `help:` line shows.

use std::fmt::Debug;

/// What stands behind a word; the texts complete "`word` takes …".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    One(&'static str),
    OneOrSeveral(&'static str),
    /// In parentheses only.
    Several(&'static str),
    NothingOrOne(&'static str),
    /// After an equals sign; several are separated by `|`.
    Type(&'static str),
    Types(&'static str),
    /// `(2, from = Older)`
    Version(&'static str),
}

/// The words of one position. Those `of serde` mean something in `#[serde(…)]` only, and no list shows them.
pub(crate) trait Vocabulary: Copy + Eq + Debug + 'static {
    /// All of them, in the order of help texts.
    const ALL: &'static [Self];
    /// The attribute that holds them.
    const ATTRIBUTE: &'static str;
    /// What a message calls one of them.
    const KIND: &'static str;
    /// What it stands on.
    const PLACE: &'static str;

    fn text(self) -> &'static str;
    fn takes(self) -> Takes;
    fn form(self) -> &'static str;

    fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.text() == text)
    }

    /// "a field may use iss, sub, …"
    fn accepted() -> String {
        let words: Vec<_> = Self::ALL.iter().map(|word| word.text()).collect();
        format!("{} may use {}", Self::PLACE, words.join(", "))
    }
}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident, $attribute:literal, $kind:literal, $place:literal {
        $($word:ident $text:literal $takes:ident $(($what:ident))? $form:literal;)*
    } of serde {
        $($foreign:ident $foreign_text:literal $foreign_takes:ident $(($foreign_what:ident))? $foreign_form:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($word,)* $($foreign),* }

        impl Vocabulary for $name {
            const ALL: &'static [Self] = &[$(Self::$word),*];
            const ATTRIBUTE: &'static str = $attribute;
            const KIND: &'static str = $kind;
            const PLACE: &'static str = $place;

            fn text(self) -> &'static str {
                match self { $(Self::$word => $text,)* $(Self::$foreign => $foreign_text),* }
            }
            fn takes(self) -> Takes {
                match self {
                    $(Self::$word => Takes::$takes $(($what))?,)*
                    $(Self::$foreign => Takes::$foreign_takes $(($foreign_what))?),*
                }
            }
            fn form(self) -> &'static str {
                match self { $(Self::$word => $form,)* $(Self::$foreign => $foreign_form),* }
            }
        }
    };
}

const TEXT: &str = "a string or the path of a constant";
const STRING: &str = "a string";
const DURATION: &str = "a duration in quotes or the path of a constant";
const PATH: &str = "a path";
const FUNCTION: &str = "the path of a function";
const NUMBER: &str = "a number of bytes or the path of a constant";
const RANGE: &str = "a range of numbers";
const NAMES: &str = "names in quotes";
const TYPE: &str = "a type";
const FORMATS: &str = "formats, with `|` between them";
const VERSION: &str = "a number, and the older type where there is one";
const CLAIMS: &str = "`iss`, `aud` or `typ`";

vocabulary! {
    /// Words of `#[claims(…)]`.
    Setting, "claims", "claims setting", "the struct" {
        Issuer       "issuer"        One(TEXT)          r#"issuer = "https://id.example""#;
        Audience     "audience"      OneOrSeveral(TEXT) r#"audience = "orders""#;
        Ttl          "ttl"           One(DURATION)      r#"ttl = "15m""#;
        MaxTtl       "max_ttl"       One(DURATION)      r#"max_ttl = "12h""#;
        NeverExpires "never_expires" Nothing            "never_expires";
        Leeway       "leeway"        One(DURATION)      r#"leeway = "30s""#;
        TokenType    "token_type"    One(TEXT)          r#"token_type = "at+jwt""#;
        Untyped      "untyped"       Nothing            "untyped";
        NoIssuer     "no_issuer"     Nothing            "no_issuer";
        NoAudience   "no_audience"   Nothing            "no_audience";
        NoIssuedAt   "no_issued_at"  Nothing            "no_issued_at";
        Format       "format"        Types(FORMATS)     "format = V4Local";
        RenameAll    "rename_all"    One(STRING)        r#"rename_all = "camelCase""#;
        Namespace    "namespace"     One(STRING)        r#"namespace = "https://example.com/""#;
        DenyUnknown  "deny_unknown"  Nothing            "deny_unknown";
        Allow        "allow"         Several(CLAIMS)    "allow(aud)";
        Check        "check"         One(FUNCTION)      r#"check = "path::to::function""#;
        Context      "context"       Type(TYPE)         "context = Tenant";
        Version      "version"       Version(VERSION)   "version(2, from = AccessV1)";
        Crate        "crate"         One(PATH)          r#"crate = "::session_runtime""#;
    } of serde {}
}

vocabulary! {
    /// Words of `#[claim(…)]`.
    FieldWord, "claim", "claim attribute", "a field" {
        Issuer    "iss"     Nothing                "iss";
        Subject   "sub"     Nothing                "sub";
        Audience  "aud"     Nothing                "aud";
        Expires   "exp"     Nothing                "exp";
        NotBefore "nbf"     Nothing                "nbf";
        IssuedAt  "iat"     Nothing                "iat";
        TokenId   "jti"     Nothing                "jti";
        SessionId "sid"     Nothing                "sid";
        Rename    "rename"  One(STRING)            r#"rename = "org""#;
        Alias     "alias"   OneOrSeveral(NAMES)    r#"alias = "tenant""#;
        Path      "path"    OneOrSeveral(NAMES)    r#"path = "realm_access.roles""#;
        Namespace "namespace" One(STRING)          r#"namespace = "https://example.com/""#;
        Default   "default" NothingOrOne(FUNCTION) r#"default = "path::to::function""#;
        Skip      "skip"    Nothing                "skip";
        SkipIf    "skip_if" One(FUNCTION)          r#"skip_if = "Vec::is_empty""#;
        With      "with"    One(PATH)              r#"with = "path::to::module""#;
        Flatten   "flatten" Nothing                "flatten";
        Check     "check"   One(FUNCTION)          r#"check = "path::to::function""#;
        OneOf     "one_of"  Several(TEXT)          r#"one_of("free", "team")"#;
        Range     "range"   One(RANGE)             "range = 1..=9";
        MaxLen    "max_len" One(NUMBER)            "max_len = 64";
        Confidential "confidential" Nothing        "confidential";
    } of serde {
        ReadBy  "deserialize_with" One(FUNCTION) r#"with = "path::to::module""#;
        WriteBy "serialize_with"   One(FUNCTION) r#"with = "path::to::module""#;
    }
}

/// How the runtime holds a registered claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Text,
    Time,
    Audience,
}

impl FieldWord {
    /// For a registered claim: how it is held, and what the token has one of.
    pub(crate) fn role(self) -> Option<(Held, &'static str)> {
        match self {
            Self::Issuer => Some((Held::Text, "issuer")),
            Self::Subject => Some((Held::Text, "subject")),
            Self::Audience => Some((Held::Audience, "audience claim")),
            Self::Expires => Some((Held::Time, "expiry")),
            Self::NotBefore => Some((Held::Time, "first valid time")),
            Self::IssuedAt => Some((Held::Time, "time of issue")),
            Self::TokenId => Some((Held::Text, "id")),
            Self::SessionId => Some((Held::Text, "session")),
            Self::Rename
            | Self::Alias
            | Self::Path
            | Self::Namespace
            | Self::Default
            | Self::Skip
            | Self::SkipIf
            | Self::With
            | Self::Flatten
            | Self::Check
            | Self::OneOf
            | Self::Range
            | Self::MaxLen
            | Self::Confidential
            | Self::ReadBy
            | Self::WriteBy => None,
        }
    }
}

/// What tokens and other libraries call what a word of ours says.
pub(crate) const SAID_ELSEWHERE: &[(&str, &str)] =
    &[("typ", "token_type"), ("type", "token_type"), ("expires", "ttl"), ("expires_in", "ttl"), ("lifetime", "ttl")];

/// Names that the runtime stamps or will stamp itself, and what they hold.
pub(crate) const RESERVED: &[(&str, &str)] =
    &[("gen", "the position in the revocation log"), ("rg", "the refresh generation"), ("ver", "the version of the claims type")];

/// The limits of the runtime, for mistakes that a literal already shows; constants are held to the runtime's own by `assert_lifetimes`.
pub(crate) mod limits {
    /// Without `max_ttl`.
    pub(crate) const MAX_TTL: u64 = 24 * 60 * 60;
    pub(crate) const LEEWAY: u64 = 300;
    /// The reader marks the claims of a token and the registered names in the bits of one number.
    pub(crate) const CLAIMS: usize = 112;
}
