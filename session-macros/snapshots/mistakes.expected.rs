::core::compile_error! {
    "unknown claims setting `tokn_type`\nhelp: did you mean `token_type`? the struct may use issuer, audience, ttl, max_ttl, never_expires, leeway, token_type, untyped, no_issuer, no_audience, no_issued_at, format, rename_all, namespace, deny_unknown, allow, check, context, version, crate"
}
::core::compile_error! {
    "unknown claim attribute `isss`\nhelp: did you mean `iss`? a field may use iss, sub, aud, exp, nbf, iat, jti, sid, rename, alias, path, namespace, default, skip, skip_if, with, flatten, check, one_of, range, max_len, confidential"
}
::core::compile_error! {
    "`exp` is a registered claim\nhelp: write `#[claim(exp)]`"
}
const _: () = {
    use ::session_runtime::__private as __rt;
    #[automatically_derived]
    impl __rt::ClaimsType for Access {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::untyped();
        type At<'__de> = Access;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Access {
        type Slots = ();
        fn slots() {}
        fn read(_: &mut (), _: __rt::Raw<'__de>) -> __rt::Option<()> {
            __rt::None
        }
        fn build(_: (), _: &mut __rt::Errors) -> __rt::Option<Self> {
            __rt::None
        }
        fn write(&self, _: &mut __rt::Writer<'_>) -> __rt::Written {
            __rt::Ok(())
        }
    }
    impl __rt::OwnedClaims for Access {}
};
