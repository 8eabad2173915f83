//! `rusty_paseto`, by its builder with the default times and by its parser with the default checks, told issuer and audience.
//!
//! A macro, because each version has methods of its own, and because the second program uses it too.

/// The builder gives its claims away, so it is made for every token; the parser is kept.
#[macro_export]
macro_rules! rusty_paseto_entry {
    ($version:ty, $purpose:ty, $course:expr, $sealing:expr, $opening:expr) => {{
        use ::common::claims::{AUDIENCE, EMAIL, ISSUER, ROLES, SUBJECT, TENANT, TOKEN_ID, TOKEN_TYPE};
        use ::rusty_paseto::prelude::{
            AudienceClaim, CustomClaim, Footer, ImplicitAssertion, IssuerClaim, PasetoBuilder, PasetoParser, SubjectClaim,
            TokenIdentifierClaim,
        };
        // Its parser borrows token, footer and key for as long as it lives.
        let token: &'static str = $course.token.clone().leak();
        let footer: &'static str = $course.footer()?.leak();
        let opening = &*Box::leak(Box::new($opening));
        let sealing = $sealing;
        let mut parser = PasetoParser::<'static, $version, $purpose>::default();
        parser.check_claim(IssuerClaim::from(ISSUER));
        parser.check_claim(AudienceClaim::from(AUDIENCE));
        parser.set_footer(Footer::from(footer));
        parser.set_implicit_assertion(ImplicitAssertion::from(TOKEN_TYPE));
        let issue = move || {
            let mut builder = PasetoBuilder::<$version, $purpose>::default();
            builder.set_claim(SubjectClaim::from(SUBJECT));
            builder.set_claim(IssuerClaim::from(ISSUER));
            builder.set_claim(AudienceClaim::from(AUDIENCE));
            builder.set_claim(TokenIdentifierClaim::from(TOKEN_ID));
            builder.set_claim(CustomClaim::try_from(("roles", ROLES)).expect("not a reserved name"));
            builder.set_claim(CustomClaim::try_from(("tenant", TENANT)).expect("not a reserved name"));
            builder.set_claim(CustomClaim::try_from(("email", EMAIL)).expect("not a reserved name"));
            builder.set_footer(Footer::from(footer));
            builder.set_implicit_assertion(ImplicitAssertion::from(TOKEN_TYPE));
            builder.build(&sealing)
        };
        Ok(::common::contest::Entry::new("rusty_paseto 0.10.1", move || parser.parse(std::hint::black_box(token), opening), issue))
    }};
}
