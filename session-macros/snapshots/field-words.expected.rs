const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl __session::ClaimsType for Foreign {
        const SCHEMA: &'static __session::Schema = &__session::Schema::untyped()
            .never_expires()
            .claims(
                &[
                    __session::Spec::custom("plan"),
                    __session::Spec::custom("digest"),
                    __session::Spec::custom("type"),
                ],
            );
        type At<'__de> = Foreign;
    }
    pub struct __Slots {
        plan: __session::Slot<Plan>,
        digest: __session::Slot<[u8; 32]>,
        r#type: __session::Slot<String>,
    }
    #[automatically_derived]
    impl<'__de> __session::Claims<'__de> for Foreign {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                plan: __session::Slot::EMPTY,
                digest: __session::Slot::EMPTY,
                r#type: __session::Slot::EMPTY,
            }
        }
        #[inline]
        fn read(
            __slots: &mut Self::Slots,
            __claim: __session::usize,
            __value: __session::Raw<'__de>,
        ) -> __session::Option<()> {
            match __claim {
                0 => __session::fill::<Plan>(&mut __slots.plan, __value),
                1 => {
                    __session::fill_with::<
                        [u8; 32],
                        _,
                    >(&mut __slots.digest, __value, hex::deserialize)
                }
                2 => __session::fill::<String>(&mut __slots.r#type, __value),
                _ => __session::None,
            }
        }
        #[inline]
        fn build(
            __slots: Self::Slots,
            __errors: &mut __session::ClaimErrors,
        ) -> __session::Option<Self> {
            let plan_ = __session::or_else::<Plan>(__slots.plan, Plan::free);
            let digest_ = __session::require_with::<
                [u8; 32],
            >(__slots.digest, "digest", __errors);
            let seen_ = __session::or_default::<bool>(__session::Slot::EMPTY);
            let type_ = __session::require::<String>(__slots.r#type, "type", __errors);
            __session::Some(Self {
                plan: plan_?,
                digest: digest_?,
                seen: seen_?,
                r#type: type_?,
            })
        }
        #[inline]
        fn check(&self, __errors: &mut __session::ClaimErrors) {
            __session::check(__errors, "plan", Plan::is_live(&self.plan));
        }
        #[inline]
        fn write(
            &self,
            __out: &mut __session::Writer<'_>,
        ) -> __session::Result<(), __session::IssueError> {
            __session::put::<Plan>(__out, "plan", &self.plan)?;
            __session::put_with(
                __out,
                "digest",
                |__serializer| hex::serialize(&self.digest, __serializer),
            )?;
            __session::put::<String>(__out, "type", &self.r#type)?;
            __session::Ok(())
        }
    }
    #[automatically_derived]
    impl __session::OwnedClaims for Foreign {}
    const _: () = <Foreign as __session::ClaimsType>::SCHEMA.assert_lifetimes();
};
