const _: () = {
    use ::session_runtime::__private as __rt;
    /// - may have `exp`, and then lives at most 24 h
    #[automatically_derived]
    impl __rt::ClaimsType for Access {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::untyped()
            .no_issuer()
            .never_expires()
            .allow(&[__rt::Tolerated::Issuer])
            .claims(&[__rt::claim("act.x.y.sub").path(&["act", "x.y", "sub"])]);
        type At<'__de> = Access;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        by: __rt::Slot<Id>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Access {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots { by: __rt::empty() }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <Id as __rt::Own<'_, _>>::fill(&mut __s.by, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(by_),) = (
                <Id as __rt::Own<'_, _>>::require(__s.by, "act.x.y.sub", __err),
            ) else { return __rt::None };
            __rt::Some(Self { by: by_ })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            __rt::within(
                __out,
                "act",
                |__out| {
                    __rt::within(
                        __out,
                        "x.y",
                        |__out| { <Id as __rt::Own<'_, _>>::put(__out, "sub", &self.by) },
                    )
                },
            )
        }
    }
    impl __rt::OwnedClaims for Access {}
};
