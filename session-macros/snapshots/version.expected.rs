const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `at+jwt`
    /// - has `exp` and lives at most 24 h; one that is issued lives 15 min
    /// - passes `same_tenant` with `tenant`
    #[automatically_derived]
    impl __rt::ClaimsType for Access {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .ttl(__rt::Duration::from_secs(900))
            .version(2)
            .checks(&[("tenant", "same_tenant")])
            .claims(&[__rt::claim("tenant")]);
        type At<'__de> = Access;
        type Context = Request;
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        tenant: __rt::Slot<String>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Access {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots { tenant: __rt::empty() }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <String as __rt::Own<'_, _>>::fill(&mut __s.tenant, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(tenant_),) = (
                <String as __rt::Own<'_, _>>::require(__s.tenant, "tenant", __err),
            ) else { return __rt::None };
            __rt::Some(Self { tenant: tenant_ })
        }
        fn older(
            __payload: &mut __rt::Payload<'_, '__de>,
            __context: &Self::Context,
        ) -> __rt::Option<Self> {
            __rt::upgrade::<AccessV1, Self, _>(__payload, __context)
        }
        #[inline]
        fn check(&self, __context: &Self::Context, __err: &mut __rt::Errors) {
            __rt::check(__err, "tenant", same_tenant(&self.tenant, __context));
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <String as __rt::Own<'_, _>>::put(__out, "tenant", &self.tenant)
        }
    }
    impl __rt::OwnedClaims for Access {}
    const _: () = __rt::follows::<AccessV1, Access>();
};
