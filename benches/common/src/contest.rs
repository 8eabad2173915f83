//! Who is measured: groups of contestants that do the same work.

use std::{error::Error, fmt::Debug, hint::black_box};

pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Our own contestant, as most users call it.
pub const OURS: &str = "session-runtime";
/// Our own contestant, whose struct borrows its texts from the token.
pub const BORROWED: &str = "session-runtime borrowed";
/// The bare cryptography.
pub const RAW: &str = "raw";

/// Does the work once.
pub type Work = Box<dyn FnMut()>;

/// One of those who do the same work.
pub struct Contestant {
    pub name: &'static str,
    pub run: Work,
}

impl Contestant {
    pub fn is_peer(&self) -> bool {
        ![OURS, BORROWED, RAW].contains(&self.name)
    }
}

/// One format in one direction.
pub struct Group {
    pub name: String,
    pub contestants: Vec<Contestant>,
}

/// One contestant in one format, in both directions; a struct that borrows is only ever verified.
pub struct Entry {
    pub name: &'static str,
    pub verify: Option<Work>,
    pub issue: Option<Work>,
}

impl Entry {
    pub fn new<V: 'static, I: 'static, E: Debug + 'static, D: Debug + 'static>(
        name: &'static str,
        verify: impl FnMut() -> Result<V, E> + 'static,
        issue: impl FnMut() -> Result<I, D> + 'static,
    ) -> Self {
        Self { name, verify: Some(checked(name, verify)), issue: Some(checked(name, issue)) }
    }
}

/// Every run is checked, since a failure would be fast.
pub fn checked<T: 'static, E: Debug + 'static>(name: &'static str, mut run: impl FnMut() -> Result<T, E> + 'static) -> Work {
    Box::new(move || {
        if let Err(error) = black_box(run()) {
            panic!("{name} failed: {error:?}");
        }
    })
}
