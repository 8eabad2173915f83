//! How long the claims of a type can become, summed up while compiling: names, quotes, commas and nested objects, with the bounds of the values.

use std::marker::PhantomData;

use super::{
    TimeEncoding,
    schema::{Expectation, Schema},
    spec::{Role, Spec},
};

/// The most bytes of JSON that a field of type `T` can be written as: `Width::<T>::MAX`.
///
/// An inherent constant wins over one of a trait, so types that have none here fall back to [`Unbounded`], and the derive need not look
/// at how a type is spelled.
#[derive(Debug)]
pub struct Width<T: ?Sized>(PhantomData<T>);

/// What is not known to be bounded.
pub trait Unbounded {
    /// Nobody knows.
    const MAX: Option<usize> = None;
}

impl<T: ?Sized> Unbounded for Width<T> {}

/// One text of any length: `one_of` alone bounds it, while it does not bound a list of texts.
const TEXT: usize = usize::MAX;

macro_rules! widths {
    ($($type:ty: $bytes:expr;)*) => { $(
        impl Width<$type> {
            /// The length of the longest JSON of this type, in bytes.
            pub const MAX: Option<usize> = Some($bytes);
        }

        impl Width<Option<$type>> {
            /// That of the value; `None` is left out.
            pub const MAX: Option<usize> = Some($bytes);
        }
    )* };
}
widths! {
    bool: 5;
    u8: 3; u16: 5; u32: 10; u64: 20; u128: 39; usize: 20;
    i8: 4; i16: 6; i32: 11; i64: 20; i128: 40; isize: 20;
    // The shortest text that is read back as the same number, with its sign and exponent; a plus sign there is one byte to spare.
    f32: 16; f64: 25;
    // A control character is six bytes of escape, between quotes.
    char: 8;
    String: TEXT;
}

/// The longest JSON of the claims of a type, for [`ClaimsType::MAX_ENCODED_LEN`](super::ClaimsType::MAX_ENCODED_LEN).
pub(crate) const fn of_type(schema: &Schema) -> Option<usize> {
    let issuer = match schema.issuer {
        Expectation::Declared(issuer) => Some(of_text(issuer)),
        Expectation::Unsaid | Expectation::None => None,
    };
    // Whatever the format: PASETO's texts are the longer ones.
    of_claims(schema, issuer, TimeEncoding::Rfc3339, Stamped { audience: None, token_id: 0 })
}

/// What a policy writes where a field leaves its claim open, in bytes of JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamped {
    pub(crate) audience: Option<usize>,
    pub(crate) token_id: usize,
}

/// The longest object that the fields of a type are written as, braces and all; `None` where a field is not bounded. `issuer` is the JSON of
/// the one issuer that may be written.
pub(crate) const fn of_claims(schema: &Schema, issuer: Option<usize>, times: TimeEncoding, stamped: Stamped) -> Option<usize> {
    if schema.takes_rest {
        return None;
    }
    let mut sum = 2_usize;
    let mut left = schema.claims;
    let mut before = 0;
    while let [claim, rest @ ..] = left {
        let Some(value) = of_value(claim, issuer, times, stamped) else { return None };
        sum = sum.saturating_add(of_name(claim, schema.claims, before)).saturating_add(value);
        left = rest;
        before = usize::saturating_add(before, 1);
    }
    Some(sum)
}

/// The longest value of one claim.
const fn of_value(claim: &Spec, issuer: Option<usize>, times: TimeEncoding, stamped: Stamped) -> Option<usize> {
    let bounds = claim.bounds;
    // `max_len` is what stands between the quotes.
    let mut most = match bounds.max_len {
        Some(bytes) => bytes.saturating_add(2),
        None => TEXT,
    };
    if let Some(widest) = bounds.widest {
        if widest == TEXT && !bounds.one_of.is_empty() {
            most = least(most, longest(bounds.one_of));
        }
        most = least(most, widest);
    }
    most = match claim.role {
        Some(Role::Expires | Role::NotBefore | Role::IssuedAt) => of_time(times),
        // Another issuer than the expected one is refused when a token is issued.
        Some(Role::Issuer) => match issuer {
            Some(issuer) => issuer,
            None => most,
        },
        Some(Role::Audience) => match stamped.audience {
            Some(audience) => greatest(most, audience),
            None => most,
        },
        Some(Role::TokenId) => greatest(most, stamped.token_id),
        _ => most,
    };
    if most == TEXT { None } else { Some(most) }
}

/// The longest time: times are written from 1970 to the year 9999 and no others, in seconds or as RFC 3339 text with its quotes.
pub(crate) const fn of_time(times: TimeEncoding) -> usize {
    match times {
        TimeEncoding::NumericDate => "253402300799".len(),
        TimeEncoding::Rfc3339 => r#""9999-12-31T23:59:59Z""#.len(),
    }
}

/// The bytes of a text as JSON.
pub(crate) const fn of_text(text: &str) -> usize {
    let mut length = 2_usize;
    let mut left = text.as_bytes();
    while let [byte, rest @ ..] = left {
        length = length.saturating_add(match byte {
            b'"' | b'\\' | 8 | 9 | 10 | 12 | 13 => 2,
            0..=31 => 6,
            _ => 1,
        });
        left = rest;
    }
    length
}

const fn longest(texts: &[&str]) -> usize {
    let (mut length, mut left) = (0, texts);
    while let [text, rest @ ..] = left {
        length = greatest(length, of_text(text));
        left = rest;
    }
    length
}

/// The names that a claim brings, with quotes, colon and comma: its own, and of a nested one those of the objects that no claim before it is in.
const fn of_name(claim: &Spec, claims: &[Spec], before: usize) -> usize {
    let name = match claim.written {
        Some(written) => written,
        None => claim.name,
    };
    if claim.path.is_empty() {
        return member(name);
    }
    let (mut sum, mut depth, mut left) = (0_usize, 1, claim.path);
    while let [name, rest @ ..] = left {
        let is_object = !rest.is_empty();
        if !is_object || !is_written(claims, before, claim.path, depth) {
            // The braces of an object.
            sum = sum.saturating_add(member(name)).saturating_add(if is_object { 2 } else { 0 });
        }
        left = rest;
        depth = usize::saturating_add(depth, 1);
    }
    sum
}

/// The quotes, the colon and a comma, which the first member of an object has to spare.
const fn member(name: &str) -> usize {
    name.len().saturating_add(4)
}

/// Whether one of the claims before this one is in the object that the first `depth` names of the path lead to.
const fn is_written(claims: &[Spec], before: usize, path: &[&str], depth: usize) -> bool {
    let (mut left, mut index) = (claims, 0);
    while let [claim, rest @ ..] = left {
        if index >= before {
            return false;
        }
        if claim.path.len() > depth && begin_alike(claim.path, path, depth) {
            return true;
        }
        left = rest;
        index = usize::saturating_add(index, 1);
    }
    false
}

const fn begin_alike(mut one: &[&str], mut other: &[&str], depth: usize) -> bool {
    let mut compared = 0;
    while compared < depth {
        match (one, other) {
            ([first, rest @ ..], [second, others @ ..]) => {
                if !same(first.as_bytes(), second.as_bytes()) {
                    return false;
                }
                one = rest;
                other = others;
            }
            _ => return false,
        }
        compared = usize::saturating_add(compared, 1);
    }
    true
}

const fn same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([first, rest @ ..], [second, others @ ..]) = (one, other) {
        if *first != *second {
            return false;
        }
        one = rest;
        other = others;
    }
    one.is_empty() && other.is_empty()
}

const fn least(one: usize, other: usize) -> usize {
    if one < other { one } else { other }
}

const fn greatest(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::Range;

    #[track_caller]
    fn check(claims: &'static [Spec], want: Option<&str>) {
        let schema = Schema::new("at+jwt").issuer("https://id.example").claims(claims);
        // The comma that the first member of an object has to spare: one of the outer object, one of each nested one.
        let spare = want.map(|json| json.matches('{').count());
        assert_eq!(of_type(&schema), want.map(|json| json.len().saturating_add(spare.unwrap_or_default())), "{want:?}");
    }

    const fn wide(name: &'static str, widest: Option<usize>) -> Spec {
        Spec::custom(name).widest(widest)
    }

    #[test]
    fn what_is_bounded_is_summed_up() {
        check(const { &[wide("live", Width::<bool>::MAX)] }, Some(r#"{"live":false}"#));
        check(const { &[Spec::custom("org").max_len(3), Spec::role(Role::Subject).max_len(2)] }, Some(r#"{"org":"abc","sub":"ab"}"#));
        check(const { &[Spec::role(Role::Issuer)] }, Some(r#"{"iss":"https://id.example"}"#));
        check(const { &[Spec::role(Role::Expires)] }, Some(r#"{"exp":"9999-12-31T23:59:59Z"}"#));
        check(const { &[wide("plan", Width::<String>::MAX).one_of(&["a", "b\"c"])] }, Some(r#"{"plan":"b\"c"}"#));
        check(const { &[wide("seats", Width::<Option<u16>>::MAX).written("s")] }, Some(r#"{"s":65535}"#));
        const NESTED: &[Spec] = &[
            wide("a.b.c", Width::<u8>::MAX).path(&["a", "b", "c"]),
            wide("a.d", Width::<u8>::MAX).path(&["a", "d"]),
            wide("b.b", Width::<u8>::MAX).path(&["b", "b"]),
        ];
        check(NESTED, Some(r#"{"a":{"b":{"c":255},"d":255},"b":{"b":255}}"#));
    }

    /// A list of texts is not bounded by `one_of`, nor a type of one's own by `range`, which may be a list too.
    #[test]
    fn what_is_not_bounded_is_not_summed_up() {
        check(const { &[Spec::custom("org")] }, None);
        check(const { &[wide("org", Width::<String>::MAX)] }, None);
        check(const { &[wide("orgs", Width::<Vec<String>>::MAX).one_of(&["a"])] }, None);
        check(const { &[wide("levels", Width::<Vec<u8>>::MAX).range(Range::new(Some(1), Some(9), false))] }, None);
        check(const { &[Spec::role(Role::Audience)] }, None);
        check(const { &[Spec::role(Role::TokenId)] }, None);
        assert_eq!(of_type(&Schema::new("at+jwt").takes_rest()), None);
    }
}
