//! The promises of a revocation log, held by the logs that need no server; and logs that break one, each of which is caught.

use session_runtime::{
    SystemClock,
    revocation::{MemoryRevocations, SqliteRevocations},
    testing::SharedRevocations,
};

mod broken;
mod caught;
mod fault;
mod lying;

mod in_memory {
    use super::*;

    session_runtime::revocation_store_conformance! {
        fresh: MemoryRevocations::new().unwrap(),
    }
}

mod in_sqlite {
    use super::*;

    session_runtime::revocation_store_conformance! {
        fresh: {
            let folder = tempfile::tempdir().unwrap();
            (SqliteRevocations::open(folder.path().join("revocations.db")).await.unwrap(), folder)
        },
    }
}

/// A shared log, and the hand that gives it commands.
fn shared() -> (SharedRevocations, SharedRevocations) {
    let store = SharedRevocations::new(SystemClock);
    (store.clone(), store)
}

mod shared_that_loses_everything {
    use super::*;

    session_runtime::revocation_store_conformance! {
        fresh: shared(),
        loses: async |store: &SharedRevocations| store.lose_everything(),
        trims: async |store: &SharedRevocations| store.trim(2),
    }
}

mod shared_that_restarts {
    use super::*;

    session_runtime::revocation_store_conformance! {
        fresh: shared(),
        loses: async |store: &SharedRevocations| store.restart(),
    }
}

/// In small pages, most of it out of order, behind a clock that is wrong, and with copies that are behind.
mod shared_that_fails_over {
    use super::*;

    session_runtime::revocation_store_conformance! {
        fresh: {
            let (store, around) = shared();
            around.pages_of(3);
            around.keep_in_order(5);
            around.skew(-3_600);
            (store, around)
        },
        loses: async |store: &SharedRevocations| store.lose_last(2),
        trims: async |store: &SharedRevocations| store.trim(0),
    }
}
