const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl __session::ClaimsType for Access {
        const SCHEMA: &'static __session::Schema = &__session::Schema::new("at+jwt")
            .issuer("https://id.example")
            .audience(&["orders"])
            .ttl(__session::Duration::from_secs(900))
            .claims(
                &[
                    __session::Spec::role(__session::Role::Subject),
                    __session::Spec::custom("tenant"),
                    __session::Spec::custom("org"),
                ],
            );
        type At<'__de> = Access;
    }
    pub struct __Slots {
        user: __session::Slot<UserId>,
        tenant: __session::Slot<String>,
        organisation: __session::Slot<Option<String>>,
    }
    #[automatically_derived]
    impl<'__de> __session::Claims<'__de> for Access {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                user: __session::Slot::EMPTY,
                tenant: __session::Slot::EMPTY,
                organisation: __session::Slot::EMPTY,
            }
        }
        #[inline]
        fn read(
            __slots: &mut Self::Slots,
            __claim: __session::usize,
            __value: __session::Raw<'__de>,
        ) -> __session::Option<()> {
            match __claim {
                0 => __session::fill::<UserId>(&mut __slots.user, __value),
                1 => __session::fill::<String>(&mut __slots.tenant, __value),
                2 => {
                    __session::fill::<Option<String>>(&mut __slots.organisation, __value)
                }
                _ => __session::None,
            }
        }
        #[inline]
        fn build(
            __slots: Self::Slots,
            __errors: &mut __session::ClaimErrors,
        ) -> __session::Option<Self> {
            let user_ = __session::require::<UserId>(__slots.user, "sub", __errors);
            let tenant_ = __session::require::<
                String,
            >(__slots.tenant, "tenant", __errors);
            let organisation_ = __session::or_default::<
                Option<String>,
            >(__slots.organisation);
            __session::Some(Self {
                user: user_?,
                tenant: tenant_?,
                organisation: organisation_?,
            })
        }
        #[inline]
        fn check(&self, __errors: &mut __session::ClaimErrors) {}
        #[inline]
        fn write(
            &self,
            __out: &mut __session::Writer<'_>,
        ) -> __session::Result<(), __session::IssueError> {
            __session::put_text::<UserId>(__out, __session::Role::Subject, &self.user)?;
            __session::put::<String>(__out, "tenant", &self.tenant)?;
            __session::put::<Option<String>>(__out, "org", &self.organisation)?;
            __session::Ok(())
        }
    }
    #[automatically_derived]
    impl __session::OwnedClaims for Access {}
    const _: () = <Access as __session::ClaimsType>::SCHEMA.assert_lifetimes();
};
