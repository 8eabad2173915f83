const _: () = {
    use ::session_runtime::__private as __session;
    #[automatically_derived]
    impl __session::ClaimsType for Everything {
        const SCHEMA: &'static __session::Schema = &__session::Schema::new("at+jwt")
            .claims(
                &[
                    __session::Spec::role(__session::Role::Issuer),
                    __session::Spec::role(__session::Role::Subject),
                    __session::Spec::role(__session::Role::Audience),
                    __session::Spec::role(__session::Role::Expires),
                    __session::Spec::role(__session::Role::NotBefore),
                    __session::Spec::role(__session::Role::IssuedAt),
                    __session::Spec::role(__session::Role::TokenId),
                ],
            );
        type At<'__de> = Everything;
    }
    pub struct __Slots {
        issuer: __session::Slot<String>,
        subject: __session::Slot<String>,
        audience: __session::Slot<Audience>,
        expires_at: __session::Slot<Timestamp>,
        not_before: __session::Slot<Option<Timestamp>>,
        issued_at: __session::Slot<u64>,
        id: __session::Slot<TokenId>,
    }
    #[automatically_derived]
    impl<'__de> __session::Claims<'__de> for Everything {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                issuer: __session::Slot::EMPTY,
                subject: __session::Slot::EMPTY,
                audience: __session::Slot::EMPTY,
                expires_at: __session::Slot::EMPTY,
                not_before: __session::Slot::EMPTY,
                issued_at: __session::Slot::EMPTY,
                id: __session::Slot::EMPTY,
            }
        }
        #[inline]
        fn read(
            __slots: &mut Self::Slots,
            __claim: __session::usize,
            __value: __session::Raw<'__de>,
        ) -> __session::Option<()> {
            match __claim {
                0 => __session::fill::<String>(&mut __slots.issuer, __value),
                1 => __session::fill::<String>(&mut __slots.subject, __value),
                2 => __session::fill_audience::<Audience>(&mut __slots.audience, __value),
                3 => {
                    __session::fill_time::<
                        Timestamp,
                    >(&mut __slots.expires_at, __value, __session::Role::Expires)
                }
                4 => {
                    __session::fill_time::<
                        Option<Timestamp>,
                    >(&mut __slots.not_before, __value, __session::Role::NotBefore)
                }
                5 => {
                    __session::fill_time::<
                        u64,
                    >(&mut __slots.issued_at, __value, __session::Role::IssuedAt)
                }
                6 => __session::fill::<TokenId>(&mut __slots.id, __value),
                _ => __session::None,
            }
        }
        #[inline]
        fn build(
            __slots: Self::Slots,
            __errors: &mut __session::ClaimErrors,
        ) -> __session::Option<Self> {
            let issuer_ = __session::require::<String>(__slots.issuer, "iss", __errors);
            let subject_ = __session::require::<
                String,
            >(__slots.subject, "sub", __errors);
            let audience_ = __session::require_audience::<
                Audience,
            >(__slots.audience, "aud", __errors);
            let expires_at_ = __session::require_time::<
                Timestamp,
            >(__slots.expires_at, "exp", __errors);
            let not_before_ = __session::require_time::<
                Option<Timestamp>,
            >(__slots.not_before, "nbf", __errors);
            let issued_at_ = __session::require_time::<
                u64,
            >(__slots.issued_at, "iat", __errors);
            let id_ = __session::require::<TokenId>(__slots.id, "jti", __errors);
            __session::Some(Self {
                issuer: issuer_?,
                subject: subject_?,
                audience: audience_?,
                expires_at: expires_at_?,
                not_before: not_before_?,
                issued_at: issued_at_?,
                id: id_?,
            })
        }
        #[inline]
        fn check(&self, __errors: &mut __session::ClaimErrors) {}
        #[inline]
        fn write(
            &self,
            __out: &mut __session::Writer<'_>,
        ) -> __session::Result<(), __session::IssueError> {
            __session::put_text::<String>(__out, __session::Role::Issuer, &self.issuer)?;
            __session::put_text::<
                String,
            >(__out, __session::Role::Subject, &self.subject)?;
            __session::put_audience::<Audience>(__out, &self.audience)?;
            __session::put_time::<
                Timestamp,
            >(__out, __session::Role::Expires, &self.expires_at)?;
            __session::put_time::<
                Option<Timestamp>,
            >(__out, __session::Role::NotBefore, &self.not_before)?;
            __session::put_time::<
                u64,
            >(__out, __session::Role::IssuedAt, &self.issued_at)?;
            __session::put_text::<TokenId>(__out, __session::Role::TokenId, &self.id)?;
            __session::Ok(())
        }
    }
    #[automatically_derived]
    impl __session::OwnedClaims for Everything {}
    const _: () = <Everything as __session::ClaimsType>::SCHEMA.assert_lifetimes();
};
