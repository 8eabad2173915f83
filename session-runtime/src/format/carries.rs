//! Which format may carry which claims, as bounds, so that a wrong ring is a compiler error on the ring.

use super::{
    Format,
    paseto::{V3Local, V4Local},
};
use crate::claims::{AnyFormat, Confidential, Open};

/// A format that may carry claims of this exposure: every format for [`Open`] ones, the encrypted ones for [`Confidential`] ones.
#[diagnostic::on_unimplemented(
    message = "confidential claims need an encrypted format",
    label = "`{Self}` is signed, and everybody who sees such a token reads its claims",
    note = "use a ring of `V4Local` or `V3Local`, or take `confidential` off the fields that everybody may read"
)]
pub trait Carries<Exposure>: Format {}

impl<F: Format> Carries<Open> for F {}
impl Carries<Confidential> for V4Local {}
impl Carries<Confidential> for V3Local {}

/// A format that a claims type names in `format`, or any where it names none.
#[diagnostic::on_unimplemented(
    message = "these claims may not be carried by `{Self}`",
    note = "`#[claims(format = …)]` on the struct names the formats that may carry it"
)]
pub trait Among<Formats>: Format {}

impl<F: Format> Among<AnyFormat> for F {}
