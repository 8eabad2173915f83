const _: () = {
    use ::session_runtime::__private as __rt;
    #[allow(unused_imports)]
    use __rt::Unbounded as _;
    /// - says `typ` `at+jwt`
    /// - is issued by `https://id.example`
    /// - is for `orders` or `billing`
    /// - has `exp` and lives at most 36 h; one that is issued lives 15 min
    /// - has no claim that the type does not name
    /// - has `plan` only as `free` or `team`
    /// - has `level` only from 1 to 9
    /// - has `name` of at most 64 bytes
    /// - passes `is_short` with `plan`
    #[automatically_derived]
    impl __rt::ClaimsType for Bounded {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .issuer("https://id.example")
            .audience(&["orders", "billing"])
            .ttl(__rt::Duration::from_secs(900))
            .max_ttl(__rt::Duration::from_secs(129600))
            .leeway(__rt::Duration::from_secs(0))
            .deny_unknown()
            .checks(&[("plan", "is_short")])
            .claims(
                &[
                    __rt::claim("plan")
                        .one_of(&["free", "team"])
                        .widest(<__rt::Width<String>>::MAX),
                    __rt::claim("level")
                        .range(__rt::Range::new(__rt::Some(1), __rt::Some(9), false))
                        .widest(<__rt::Width<Option<u8>>>::MAX),
                    __rt::claim("name").max_len(64),
                ],
            );
        type At<'__de> = Bounded;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        plan: __rt::Slot<String>,
        level: __rt::Slot<Option<u8>>,
        name: __rt::Slot<String>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Bounded {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                plan: __rt::empty(),
                level: __rt::empty(),
                name: __rt::empty(),
            }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <String as __rt::Own<'_>>::fill(&mut __s.plan, __raw),
                1 => <Option<u8> as __rt::Own<'_>>::fill(&mut __s.level, __raw),
                2 => <String as __rt::Own<'_>>::fill(&mut __s.name, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let plan_ = <String as __rt::Own<'_>>::require(__s.plan, "plan", __err);
            let level_ = <Option<
                u8,
            > as __rt::Own<'_>>::require(__s.level, "level", __err);
            let name_ = __rt::or_default::<String>(__s.name);
            __rt::Some(Self {
                plan: plan_?,
                level: level_?,
                name: name_?,
            })
        }
        #[inline]
        fn check(&self, __context: &Self::Context, __err: &mut __rt::Errors) {
            __rt::check(__err, "plan", is_short(&self.plan));
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <String as __rt::Own<'_>>::put(__out, "plan", &self.plan)?;
            <Option<u8> as __rt::Own<'_>>::put(__out, "level", &self.level)?;
            <String as __rt::Own<'_>>::put(__out, "name", &self.name)?;
            __rt::Ok(())
        }
    }
    #[automatically_derived]
    impl __rt::OwnedClaims for Bounded {}
    const _: () = <Bounded as __rt::ClaimsType>::SCHEMA.assert_lifetimes();
};
