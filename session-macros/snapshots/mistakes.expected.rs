::core::compile_error! {
    "unknown claims setting `tokn_type`\nhelp: did you mean `token_type`? the struct may use issuer, audience, ttl, max_ttl, never_expires, leeway, token_type, untyped, no_issuer, no_audience, no_issued_at, rename_all, deny_unknown, crate"
}
::core::compile_error! {
    "unknown claim attribute `isss`\nhelp: did you mean `iss`? a field may use iss, sub, aud, exp, nbf, iat, jti, rename, default, skip, with, check"
}
::core::compile_error! {
    "`exp` is a registered claim\nhelp: write `#[claim(exp)]`"
}
const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl __session::ClaimsType for Access {
        const SCHEMA: &'static __session::Schema = &__session::Schema::untyped();
        type At<'__de> = Access;
    }
    #[automatically_derived]
    impl<'__de> __session::Claims<'__de> for Access {
        type Slots = ();
        fn slots() {}
        fn read(
            _: &mut (),
            _: __session::usize,
            _: __session::Raw<'__de>,
        ) -> __session::Option<()> {
            __session::None
        }
        fn build(_: (), _: &mut __session::ClaimErrors) -> __session::Option<Self> {
            __session::None
        }
        fn check(&self, _: &mut __session::ClaimErrors) {}
        fn write(
            &self,
            _: &mut __session::Writer<'_>,
        ) -> __session::Result<(), __session::IssueError> {
            __session::Ok(())
        }
    }
    #[automatically_derived]
    impl __session::OwnedClaims for Access {}
};
