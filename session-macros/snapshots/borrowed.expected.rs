const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `at+jwt`
    /// - has `exp` and lives at most 24 h; one that is issued lives 15 min
    #[automatically_derived]
    impl<'a> __rt::ClaimsType for Access<'a> {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .ttl(__rt::Duration::from_secs(900))
            .claims(&[__rt::SUB, __rt::claim("tenant")]);
        type At<'__de> = Access<'__de>;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots<'a> {
        user: __rt::Slot<&'a str>,
        tenant: __rt::Slot<Cow<'a, str>>,
        __type: __rt::PhantomData<fn() -> Access<'a>>,
    }
    #[automatically_derived]
    impl<'a> __rt::Claims<'a> for Access<'a> {
        type Slots = __Slots<'a>;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                user: __rt::empty(),
                tenant: __rt::empty(),
                __type: __rt::PhantomData,
            }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'a>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <&'a str as __rt::Sub<'_>>::fill(&mut __s.user, __raw),
                1 => <Cow<'a, str> as __rt::Own<'_>>::fill(&mut __s.tenant, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let user_ = <&'a str as __rt::Sub<'_>>::require(__s.user, "sub", __err);
            let tenant_ = <Cow<
                'a,
                str,
            > as __rt::Own<'_>>::require(__s.tenant, "tenant", __err);
            __rt::Some(Self {
                user: user_?,
                tenant: tenant_?,
            })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <&'a str as __rt::Sub<'_>>::put(__out, "sub", &self.user)?;
            <Cow<'a, str> as __rt::Own<'_>>::put(__out, "tenant", &self.tenant)?;
            __rt::Ok(())
        }
    }
    const _: () = <Access<'static> as __rt::ClaimsType>::SCHEMA.assert_lifetimes();
};
