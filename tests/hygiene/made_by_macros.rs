//! Tokens of a struct may come from two places, which do not see each other's local variables.

macro_rules! tokens {
    ($($name:ident lives $ttl:literal for $audience:expr => { $($field:ident: $ty:ty = $wire:literal),* } checked by $check:path;)*) => { $(
        #[derive(session_runtime::Claims)]
        #[claims(token_type = "at+jwt", ttl = $ttl, audience = $audience)]
        struct $name {
            #[claim(sub)]
            user: String,
            $(#[claim(rename = $wire, check = $check, default)] $field: $ty,)*
        }

        const _: () = crate::owned::<$name>();
    )* };
}

tokens! {
    Short lives "1m" for "orders" => { name: Text = "n", r#type: Text = "t" } checked by is_short;
    Long lives "1h" for "billing" => { name: Text = "n" } checked by wide::is_short;
}

macro_rules! borrowed {
    ($name:ident<$a:lifetime> { $field:ident: $ty:ty }) => {
        #[derive(session_runtime::Claims)]
        #[claims(untyped, never_expires)]
        struct $name<$a> {
            $field: $ty,
        }

        const _: () = crate::claims_type::<$name<'static>>();
    };
}

borrowed!(Borrowed<'t> { text: &'t str });

macro_rules! shaped {
    (
        $name:ident of $version:literal after $older:ty; in $format:ty; with $context:ty; $namespace:literal;
        $object:literal / $nested:ident: $ty:ty = $default:expr, $least:literal to $most:expr, $skip:path;
        $plan:ident in $($text:expr)+, $length:expr; $rest:ident: $map:ty; checked by $check:path
    ) => {
        #[derive(session_runtime::Claims)]
        #[claims(token_type = "at+jwt", ttl = "15m", version($version, from = $older), format = $format, context = $context)]
        #[claims(namespace = $namespace, check = $check)]
        struct $name {
            #[claim(path($object, "inside"), range = $least..=$most, default = $default, skip_if = $skip)]
            $nested: $ty,
            #[claim(one_of($($text),+), max_len = $length, confidential)]
            $plan: Text,
            #[claim(flatten)]
            $rest: $map,
        }

        const _: () = crate::owned::<$name>();
    };
}

shaped! {
    Shaped of 2 after Before; in session_runtime::paseto::V4Local; with Tenant; "https://example.com/";
    "object" / r#type: i64 = one, 1 to MOST, is_one;
    plan in "free" PAID, 4; others: std::collections::BTreeMap<String, String>; checked by Shaped::is_whole
}

#[derive(session_runtime::Claims)]
#[claims(token_type = "at+jwt", ttl = "15m", context = Tenant, check = Before::is_whole)]
struct Before {}

impl Before {
    const fn is_whole(&self, Tenant: &Tenant) -> bool {
        let Self {} = self;
        true
    }
}

struct Tenant;

impl From<Before> for Shaped {
    fn from(Before {}: Before) -> Self {
        Self { r#type: 1, plan: Text::default(), others: std::collections::BTreeMap::new() }
    }
}

impl Shaped {
    const fn is_whole(&self, Tenant: &Tenant) -> bool {
        self.r#type < MOST
    }
}

const MOST: i64 = 9;
const PAID: &str = "paid";

const fn one() -> i64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "`skip_if` gives a reference")]
const fn is_one(number: &i64) -> bool {
    *number == 1
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Text(String);

const fn is_short(text: &Text) -> bool {
    text.0.len() < 9
}

mod wide {
    pub(super) const fn is_short(text: &super::Text) -> bool {
        super::is_short(text)
    }
}
