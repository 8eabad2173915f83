const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl<'a> __session::ClaimsType for Access<'a> {
        const SCHEMA: &'static __session::Schema = &__session::Schema::new("at+jwt")
            .ttl(__session::Duration::from_secs(900))
            .claims(
                &[
                    __session::Spec::role(__session::Role::Subject),
                    __session::Spec::custom("tenant"),
                ],
            );
        type At<'__de> = Access<'__de>;
    }
    pub struct __Slots<'a> {
        user: __session::Slot<&'a str>,
        tenant: __session::Slot<Cow<'a, str>>,
        __type: __session::PhantomData<fn() -> Access<'a>>,
    }
    #[automatically_derived]
    impl<'a> __session::Claims<'a> for Access<'a> {
        type Slots = __Slots<'a>;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                user: __session::Slot::EMPTY,
                tenant: __session::Slot::EMPTY,
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
                0 => __session::fill::<&'a str>(&mut __slots.user, __value),
                1 => __session::fill::<Cow<'a, str>>(&mut __slots.tenant, __value),
                _ => __session::None,
            }
        }
        #[inline]
        fn build(
            __slots: Self::Slots,
            __errors: &mut __session::ClaimErrors,
        ) -> __session::Option<Self> {
            let user_ = __session::require::<&'a str>(__slots.user, "sub", __errors);
            let tenant_ = __session::require::<
                Cow<'a, str>,
            >(__slots.tenant, "tenant", __errors);
            __session::Some(Self {
                user: user_?,
                tenant: tenant_?,
            })
        }
        #[inline]
        fn check(&self, __errors: &mut __session::ClaimErrors) {}
        #[inline]
        fn write(
            &self,
            __out: &mut __session::Writer<'_>,
        ) -> __session::Result<(), __session::IssueError> {
            __session::put_text::<&'a str>(__out, __session::Role::Subject, &self.user)?;
            __session::put::<Cow<'a, str>>(__out, "tenant", &self.tenant)?;
            __session::Ok(())
        }
    }
    const _: () = <Access<'static> as __session::ClaimsType>::SCHEMA.assert_lifetimes();
};
