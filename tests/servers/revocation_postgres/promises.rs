//! The promises of every log, for a server that came without its data and for one that another one took the place of.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use session_tests::needs::Unmet;

use super::*;

mod emptied {
    use super::*;

    session_runtime::revocation_store_conformance! {
        fresh: require!(Schema::store().await),
        loses: async |schema: &Schema| schema.query("truncate {}.session_revocations, {}.session_revocations_log"),
        breaks: async |schema: &Schema| {
            schema.query("update {}.session_revocations set word = 'device' where position = (select min(position) from {}.session_revocations)");
        },
    }
}

mod another_server {
    use super::*;

    session_runtime::revocation_store_conformance! {
        fresh: require!(Schema::store().await),
        loses: async |schema: &Schema| schema.query("update {}.session_revocations_log set server = 'another'"),
    }
}

/// An empty schema of a server that the promises share, since one takes seconds to make.
struct Schema {
    server: Arc<Postgres>,
    name: String,
}

impl Schema {
    async fn store() -> Result<(PostgresRevocations, Self), Unmet> {
        let schema = Self::new()?;
        let url = format!("{}?options=-csearch_path%3D{}", schema.server.url(), schema.name);
        let store = PostgresRevocations::connect(&url).await.unwrap().with_deadline(Duration::from_secs(20));
        Ok((store, schema))
    }

    fn new() -> Result<Self, Unmet> {
        static SERVER: Mutex<(Weak<Postgres>, u32)> = Mutex::new((Weak::new(), 0));
        let mut shared = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
        // It is gone with the last test that uses it.
        let server = match shared.0.upgrade() {
            Some(server) => server,
            None => Arc::new(Postgres::start()?),
        };
        *shared = (Arc::downgrade(&server), shared.1 + 1);
        let name = format!("promise_{}", shared.1);
        server.query(&format!("create schema {name}")).map_err(Unmet::Broken)?;
        Ok(Self { server, name })
    }

    fn query(&self, sql: &str) {
        self.server.query(&sql.replace("{}", &self.name)).unwrap();
    }
}
