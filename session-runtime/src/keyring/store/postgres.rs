//! Rings in PostgreSQL, for services of several nodes.

use std::{fmt, time::Duration};

use sqlx::{Connection, PgConnection, Row as _, postgres::PgConnectOptions};
use zeroize::Zeroizing;

use super::{
    BoxFuture, KeyStore, StoredRing,
    rows::{Row, Rows, Table, signed, unsigned},
};
use crate::{
    database::{
        Connects, DEADLINE, Fault, in_time,
        postgres::{self, Tables},
    },
    error::StoreError,
};

const NAME: &str = "the key store in PostgreSQL";
const TABLES: Tables = Tables {
    store: NAME,
    schema: include_str!("postgres/schema_1.sql"),
    version: 1,
    version_table: "session_keys_schema",
    // "skey".
    lock: 0x736b_6579,
};

/// Keeps rings in PostgreSQL, in the tables `session_keys` and `session_keys_schema` of the first schema in the role's search path.
///
/// They are made by whoever connects first and may make tables; afterwards `SELECT`, `INSERT` and `UPDATE` on `session_keys` and `SELECT` on
/// `session_keys_schema` are enough, and `SELECT` alone for a service that only verifies. A ring is durable when a change is reported as
/// done if the server's `fsync` and `synchronous_commit` are on, as they are unless somebody turned them off; the store looks when it connects,
/// and warns (`tracing`). Whoever can write the table can
/// make verifiers trust another key.
///
/// Off the machine, TLS with `sslmode=verify-full` is required. Roots are those of Mozilla's list and what `sslrootcert` names.
///
/// Every call has a deadline of 5 s, see [`with_deadline`](Self::with_deadline). A cheap clone, so that several rings may share one
/// connection, which is made anew when it was lost.
///
/// # Example
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use session_runtime::{KeyRing, keyring::{LocalKek, PostgresKeys}, paseto::V4Local};
///
/// let url = "postgres://orders:secret@db.example/orders?sslmode=verify-full&sslrootcert=/etc/ssl/db-ca.pem";
/// let store = PostgresKeys::connect(url).await?;
/// let ring = KeyRing::<V4Local>::builder().open(store, LocalKek::from_file("/run/secrets/kek")?).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Example: an address without TLS
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use session_runtime::{error::StoreError, keyring::PostgresKeys};
///
/// let refused = PostgresKeys::connect("postgres://orders:secret@db.example/orders").await.unwrap_err();
/// assert!(matches!(refused, StoreError::Misconfigured { .. }));
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresKeys(Rows<Server>);

impl PostgresKeys {
    /// Connects to the database at `url` (`postgres://user:password@host:port/database?sslmode=verify-full`) and makes the tables when they
    /// are not there.
    ///
    /// Without TLS it connects to the loopback interface (`localhost`, 127.0.0.0/8, ::1) and to Unix sockets only.
    ///
    /// # Errors
    /// * [`StoreError::Misconfigured`] when the address is not understood, or leads off the machine without `sslmode=verify-full`.
    /// * [`StoreError::NewerVersion`] when a newer version of this library made the tables.
    /// * [`StoreError::Unreadable`] when the server does not answer, does not let us in or has no such tables and lets us make none.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(postgres::options(NAME, url)?).await
    }

    /// As [`connect`](Self::connect), whatever the `sslmode`: for a network that is private by other means.
    ///
    /// **Whoever can read or change that network's traffic can take the password, and make every verifier trust keys of his own.**
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn dangerous_connect_without_tls(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(postgres::dangerous_options(NAME, url)?).await
    }

    /// The same store, whose calls may take this long; 5 s unless it is set, and at most a day. What a write did that took longer is not
    /// known ([`StoreError::Unknown`]).
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self(self.0.with_deadline(deadline))
    }

    async fn connect_with(options: PgConnectOptions) -> Result<Self, StoreError> {
        let server = Server(options);
        let connect = async {
            let mut line = server.connect().await.map_err(|reason| StoreError::Unreadable { store: NAME, reason })?;
            TABLES.prepare(&mut line).await?;
            postgres::warn_of_settings(&mut line, NAME, "a crash may take back the last change of a ring").await;
            Ok(line)
        };
        let line = in_time(NAME, DEADLINE, connect).await?;
        Ok(Self(Rows::new(server, line, DEADLINE)))
    }
}

impl fmt::Debug for PostgresKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresKeys").field(&self.0).finish()
    }
}

impl KeyStore for PostgresKeys {
    fn load<'a>(&'a self, ring: &'a str, format: &'a str) -> BoxFuture<'a, Result<Option<StoredRing>, StoreError>> {
        Box::pin(self.0.load(ring, format))
    }

    fn replace<'a>(
        &'a self,
        ring: &'a str,
        format: &'a str,
        expected: Option<u64>,
        new: StoredRing,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.0.replace(ring, format, expected, &new).await })
    }
}

struct Server(PgConnectOptions);

impl Connects for Server {
    const NAME: &'static str = NAME;
    type Line = PgConnection;

    async fn connect(&self) -> Result<PgConnection, String> {
        postgres::connect(&self.0).await
    }

    async fn is_alive(&self, line: &mut PgConnection) -> bool {
        line.ping().await.is_ok()
    }
}

impl Table for Server {
    async fn read(&self, line: &mut PgConnection, ring: &str, format: &str) -> Result<Option<Row>, Fault> {
        let lost = |error: sqlx::Error| Fault::Lost(postgres::reason(&error));
        // Statements without names, so that a proxy which shares connections among clients does not mix them up. One statement, so that
        // the row and the role of the server are of one moment.
        let row = sqlx::query(
            "SELECT pg_is_in_recovery() AS replica, layout, version, body \
             FROM (SELECT 1) AS one LEFT JOIN session_keys ON ring = $1 AND format = $2",
        )
        .persistent(false)
        .bind(ring)
        .bind(format)
        .fetch_one(&mut *line)
        .await
        .map_err(lost)?;
        let layout: Option<i64> = row.try_get("layout").map_err(lost)?;
        let Some(layout) = layout else {
            // A replica may not have heard of the ring yet.
            let replica: bool = row.try_get("replica").map_err(lost)?;
            return if replica { Err(Fault::Refused("this replica has no such ring, and the primary may".to_owned())) } else { Ok(None) };
        };
        Ok(Some(Row {
            layout: unsigned(layout)?,
            version: unsigned(row.try_get("version").map_err(lost)?)?,
            body: Zeroizing::new(row.try_get("body").map_err(lost)?),
        }))
    }

    async fn write(&self, line: &mut PgConnection, ring: &str, format: &str, expected: Option<u64>, row: &Row) -> Result<bool, Fault> {
        // One statement is the whole transaction. `UPDATE` waits for another one's row and then looks at its version again; the unique key
        // lets one `INSERT` win.
        let query = match expected {
            None => sqlx::query(
                "INSERT INTO session_keys (layout, version, body, ring, format) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            ),
            Some(_) => sqlx::query(
                "UPDATE session_keys SET layout = $1, version = $2, body = $3, changed = now() \
                 WHERE ring = $4 AND format = $5 AND layout = $1 AND version = $6",
            ),
        };
        let query = query.persistent(false).bind(signed(row.layout)?).bind(signed(row.version)?).bind(row.body.as_str());
        let query = query.bind(ring).bind(format);
        let query = match expected {
            None => query,
            Some(expected) => query.bind(signed(expected)?),
        };
        match query.execute(&mut *line).await {
            Ok(done) => Ok(done.rows_affected() == 1),
            // Where somebody made `repeatable read` the default, losing the race is this error.
            Err(error) if postgres::code(&error).as_deref() == Some("40001") => Ok(false),
            Err(error) => Err(postgres::write_fault(&error)),
        }
    }
}

#[cfg(test)]
mod tests;
