const _: () = {
    use ::renamed::__private as __rt;
    /// - says `typ` `TYPE`
    /// - is issued by `ISSUER`
    /// - is for `orders` or `names::BILLING`
    /// - has `exp` and lives at most 48 h; one that is issued lives `LIFE`
    /// - has no claim that the type does not name
    #[automatically_derived]
    impl __rt::ClaimsType for Strict {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new(TYPE)
            .issuer(ISSUER)
            .audience(&["orders", names::BILLING])
            .ttl(LIFE)
            .max_ttl(__rt::Duration::from_secs(172800))
            .leeway(__rt::Duration::from_secs(60))
            .no_issued_at()
            .deny_unknown()
            .claims(&[]);
        type At<'__de> = Strict;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {}
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Strict {
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
    impl __rt::OwnedClaims for Strict {}
    const _: () = <Strict as __rt::ClaimsType>::SCHEMA.assert_lifetimes();
};
