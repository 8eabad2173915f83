const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `ping+jwt`
    /// - has `exp` and lives at most 24 h; one that is issued lives 1 min
    #[automatically_derived]
    impl __rt::ClaimsType for Ping {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("ping+jwt")
            .ttl(__rt::Duration::from_secs(60))
            .no_issuer()
            .no_audience()
            .claims(&[]);
        type At<'__de> = Ping;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {}
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Ping {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {}
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            __rt::Some(Self {})
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            __rt::Ok(())
        }
    }
    #[automatically_derived]
    impl __rt::OwnedClaims for Ping {}
    const _: () = <Ping as __rt::ClaimsType>::SCHEMA.assert_lifetimes();
};
