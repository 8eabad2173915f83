const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `at+jwt`
    /// - has `exp` and lives at most 24 h
    #[automatically_derived]
    impl __rt::ClaimsType for Everything {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .claims(
                &[
                    __rt::ISS,
                    __rt::SUB,
                    __rt::AUD,
                    __rt::EXP,
                    __rt::NBF,
                    __rt::IAT,
                    __rt::JTI,
                ],
            );
        type At<'__de> = Everything;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        issuer: __rt::Slot<String>,
        subject: __rt::Slot<String>,
        audience: __rt::Slot<Audience>,
        expires_at: __rt::Slot<Timestamp>,
        not_before: __rt::Slot<Option<Timestamp>>,
        issued_at: __rt::Slot<u64>,
        id: __rt::Slot<TokenId>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Everything {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                issuer: __rt::empty(),
                subject: __rt::empty(),
                audience: __rt::empty(),
                expires_at: __rt::empty(),
                not_before: __rt::empty(),
                issued_at: __rt::empty(),
                id: __rt::empty(),
            }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <String as __rt::Iss<'_>>::fill(&mut __s.issuer, __raw),
                1 => <String as __rt::Sub<'_>>::fill(&mut __s.subject, __raw),
                2 => <Audience as __rt::Aud>::fill(&mut __s.audience, __raw),
                3 => <Timestamp as __rt::Exp>::fill(&mut __s.expires_at, __raw),
                4 => <Option<Timestamp> as __rt::Nbf>::fill(&mut __s.not_before, __raw),
                5 => <u64 as __rt::Iat>::fill(&mut __s.issued_at, __raw),
                6 => <TokenId as __rt::Jti<'_>>::fill(&mut __s.id, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let issuer_ = <String as __rt::Iss<'_>>::require(__s.issuer, "iss", __err);
            let subject_ = <String as __rt::Sub<'_>>::require(__s.subject, "sub", __err);
            let audience_ = <Audience as __rt::Aud>::require(__s.audience, "aud", __err);
            let expires_at_ = <Timestamp as __rt::Exp>::require(
                __s.expires_at,
                "exp",
                __err,
            );
            let not_before_ = <Option<
                Timestamp,
            > as __rt::Nbf>::require(__s.not_before, "nbf", __err);
            let issued_at_ = <u64 as __rt::Iat>::require(__s.issued_at, "iat", __err);
            let id_ = <TokenId as __rt::Jti<'_>>::require(__s.id, "jti", __err);
            __rt::Some(Self {
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
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <String as __rt::Iss<'_>>::put(__out, "iss", &self.issuer)?;
            <String as __rt::Sub<'_>>::put(__out, "sub", &self.subject)?;
            <Audience as __rt::Aud>::put(__out, "aud", &self.audience)?;
            <Timestamp as __rt::Exp>::put(__out, "exp", &self.expires_at)?;
            <Option<Timestamp> as __rt::Nbf>::put(__out, "nbf", &self.not_before)?;
            <u64 as __rt::Iat>::put(__out, "iat", &self.issued_at)?;
            <TokenId as __rt::Jti<'_>>::put(__out, "jti", &self.id)?;
            __rt::Ok(())
        }
    }
    #[automatically_derived]
    impl __rt::OwnedClaims for Everything {}
    const _: () = <Everything as __rt::ClaimsType>::SCHEMA.assert_lifetimes();
};
