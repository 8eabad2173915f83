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
