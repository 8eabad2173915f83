const _: () = {
    use ::session_runtime::__private as __rt;
    /// - may have `exp`, and then lives at most 24 h
    /// - passes `Plan::is_live` with `plan`
    #[automatically_derived]
    impl __rt::ClaimsType for Foreign {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::untyped()
            .never_expires()
            .checks(&[("plan", "Plan::is_live")])
            .claims(&[__rt::claim("plan"), __rt::claim("digest"), __rt::claim("type")]);
        type At<'__de> = Foreign;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        plan: __rt::Slot<Plan>,
        digest: __rt::Slot<[u8; 32]>,
        r#type: __rt::Slot<String>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Foreign {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                plan: __rt::empty(),
                digest: __rt::empty(),
                r#type: __rt::empty(),
            }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <Plan as __rt::Own<'_>>::fill(&mut __s.plan, __raw),
                1 => {
                    __rt::fill_with::<
                        [u8; 32],
                        _,
                    >(&mut __s.digest, __raw, hex::deserialize)
                }
                2 => <String as __rt::Own<'_>>::fill(&mut __s.r#type, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let plan_ = __rt::or_else::<Plan>(__s.plan, Plan::free);
            let digest_ = __rt::require_with::<[u8; 32]>(__s.digest, "digest", __err);
            let seen_ = __rt::or_default::<bool>(__rt::empty());
            let type_ = <String as __rt::Own<'_>>::require(__s.r#type, "type", __err);
            __rt::Some(Self {
                plan: plan_?,
                digest: digest_?,
                seen: seen_?,
                r#type: type_?,
            })
        }
        #[inline]
        fn check(&self, __context: &Self::Context, __err: &mut __rt::Errors) {
            __rt::check(__err, "plan", Plan::is_live(&self.plan));
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <Plan as __rt::Own<'_>>::put(__out, "plan", &self.plan)?;
            __rt::put_with(
                __out,
                "digest",
                |__serializer| hex::serialize(&self.digest, __serializer),
            )?;
            <String as __rt::Own<'_>>::put(__out, "type", &self.r#type)?;
            __rt::Ok(())
        }
    }
    #[automatically_derived]
    impl __rt::OwnedClaims for Foreign {}
    const _: () = <Foreign as __rt::ClaimsType>::SCHEMA.assert_lifetimes();
};
