//! A struct with a lifetime borrows from the text of its token.
use std::borrow::Cow;

use session_runtime::{Claims, claims::ClaimsType};

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Access<'a> {
    #[claim(sub)]
    user: &'a str,
    tenant: Cow<'a, str>,
    #[claim(default)]
    scopes: Vec<&'a str>,
    #[claim(skip)]
    seen: bool,
}

#[derive(Claims)]
#[claims(token_type = "at+jwt", ttl = "15m")]
struct Bounded<'tok: 'tok>
where
    Access<'tok>: Sized,
{
    #[claim(sub)]
    user: Option<&'tok str>,
    #[claim(skip)]
    pair: Option<(&'tok str, &'tok str)>,
}

fn at<'de, C: ClaimsType<At<'de> = Access<'de>>>(_: &C::At<'de>) {}
fn is<C: ClaimsType>() {}

fn main() {
    let text = String::from("alice");
    let access = Access { user: &text, tenant: Cow::Borrowed(&text), scopes: vec![&text], seen: false };
    at::<Access<'static>>(&access);
    is::<Bounded<'static>>();
}
