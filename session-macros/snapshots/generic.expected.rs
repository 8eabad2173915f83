const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `at+jwt`
    /// - has `exp` and lives at most 24 h; one that is issued lives 15 min
    #[automatically_derived]
    impl<'a, T: Tenant, U, const N: usize> __rt::ClaimsType for Access<'a, T, U, N>
    where
        U: Default,
        T: 'static + __rt::Value,
        U: 'static,
    {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .ttl(__rt::Duration::from_secs(900))
            .claims(&[__rt::claim("tenant"), __rt::claim("name"), __rt::claim("rings")]);
        type At<'__de> = Access<'__de, T, U, N>;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots<'a, T: Tenant, U, const N: usize>
    where
        U: Default,
        T: 'static + __rt::Value,
        U: 'static,
    {
        tenant: __rt::Slot<T>,
        name: __rt::Slot<&'a str>,
        rings: __rt::Slot<[u8; N]>,
        __type: __rt::PhantomData<fn() -> Access<'a, T, U, N>>,
    }
    #[automatically_derived]
    impl<'a, T: Tenant, U, const N: usize> __rt::Claims<'a> for Access<'a, T, U, N>
    where
        U: Default,
        T: 'static + __rt::Value,
        U: 'static,
    {
        type Slots = __Slots<'a, T, U, N>;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                tenant: __rt::empty(),
                name: __rt::empty(),
                rings: __rt::empty(),
                __type: __rt::PhantomData,
            }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'a>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <T as __rt::Own<'_>>::fill(&mut __s.tenant, __raw),
                1 => <&'a str as __rt::Own<'_>>::fill(&mut __s.name, __raw),
                2 => <[u8; N] as __rt::Own<'_>>::fill(&mut __s.rings, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let tenant_ = <T as __rt::Own<'_>>::require(__s.tenant, "tenant", __err);
            let extra_ = __rt::or_default::<U>(__rt::empty());
            let name_ = <&'a str as __rt::Own<'_>>::require(__s.name, "name", __err);
            let rings_ = <[u8; N] as __rt::Own<'_>>::require(__s.rings, "rings", __err);
            __rt::Some(Self {
                tenant: tenant_?,
                extra: extra_?,
                name: name_?,
                rings: rings_?,
            })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <T as __rt::Own<'_>>::put(__out, "tenant", &self.tenant)?;
            <&'a str as __rt::Own<'_>>::put(__out, "name", &self.name)?;
            <[u8; N] as __rt::Own<'_>>::put(__out, "rings", &self.rings)?;
            __rt::Ok(())
        }
    }
};
