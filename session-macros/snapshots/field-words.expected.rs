const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `at+jwt`
    /// - has `exp` and lives at most 24 h; one that is issued lives 15 min
    /// - passes `Plan::is_live` with `plan`
    /// - passes `Access::is_whole`
    #[automatically_derived]
    impl __rt::ClaimsType for Access {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .ttl(__rt::Duration::from_secs(900))
            .checks(&[("plan", "Plan::is_live"), (__rt::WHOLE, "Access::is_whole")])
            .claims(&[__rt::claim("plan")]);
        type At<'__de> = Access;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        plan: __rt::Slot<Plan>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Access {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots { plan: __rt::empty() }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => __rt::fill_with::<Plan, _>(&mut __s.plan, __raw, text::deserialize),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(plan_), __rt::Some(seen_)) = (
                __rt::or_else::<Plan>(__s.plan, Plan::free),
                __rt::or_default::<bool>(__rt::empty()),
            ) else { return __rt::None };
            __rt::Some(Self { plan: plan_, seen: seen_ })
        }
        #[inline]
        fn check(&self, __context: &Self::Context, __err: &mut __rt::Errors) {
            __rt::check(__err, "plan", Plan::is_live(&self.plan));
            __rt::check(__err, __rt::WHOLE, Access::is_whole(self));
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            __rt::put_with(
                __out,
                "plan",
                |__serializer| text::serialize(&self.plan, __serializer),
            )
        }
    }
    impl __rt::OwnedClaims for Access {}
};
