#[allow(clippy::disallowed_types)]
#[allow(deprecated)]
const _: () = {
    use ::session_runtime::__private as __rt;
    /// - may have `exp`, and then lives at most 24 h
    #[automatically_derived]
    impl __rt::ClaimsType for Foreign {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::untyped()
            .no_issuer()
            .no_audience()
            .never_expires()
            .allow(&[__rt::Tolerated::Audience, __rt::Tolerated::TokenType])
            .takes_rest()
            .claims(&[]);
        type At<'__de> = Foreign;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        rest: __rt::Slot<Map>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Foreign {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots { rest: __rt::empty() }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                _ => __rt::None,
            }
        }
        #[inline]
        fn read_rest(
            __s: &mut Self::Slots,
            __rest: __rt::Rest<'_, '__de>,
        ) -> __rt::Option<()> {
            <Map as __rt::Flat<'_, _>>::fill(&mut __s.rest, __rest)
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(rest_),) = (
                <Map as __rt::Flat<'_, _>>::require(__s.rest, "rest", __err),
            ) else { return __rt::None };
            __rt::Some(Self { rest: rest_ })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <Map as __rt::Flat<'_, _>>::put(__out, "rest", &self.rest)
        }
    }
    impl __rt::OwnedClaims for Foreign {}
};
