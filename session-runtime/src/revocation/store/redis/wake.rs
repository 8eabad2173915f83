//! Hints that there is something new to read: a connection that only listens, and makes nobody wait or fail.

use std::{
    convert::Infallible,
    sync::{Arc, OnceLock},
    time::Duration,
};

use ::redis::{AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, PushKind, aio::MultiplexedConnection};
use tokio::{
    sync::Notify,
    task::AbortHandle,
    time::{sleep, timeout},
};

/// Between two attempts to listen, so that a server that is away is not run down by those who wait for it.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a connection may be quiet before it is asked whether it still is one. A link that swallows everything looks like a quiet one.
const QUIET: Duration = Duration::from_secs(15);
/// How long connecting, subscribing and an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hears the hints of one log, from the first call of [`woken`](Self::woken) until it is dropped.
pub(super) struct Wake {
    client: Client,
    channel: String,
    /// Keeps one hint for whoever asks next, however many came: a flood of them is no heap of them.
    heard: Arc<Notify>,
    listener: OnceLock<Listener>,
}

impl Wake {
    pub(super) fn new(client: Client, channel: String) -> Self {
        Self { client, channel, heard: Arc::default(), listener: OnceLock::new() }
    }

    /// The same for another channel.
    pub(super) fn on(&self, channel: String) -> Self {
        Self::new(self.client.clone(), channel)
    }

    /// Ends when something was heard since it last ended.
    pub(super) async fn woken(&self) {
        // A task of its own: whoever waits here gives up again and again, to read without a hint, and would never end an attempt to connect.
        self.listener.get_or_init(|| {
            let listen = listen(self.client.clone(), self.channel.clone(), Arc::clone(&self.heard));
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

async fn listen(client: Client, channel: String, heard: Arc<Notify>) {
    loop {
        let gone = Arc::new(Notify::new());
        if let Ok(Some(mut line)) = timeout(PATIENCE, subscribe(&client, &channel, &heard, &gone)).await {
            // What came before was not heard.
            heard.notify_one();
            while timeout(QUIET, gone.notified()).await.is_err() {
                let pong = timeout(PATIENCE, ::redis::cmd("PING").query_async::<()>(&mut line)).await;
                if !matches!(pong, Ok(Ok(()))) {
                    break;
                }
            }
        }
        // Real time: a server that is away is asked again after a while on this machine, and no rule about tokens depends on it.
        #[expect(clippy::disallowed_methods, reason = "a background task waits")]
        sleep(PAUSE).await;
    }
}

/// `None` when it cannot listen; nobody is told, since nothing depends on it.
async fn subscribe(client: &Client, channel: &str, heard: &Arc<Notify>, gone: &Arc<Notify>) -> Option<MultiplexedConnection> {
    // Only the newer protocol tells an answer from a message, so that one connection can be asked and listened to. Servers have it since
    // version 6; an older one gives no hints.
    let info = client.get_connection_info().clone();
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(info.set_redis_settings(settings)).ok()?;
    let (heard, gone) = (Arc::clone(heard), Arc::clone(gone));
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None).set_push_sender(move |push: PushInfo| {
            match push.kind {
                PushKind::Message => heard.notify_one(),
                PushKind::Disconnection => gone.notify_one(),
                _ => {}
            }
            Ok::<(), Infallible>(())
        });
    let mut line = client.get_multiplexed_async_connection_with_config(&config).await.ok()?;
    line.subscribe(channel).await.ok()?;
    Some(line)
}
