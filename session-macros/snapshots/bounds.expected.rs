const _: () = {
    use ::session_runtime::__private as __rt;
    #[allow(unused_imports)]
    use __rt::Unbounded as _;
    /// - has `exp` and lives at most 24 h; one that is issued lives 15 min
    /// - has `plan` only as `free` or `PAID`
    /// - has `plan` of at most 8 bytes
    #[automatically_derived]
    impl __rt::ClaimsType for Access {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::untyped()
            .ttl(__rt::Duration::from_secs(900))
            .claims(
                &[
                    __rt::claim("plan").one_of(&["free", PAID]).max_len(8),
                    __rt::claim("n").widest(<__rt::Width<u32>>::MAX),
                ],
            );
        type At<'__de> = Access;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        plan: __rt::Slot<String>,
        n: __rt::Slot<u32>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Access {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                plan: __rt::empty(),
                n: __rt::empty(),
            }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <String as __rt::Own<'_, _>>::fill(&mut __s.plan, __raw),
                1 => <u32 as __rt::Own<'_, _>>::fill(&mut __s.n, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(plan_), __rt::Some(n_)) = (
                <String as __rt::Own<'_, _>>::require(__s.plan, "plan", __err),
                <u32 as __rt::Own<'_, _>>::require(__s.n, "n", __err),
            ) else { return __rt::None };
            __rt::Some(Self { plan: plan_, n: n_ })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <String as __rt::Own<'_, _>>::put(__out, "plan", &self.plan)?;
            <u32 as __rt::Own<'_, _>>::put(__out, "n", &self.n)
        }
    }
    impl __rt::OwnedClaims for Access {}
};
