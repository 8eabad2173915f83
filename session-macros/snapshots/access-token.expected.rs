const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `at+jwt`
    /// - is issued by `https://id.example`
    /// - is for `orders`
    /// - has `exp` and lives at most 24 h; one that is issued lives 15 min
    #[automatically_derived]
    impl __rt::ClaimsType for Access {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .issuer("https://id.example")
            .audience(&["orders"])
            .ttl(__rt::Duration::from_secs(900))
            .claims(&[__rt::SUB, __rt::claim("tenant")]);
        type At<'__de> = Access;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        user: __rt::Slot<UserId>,
        org: __rt::Slot<Option<Org>>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Access {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                user: __rt::empty(),
                org: __rt::empty(),
            }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <UserId as __rt::Sub<'_, _>>::fill(&mut __s.user, __raw),
                1 => <Option<Org> as __rt::Own<'_, _>>::fill(&mut __s.org, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(user_), __rt::Some(org_)) = (
                <UserId as __rt::Sub<'_, _>>::require(__s.user, "sub", __err),
                __rt::or_default::<Option<Org>>(__s.org),
            ) else { return __rt::None };
            __rt::Some(Self { user: user_, org: org_ })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <UserId as __rt::Sub<'_, _>>::put(__out, "sub", &self.user)?;
            <Option<Org> as __rt::Own<'_, _>>::put(__out, "tenant", &self.org)
        }
    }
    impl __rt::OwnedClaims for Access {}
};
