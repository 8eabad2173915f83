const _: () = {
    use ::session_runtime::__private as __rt;
    /// - has `exp` and lives at most 24 h; one that is issued lives 15 min
    #[automatically_derived]
    impl __rt::ClaimsType for Signed {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::untyped()
            .ttl(__rt::Duration::from_secs(900))
            .claims(&[__rt::SUB, __rt::JTI, __rt::SID]);
        type At<'__de> = Signed;
        type Context = ();
        type Exposure = __rt::Open;
        type Formats = __rt::AnyFormat;
    }
    pub struct __Slots {
        user: __rt::Slot<Id>,
        id: __rt::Slot<Id>,
        on: __rt::Slot<Id>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Signed {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots {
                user: __rt::empty(),
                id: __rt::empty(),
                on: __rt::empty(),
            }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <Id as __rt::Sub<'_, _>>::fill(&mut __s.user, __raw),
                1 => <Id as __rt::Jti<'_, _>>::fill(&mut __s.id, __raw),
                2 => <Id as __rt::Sid<'_, _>>::fill(&mut __s.on, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(user_), __rt::Some(id_), __rt::Some(on_)) = (
                <Id as __rt::Sub<'_, _>>::require(__s.user, "sub", __err),
                <Id as __rt::Jti<'_, _>>::require(__s.id, "jti", __err),
                <Id as __rt::Sid<'_, _>>::require(__s.on, "sid", __err),
            ) else { return __rt::None };
            __rt::Some(Self {
                user: user_,
                id: id_,
                on: on_,
            })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <Id as __rt::Sub<'_, _>>::put(__out, "sub", &self.user)?;
            <Id as __rt::Jti<'_, _>>::put(__out, "jti", &self.id)?;
            <Id as __rt::Sid<'_, _>>::put(__out, "sid", &self.on)
        }
    }
    impl __rt::OwnedClaims for Signed {}
};
