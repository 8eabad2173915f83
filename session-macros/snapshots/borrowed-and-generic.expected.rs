const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `at+jwt`
    /// - has `exp` and lives at most 24 h; one that is issued lives 15 min
    #[automatically_derived]
    impl<'a, T: Tenant, const N: usize> __rt::ClaimsType for Access<'a, T, N>
    where
        T: 'static,
    {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .ttl(__rt::Duration::from_secs(900))
            .claims(&[__rt::SUB]);
        type At<'__de> = Access<'__de, T, N>;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots<'a, T: Tenant, const N: usize>
    where
        T: 'static,
    {
        user: __rt::Slot<&'a str>,
        __type: __rt::PhantomData<fn() -> Access<'a, T, N>>,
    }
    #[automatically_derived]
    impl<'a, T: Tenant, const N: usize> __rt::Claims<'a> for Access<'a, T, N>
    where
        T: 'static,
    {
        type Slots = __Slots<'a, T, N>;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                user: __rt::empty(),
                __type: __rt::PhantomData,
            }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'a>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <&'a str as __rt::Sub<'_, _>>::fill(&mut __s.user, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(user_), __rt::Some(rings_)) = (
                <&'a str as __rt::Sub<'_, _>>::require(__s.user, "sub", __err),
                __rt::or_default::<[T; N]>(__rt::empty()),
            ) else { return __rt::None };
            __rt::Some(Self { user: user_, rings: rings_ })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <&'a str as __rt::Sub<'_, _>>::put(__out, "sub", &self.user)
        }
    }
};
