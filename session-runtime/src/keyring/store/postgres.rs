//! Rings in PostgreSQL, for services of several nodes.

use std::{fmt, io, net::IpAddr, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, Row as _,
    postgres::{PgConnectOptions, PgSslMode},
};
use zeroize::Zeroizing;

use super::{
    BoxFuture, KeyStore, StoredRing,
    rows::{Row, Rows, Table, signed, unsigned},
};
use crate::{
    database::{Connects, DEADLINE, Fault, in_time},
    error::StoreError,
};

const NAME: &str = "the key store in PostgreSQL";
/// The newest schema that is known.
const VERSION: i64 = 1;
/// Of the advisory lock under which the schema is made: "skey".
const LOCK: i64 = 0x736b_6579;
/// Every word that sqlx knows after the `?` of an address. It would log any other one with its value, which may be a mistyped `password`.
const WORDS: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

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
        let options = options(url)?;
        if !(is_local(&options) || matches!(options.get_ssl_mode(), PgSslMode::VerifyFull)) {
            return Err(StoreError::Misconfigured { store: NAME, problem: "off this machine it needs sslmode=verify-full" });
        }
        Self::connect_with(options).await
    }

    /// As [`connect`](Self::connect), whatever the `sslmode`: for a network that is private by other means.
    ///
    /// **Whoever can read or change that network's traffic can take the password, and make every verifier trust keys of his own.**
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn dangerous_connect_without_tls(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(options(url)?).await
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
            let mut line = server.connect().await.map_err(unreadable)?;
            prepare(&mut line).await?;
            warn_of_settings(&mut line).await;
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
        self.0.connect().await.map_err(|error| reason(&error))
    }

    async fn is_alive(&self, line: &mut PgConnection) -> bool {
        line.ping().await.is_ok()
    }
}

impl Table for Server {
    async fn read(&self, line: &mut PgConnection, ring: &str, format: &str) -> Result<Option<Row>, Fault> {
        let lost = |error: sqlx::Error| Fault::Lost(reason(&error));
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
            Err(error) if code(&error).as_deref() == Some("40001") => Ok(false),
            Err(error) => Err(cannot_write(&error)),
        }
    }
}

fn options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let misconfigured = |problem| StoreError::Misconfigured { store: NAME, problem };
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut words = query.split('#').next().unwrap_or("").split('&').map(|pair| pair.split('=').next().unwrap_or(""));
    if words.any(|word| !word.is_empty() && !WORDS.contains(&word)) {
        return Err(misconfigured("a word behind the `?` of its address is not known"));
    }
    // The parser's own message may repeat the address, and the password in it.
    let options: PgConnectOptions = url.parse().map_err(|_| misconfigured("its address is not understood"))?;
    Ok(options.disable_statement_logging())
}

fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Says in the log what of the server's settings could lose a ring.
async fn warn_of_settings(line: &mut PgConnection) {
    for setting in ["fsync", "synchronous_commit"] {
        let value = sqlx::query_scalar("SELECT current_setting($1)").persistent(false).bind(setting).fetch_one(&mut *line).await;
        if value.is_ok_and(|value: String| value == "off") {
            tracing::warn!(store = NAME, setting, "this setting is off: a crash may take back the last change of a ring");
        }
    }
}

/// Makes the tables when there are none, and looks at the version of those that are there.
async fn prepare(line: &mut PgConnection) -> Result<(), StoreError> {
    let cannot_read = |error: sqlx::Error| unreadable(reason(&error));
    // First without a lock and without the right to make tables.
    let version = match version(line).await.map_err(cannot_read)? {
        Some(version) => version,
        None => {
            make(line).await.map_err(|error| unreadable(format!("it has no tables and lets us make none: {}", reason(&error))))?;
            version(line).await.map_err(cannot_read)?.unwrap_or(0)
        }
    };
    if version > VERSION {
        return Err(StoreError::NewerVersion {
            store: NAME,
            found: u64::try_from(version).unwrap_or(0),
            known: u64::try_from(VERSION).unwrap_or(0),
        });
    }
    if version == VERSION { Ok(()) } else { Err(unreadable("its version is none that ever was".to_owned())) }
}

async fn make(line: &mut PgConnection) -> Result<(), sqlx::Error> {
    // One transaction under a lock: of several processes that start at once one makes the tables, and the others wait and are told that
    // they are there. They are not asked for again before that: within a transaction PostgreSQL may answer as it has answered before.
    let mut transaction = line.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").persistent(false).bind(LOCK).execute(&mut *transaction).await?;
    match sqlx::raw_sql(include_str!("postgres/schema_1.sql")).execute(&mut *transaction).await {
        Ok(_) => transaction.commit().await,
        Err(error) if code(&error).as_deref() == Some("42P07") => transaction.rollback().await,
        Err(error) => Err(error),
    }
}

/// The version of the tables; `None` when there are none.
async fn version(line: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    let there: bool =
        sqlx::query_scalar("SELECT to_regclass('session_keys_schema') IS NOT NULL").persistent(false).fetch_one(&mut *line).await?;
    if !there {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT version FROM session_keys_schema").persistent(false).fetch_one(&mut *line).await.map(Some)
}

fn unreadable(reason: String) -> StoreError {
    StoreError::Unreadable { store: NAME, reason }
}

fn cannot_write(error: &sqlx::Error) -> Fault {
    let reason = reason(error);
    match code(error) {
        // A statement that ends with an error is rolled back. Not so certain is what the server says while it breaks down (connection,
        // operator, system and internal errors), and it says so itself in 40003.
        Some(code) if !(["08", "57P", "58", "XX"].iter().any(|class| code.starts_with(class)) || code == "40003") => Fault::Refused(reason),
        _ => Fault::Lost(reason),
    }
}

/// PostgreSQL's five characters for what went wrong; `None` when it said nothing.
fn code(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    (code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| code.into_owned())
}

/// PostgreSQL's messages may quote values and names, and so may sqlx's about decoding and TLS; only codes and words of ours are told.
fn reason(error: &sqlx::Error) -> String {
    if let Some(code) = code(error) {
        let words = match code.as_str() {
            "28P01" | "28000" => "it does not let us in",
            "3D000" => "there is no such database",
            "42501" => "the role lacks a right",
            "42P01" | "42703" => "a table is missing or is not ours",
            "25006" => "it is read-only",
            "53300" => "it has too many clients",
            "53100" => "its disk is full",
            "57P01" | "57P02" => "it was shut down",
            "57P03" => "it is starting or stopping",
            _ => "PostgreSQL refused",
        };
        return format!("{words} ({code})");
    }
    const TLS: &str = "TLS failed: the server has none, or its certificate is not accepted";
    match error {
        // What rustls finds comes as such an error, too, and names whatever stands in the certificate.
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => TLS.to_owned(),
        sqlx::Error::Io(error) => match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code).to_string(),
            None => format!("the connection failed: {}", error.kind()),
        },
        sqlx::Error::Tls(_) => TLS.to_owned(),
        sqlx::Error::RowNotFound => "a row is missing".to_owned(),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) | sqlx::Error::Decode(_) => {
            "a stored value has the wrong type".to_owned()
        }
        _ => "the connection failed".to_owned(),
    }
}

#[cfg(test)]
mod tests;
