const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `at+jwt`
    /// - has `exp` and lives at most 24 h; one that is issued lives 15 min
    /// - has `homeOrg` only from -1 to `ORGS`
    #[automatically_derived]
    impl __rt::ClaimsType for Access {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .ttl(__rt::Duration::from_secs(900))
            .claims(
                &[
                    __rt::claim("homeOrg")
                        .written("org")
                        .aliases(&["org"])
                        .range(__rt::Range::new(__rt::Some(-1), __rt::Some(ORGS), false)),
                ],
            );
        type At<'__de> = Access;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        home_org: __rt::Slot<Org>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Access {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots { home_org: __rt::empty() }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <Org as __rt::Own<'_, _>>::fill(&mut __s.home_org, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(home_org_),) = (
                <Org as __rt::Own<'_, _>>::require(__s.home_org, "homeOrg", __err),
            ) else { return __rt::None };
            __rt::Some(Self { home_org: home_org_ })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            __rt::unless(
                Org::is_own(&self.home_org),
                || <Org as __rt::Own<'_, _>>::put(__out, "org", &self.home_org),
            )
        }
    }
    impl __rt::OwnedClaims for Access {}
};
