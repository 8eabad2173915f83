const _: () = {
    use ::session_runtime::__private as __rt;
    /// - says `typ` `at+jwt`
    /// - has `exp` and lives at most 24 h; one that is issued lives 15 min
    #[automatically_derived]
    impl __rt::ClaimsType for Access {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::new("at+jwt")
            .ttl(__rt::Duration::from_secs(900))
            .claims(&[__rt::claim("https://example.com/pin").confidential()]);
        type At<'__de> = Access;
        type Context = ();
        type Exposure = __rt::Confidential;
        type Formats = __Formats;
    }
    pub struct __Formats;
    impl __rt::Among<__Formats> for V4Local {}
    const _: () = __rt::encrypts::<V4Local>();
    impl __rt::Among<__Formats> for V3Local {}
    const _: () = __rt::encrypts::<V3Local>();
    pub struct __Slots {
        pin: __rt::Slot<Secret<String>>,
    }
    #[automatically_derived]
    impl<'__de> __rt::Claims<'__de> for Access {
        type Slots = __Slots;
        #[inline]
        fn slots() -> Self::Slots {
            __Slots { pin: __rt::empty() }
        }
        #[inline]
        fn read(__s: &mut Self::Slots, __raw: __rt::Raw<'__de>) -> __rt::Option<()> {
            match __raw.claim() {
                0 => <Secret<String> as __rt::Hidden<'_, _>>::fill(&mut __s.pin, __raw),
                _ => __rt::None,
            }
        }
        #[inline]
        fn build(__s: Self::Slots, __err: &mut __rt::Errors) -> __rt::Option<Self> {
            let (__rt::Some(pin_),) = (
                <Secret<
                    String,
                > as __rt::Hidden<
                    '_,
                    _,
                >>::require(__s.pin, "https://example.com/pin", __err),
            ) else { return __rt::None };
            __rt::Some(Self { pin: pin_ })
        }
        #[inline]
        fn write(&self, __out: &mut __rt::Writer<'_>) -> __rt::Written {
            <Secret<
                String,
            > as __rt::Hidden<'_, _>>::put(__out, "https://example.com/pin", &self.pin)
        }
    }
    impl __rt::OwnedClaims for Access {}
};
