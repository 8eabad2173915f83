const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl __session::ClaimsType for Ping {
        const SCHEMA: &'static __session::Schema = &__session::Schema::new("ping+jwt")
            .ttl(__session::Duration::from_secs(60))
            .no_issuer()
            .no_audience()
            .claims(&[]);
        type At<'__de> = Ping;
    }
    pub struct __Slots {}
    #[automatically_derived]
    impl<'__de> __session::Claims<'__de> for Ping {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {}
        }
        #[inline]
        fn read(
            __slots: &mut Self::Slots,
            __claim: __session::usize,
            __value: __session::Raw<'__de>,
        ) -> __session::Option<()> {
            match __claim {
                _ => __session::None,
            }
        }
        #[inline]
        fn build(
            __slots: Self::Slots,
            __errors: &mut __session::ClaimErrors,
        ) -> __session::Option<Self> {
            __session::Some(Self {})
        }
        #[inline]
        fn check(&self, __errors: &mut __session::ClaimErrors) {}
        #[inline]
        fn write(
            &self,
            __out: &mut __session::Writer<'_>,
        ) -> __session::Result<(), __session::IssueError> {
            __session::Ok(())
        }
    }
    #[automatically_derived]
    impl __session::OwnedClaims for Ping {}
    const _: () = <Ping as __session::ClaimsType>::SCHEMA.assert_lifetimes();
};
