//! PostgreSQL: which addresses are safe, how tables are made, what an error means, and which settings lose data.

use std::{io, net::IpAddr};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};

use super::Fault;
use crate::error::StoreError;

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

/// The options of an address that is on this machine, or leads to a server whose name is checked.
pub(crate) fn options(store: &'static str, url: &str) -> Result<PgConnectOptions, StoreError> {
    let options = dangerous_options(store, url)?;
    if !(is_local(&options) || matches!(options.get_ssl_mode(), PgSslMode::VerifyFull)) {
        return Err(StoreError::Misconfigured { store, problem: "off this machine it needs sslmode=verify-full" });
    }
    Ok(options)
}

/// The options of an address, whatever its `sslmode`.
pub(crate) fn dangerous_options(store: &'static str, url: &str) -> Result<PgConnectOptions, StoreError> {
    let misconfigured = |problem| StoreError::Misconfigured { store, problem };
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

pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, String> {
    options.connect().await.map_err(|error| reason(&error))
}

/// Says in the log what of the server's settings could lose what is stored; `losing` are the words for what a crash does then.
pub(crate) async fn warn_of_settings(line: &mut PgConnection, store: &'static str, losing: &str) {
    for setting in ["fsync", "synchronous_commit"] {
        let value = sqlx::query_scalar("SELECT current_setting($1)").persistent(false).bind(setting).fetch_one(&mut *line).await;
        if value.is_ok_and(|value: String| value == "off") {
            tracing::warn!(store, setting, "this setting is off: {losing}");
        }
    }
}

/// The tables of a store.
pub(crate) struct Tables {
    /// What the store is called in errors.
    pub(crate) store: &'static str,
    /// The statements that make them in their newest version, and fail where they are there.
    pub(crate) schema: &'static str,
    /// The newest version that is known.
    pub(crate) version: i64,
    /// The table of one row whose `version` says which one they have.
    pub(crate) version_table: &'static str,
    /// Of the advisory lock under which they are made; another one for each store.
    pub(crate) lock: i64,
}

impl Tables {
    /// Makes the tables when there are none, and looks at the version of those that are there.
    pub(crate) async fn prepare(&self, line: &mut PgConnection) -> Result<(), StoreError> {
        let unreadable = |reason| StoreError::Unreadable { store: self.store, reason };
        let cannot_read = |error: sqlx::Error| unreadable(reason(&error));
        // First without a lock and without the right to make tables.
        let version = match self.found(line).await.map_err(cannot_read)? {
            Some(version) => version,
            None => {
                let made = self.make(line).await;
                made.map_err(|error| unreadable(format!("it has no tables and lets us make none: {}", reason(&error))))?;
                self.found(line).await.map_err(cannot_read)?.unwrap_or(0)
            }
        };
        if version > self.version {
            return Err(StoreError::NewerVersion {
                store: self.store,
                found: u64::try_from(version).unwrap_or(0),
                known: u64::try_from(self.version).unwrap_or(0),
            });
        }
        if version == self.version { Ok(()) } else { Err(unreadable("its version is none that ever was".to_owned())) }
    }

    async fn make(&self, line: &mut PgConnection) -> Result<(), sqlx::Error> {
        // One transaction under a lock: of several processes that start at once one makes the tables, and the others wait and are told that
        // they are there. They are not asked for again before that: within a transaction PostgreSQL may answer as it has answered before.
        let mut transaction = line.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").persistent(false).bind(self.lock).execute(&mut *transaction).await?;
        match sqlx::raw_sql(self.schema).execute(&mut *transaction).await {
            Ok(_) => transaction.commit().await,
            Err(error) if code(&error).as_deref() == Some("42P07") => transaction.rollback().await,
            Err(error) => Err(error),
        }
    }

    /// The version of the tables; `None` when there are none.
    async fn found(&self, line: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
        let there = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").persistent(false).bind(self.version_table);
        if !there.fetch_one(&mut *line).await? {
            return Ok(None);
        }
        // A table's name cannot be bound. It is a constant of ours, and no text from anywhere else.
        let version = AssertSqlSafe(format!("SELECT version FROM {}", self.version_table));
        sqlx::query_scalar(version).persistent(false).fetch_one(&mut *line).await.map(Some)
    }
}

/// What an error says about a statement that is a whole transaction.
pub(crate) fn write_fault(error: &sqlx::Error) -> Fault {
    let reason = reason(error);
    match code(error) {
        // A statement that ends with an error is rolled back. Not so certain is what the server says while it breaks down (connection,
        // operator, system and internal errors), and it says so itself in 40003.
        Some(code) if !(["08", "57P", "58", "XX"].iter().any(|class| code.starts_with(class)) || code == "40003") => Fault::Refused(reason),
        _ => Fault::Lost(reason),
    }
}

/// PostgreSQL's five characters for what went wrong; `None` when it said nothing.
pub(crate) fn code(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    (code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| code.into_owned())
}

/// PostgreSQL's messages may quote values and names, and so may sqlx's about decoding and TLS; only codes and words of ours are told.
pub(crate) fn reason(error: &sqlx::Error) -> String {
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
