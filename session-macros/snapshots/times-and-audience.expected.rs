const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `at+jwt`
    /// - has `exp` and lives at most 24 h
    #[automatically_derived]
    impl __rt::ClaimsType for Dated {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .claims(&[__rt::EXP, __rt::IAT, __rt::AUD]);
        type At<'__de> = Dated;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        until: __rt::Slot<DateTime<Utc>>,
        issued_at: __rt::Slot<u64>,
        audience: __rt::Slot<Audience>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Dated {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                until: __rt::empty(),
                issued_at: __rt::empty(),
                audience: __rt::empty(),
            }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <DateTime<Utc> as __rt::Exp>::fill(&mut __s.until, __raw),
                1 => <u64 as __rt::Iat>::fill(&mut __s.issued_at, __raw),
                2 => <Audience as __rt::Aud>::fill(&mut __s.audience, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(until_), __rt::Some(issued_at_), __rt::Some(audience_)) = (
                <DateTime<Utc> as __rt::Exp>::require(__s.until, "exp", __err),
                <u64 as __rt::Iat>::require(__s.issued_at, "iat", __err),
                <Audience as __rt::Aud>::require(__s.audience, "aud", __err),
            ) else { return __rt::None };
            __rt::Some(Self {
                until: until_,
                issued_at: issued_at_,
                audience: audience_,
            })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <DateTime<Utc> as __rt::Exp>::put(__out, "exp", &self.until)?;
            <u64 as __rt::Iat>::put(__out, "iat", &self.issued_at)?;
            <Audience as __rt::Aud>::put(__out, "aud", &self.audience)
        }
    }
    impl __rt::OwnedClaims for Dated {}
};
