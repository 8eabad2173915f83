//! All that generated code may call. Not part of the public interface: it changes with the derive, in the same release.

pub use core::{
    default::Default,
    marker::PhantomData,
    option::Option::{self, None, Some},
    primitive::usize,
    result::Result::{self, Ok},
    time::Duration,
};

pub use crate::{
    claims::{
        Claims, ClaimsType, OwnedClaims, Raw, Role, Schema, Slot, Spec, Writer, check, fill, fill_audience, fill_time, fill_with,
        or_default, or_else, put, put_audience, put_text, put_time, put_with, require, require_audience, require_time, require_with,
    },
    error::{ClaimErrors, IssueError},
};

/// What a type parameter of claims has to be. A re-export of serde's traits would become their name in compiler messages.
pub trait Value: serde::Serialize + serde::de::DeserializeOwned {}

impl<T: serde::Serialize + serde::de::DeserializeOwned> Value for T {}
