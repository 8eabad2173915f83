//! What a route asks of claims that are good: [`Guard`], and how fresh the verdict has to be.

use std::marker::PhantomData;

use crate::token::Verified;

/// What a route asks of good claims, as a type: the right to do something, or a verdict as fresh as can be.
///
/// A guard says yes or no and knows nothing of the request, so one line reads "who may do this" and a test of it needs no server. What
/// depends on the request (the owner of the order in the path) is the handler's to decide.
///
/// # Example
/// ```
/// use session_runtime::{Claims, Verified, http::Guard};
///
/// #[derive(Claims, Debug)]
/// #[claims(issuer = "https://id.example", audience = "orders", ttl = "15m", token_type = "at+jwt")]
/// struct Access {
///     #[claim(sub)]
///     user: String,
///     scope: String,
/// }
///
/// struct MayRefund;
///
/// impl Guard<Access> for MayRefund {
///     const SCOPE: Option<&'static str> = Some("orders:refund");
///     const STRICT: bool = true; // money
///
///     fn allows(access: &Verified<Access>) -> bool {
///         access.scope.split(' ').any(|scope| scope == "orders:refund")
///     }
/// }
/// ```
pub trait Guard<C>: 'static {
    /// What the client would need, told in the answer (RFC 6750 §3): one or more words with one space between them. A scope that no header
    /// may hold does not compile.
    const SCOPE: Option<&'static str> = None;

    /// Whether the revocation log is read for this request ([`Freshness::strict`](crate::revocation::Freshness::strict)), for routes that
    /// move money or make administrators. A log that does not answer in time is a 503.
    const STRICT: bool = false;

    /// Whether these claims may do this. It is asked after everything else.
    fn allows(claims: &Verified<C>) -> bool;
}

/// Everybody whose token is good.
#[derive(Debug, Clone, Copy)]
pub struct Anyone;

impl<C> Guard<C> for Anyone {
    fn allows(_: &Verified<C>) -> bool {
        true
    }
}

/// What `G` asks, under [`Freshness::strict`](crate::revocation::Freshness::strict): the revocation log is read for the request, so that a
/// token that was revoked a moment ago on another node is refused.
///
/// # Example
/// ```
/// use session_runtime::http::{Anyone, Guard, Strict};
///
/// assert!(<Strict as Guard<()>>::STRICT);
/// assert!(!<Anyone as Guard<()>>::STRICT);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Strict<G = Anyone>(PhantomData<fn() -> G>);

impl<C, G: Guard<C>> Guard<C> for Strict<G> {
    const SCOPE: Option<&'static str> = G::SCOPE;
    const STRICT: bool = true;

    fn allows(claims: &Verified<C>) -> bool {
        G::allows(claims)
    }
}

/// The scope of a guard, which does not compile unless it is one (RFC 6749 §3.3).
pub(super) const fn scope<C, G: Guard<C>>() -> Option<&'static str> {
    const { assert!(is_scope(G::SCOPE), "a scope is words of printable ASCII without `\"` and `\\`, with one space between them") };
    G::SCOPE
}

const fn is_scope(scope: Option<&str>) -> bool {
    let Some(scope) = scope else { return true };
    let mut rest = scope.as_bytes();
    let mut after_word = false;
    while let [byte, tail @ ..] = rest {
        let in_word = matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if !(in_word || (*byte == b' ' && after_word)) {
            return false;
        }
        after_word = in_word;
        rest = tail;
    }
    after_word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes() {
        for good in ["a", "orders:write", "a b c", "https://scope.example/x", "!", "~"] {
            assert!(is_scope(Some(good)), "{good}");
        }
        for bad in ["", " ", " a", "a ", "a  b", "a\"b", "a\\b", "a\tb", "é", "a\r\nSet-Cookie: b"] {
            assert!(!is_scope(Some(bad)), "{bad:?}");
        }
        assert!(is_scope(None));
    }
}
