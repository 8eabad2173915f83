const _: () = {
    use ::renamed::__private as __session;
    #[automatically_derived]
    impl __session::ClaimsType for Strict {
        const SCHEMA: &'static __session::Schema = &__session::Schema::new(TYPE)
            .issuer(ISSUER)
            .audience(&["orders", names::BILLING])
            .ttl(LIFE)
            .max_ttl(__session::Duration::from_secs(172800))
            .leeway(__session::Duration::from_secs(60))
            .no_issued_at()
            .deny_unknown()
            .claims(&[__session::Spec::custom("displayName")]);
        type At<'__de> = Strict;
    }
    pub struct __Slots {
        display_name: __session::Slot<String>,
    }
    #[automatically_derived]
    impl<'__de> __session::Claims<'__de> for Strict {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                display_name: __session::Slot::EMPTY,
            }
        }
        #[inline]
        fn read(
            __slots: &mut Self::Slots,
            __claim: __session::usize,
            __value: __session::Raw<'__de>,
        ) -> __session::Option<()> {
            match __claim {
                0 => __session::fill::<String>(&mut __slots.display_name, __value),
                _ => __session::None,
            }
        }
        #[inline]
        fn build(
            __slots: Self::Slots,
            __errors: &mut __session::ClaimErrors,
        ) -> __session::Option<Self> {
            let display_name_ = __session::require::<
                String,
            >(__slots.display_name, "displayName", __errors);
            __session::Some(Self {
                display_name: display_name_?,
            })
        }
        #[inline]
        fn check(&self, __errors: &mut __session::ClaimErrors) {}
        #[inline]
        fn write(
            &self,
            __out: &mut __session::Writer<'_>,
        ) -> __session::Result<(), __session::IssueError> {
            __session::put::<String>(__out, "displayName", &self.display_name)?;
            __session::Ok(())
        }
    }
    #[automatically_derived]
    impl __session::OwnedClaims for Strict {}
    const _: () = <Strict as __session::ClaimsType>::SCHEMA.assert_lifetimes();
};
