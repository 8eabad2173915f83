//! Hints that there is something new to read: a connection that only listens, and makes nobody wait or fail.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::{
    sync::Notify,
    task::AbortHandle,
    time::{sleep, timeout},
};

const CHANNEL: &str = "session_revocations";
/// Between two attempts to listen, so that a server that is away is not run down by those who wait for it.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a connection may be quiet before it is asked whether it still is one. A link that swallows everything looks like a quiet one.
const QUIET: Duration = Duration::from_secs(15);
/// How long connecting and an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hears the hints, from the first call of [`woken`](Self::woken) until it is dropped.
pub(super) struct Wake {
    options: PgConnectOptions,
    /// Keeps one hint for whoever asks next, however many came: a flood of them is no heap of them.
    heard: Arc<Notify>,
    listener: OnceLock<Listener>,
}

impl Wake {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self { options, heard: Arc::default(), listener: OnceLock::new() }
    }

    /// Ends when something was heard since it last ended.
    pub(super) async fn woken(&self) {
        // A task of its own: whoever waits here gives up again and again, to read without a hint, and would never end an attempt to connect.
        self.listener.get_or_init(|| {
            let listen = listen(self.options.clone(), Arc::clone(&self.heard));
            Listener(tokio::spawn(listen).abort_handle())
        });
        self.heard.notified().await;
    }
}

/// Ends the task with the store.
struct Listener(AbortHandle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn listen(options: PgConnectOptions, heard: Arc<Notify>) {
    loop {
        // Nobody is told of an error, since nothing depends on it.
        let _ = hear(&options, &heard).await;
        #[allow(
            clippy::disallowed_methods,
            reason = "how long a server on this network is left alone; no rule about tokens depends on it"
        )]
        sleep(PAUSE).await;
    }
}

/// Listens until the connection is lost.
async fn hear(options: &PgConnectOptions, heard: &Notify) -> Result<(), sqlx::Error> {
    // sqlx listens on a connection of a pool only; this one has room for one.
    let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None).acquire_timeout(PATIENCE);
    let mut listener = PgListener::connect_with(&pool.connect_lazy_with(options.clone())).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    // What came before was not heard.
    heard.notify_one();
    loop {
        match timeout(QUIET, listener.try_recv()).await {
            Ok(Ok(Some(_))) => heard.notify_one(),
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                let alive = timeout(PATIENCE, sqlx::query("SELECT 1").persistent(false).execute(&mut listener)).await;
                if !matches!(alive, Ok(Ok(_))) {
                    return Ok(());
                }
            }
        }
    }
}
