const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl<'a, T: Tenant, U, const N: usize> __session::ClaimsType for Access<'a, T, U, N>
    where
        U: Default,
        T: 'static + __session::Value,
        U: 'static,
    {
        const SCHEMA: &'static __session::Schema = &__session::Schema::new("at+jwt")
            .ttl(__session::Duration::from_secs(900))
            .claims(
                &[
                    __session::Spec::custom("tenant"),
                    __session::Spec::custom("name"),
                    __session::Spec::custom("rings"),
                ],
            );
        type At<'__de> = Access<'__de, T, U, N>;
    }
    pub struct __Slots<'a, T: Tenant, U, const N: usize>
    where
        U: Default,
        T: 'static + __session::Value,
        U: 'static,
    {
        tenant: __session::Slot<T>,
        name: __session::Slot<&'a str>,
        rings: __session::Slot<[u8; N]>,
        __type: __session::PhantomData<fn() -> Access<'a, T, U, N>>,
    }
    #[automatically_derived]
    impl<'a, T: Tenant, U, const N: usize> __session::Claims<'a> for Access<'a, T, U, N>
    where
        U: Default,
        T: 'static + __session::Value,
        U: 'static,
    {
        type Slots = __Slots<'a, T, U, N>;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                tenant: __session::Slot::EMPTY,
                name: __session::Slot::EMPTY,
                rings: __session::Slot::EMPTY,
                __type: __session::PhantomData,
            }
        }
        #[inline]
        fn read(
            __slots: &mut Self::Slots,
            __claim: __session::usize,
            __value: __session::Raw<'a>,
        ) -> __session::Option<()> {
            match __claim {
                0 => __session::fill::<T>(&mut __slots.tenant, __value),
                1 => __session::fill::<&'a str>(&mut __slots.name, __value),
                2 => __session::fill::<[u8; N]>(&mut __slots.rings, __value),
                _ => __session::None,
            }
        }
        #[inline]
        fn build(
            __slots: Self::Slots,
            __errors: &mut __session::ClaimErrors,
        ) -> __session::Option<Self> {
            let tenant_ = __session::require::<T>(__slots.tenant, "tenant", __errors);
            let extra_ = __session::or_default::<U>(__session::Slot::EMPTY);
            let name_ = __session::require::<&'a str>(__slots.name, "name", __errors);
            let rings_ = __session::require::<[u8; N]>(__slots.rings, "rings", __errors);
            __session::Some(Self {
                tenant: tenant_?,
                extra: extra_?,
                name: name_?,
                rings: rings_?,
            })
        }
        #[inline]
        fn check(&self, __errors: &mut __session::ClaimErrors) {}
        #[inline]
        fn write(
            &self,
            __out: &mut __session::Writer<'_>,
        ) -> __session::Result<(), __session::IssueError> {
            __session::put::<T>(__out, "tenant", &self.tenant)?;
            __session::put::<&'a str>(__out, "name", &self.name)?;
            __session::put::<[u8; N]>(__out, "rings", &self.rings)?;
            __session::Ok(())
        }
    }
};
