//! A link that misbehaves: a TCP proxy in this process, between a node and its store.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::faults::real_time::pass;

/// What the link does with what is sent over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conduct {
    /// Brings it to the other side.
    Pass,
    /// Nobody listens, and whoever was connected is hung up on.
    Refuse,
    /// Whoever connects or is connected is reset.
    Reset,
    /// Takes everything and delivers nothing, as a firewall does that drops packets. What was held comes late, when the link is good again.
    BlackHole,
    /// Brings every piece this much later.
    Delay(Duration),
    /// Questions arrive, answers do not: a change is made and its maker never hears of it.
    HalfOpen,
    /// Brings it one byte at a time.
    Slice,
}

impl Conduct {
    fn holds(self, direction: Direction) -> bool {
        match self {
            Self::BlackHole => true,
            Self::HalfOpen => direction == Direction::Answers,
            _ => false,
        }
    }

    fn ends(self) -> bool {
        matches!(self, Self::Refuse | Self::Reset)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Questions,
    Answers,
}

/// A link to one server. It ends when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    conduct: watch::Sender<Conduct>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A good link to `upstream`, on a free port of this machine.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (conduct, told) = watch::channel(Conduct::Pass);
        Ok(Self { address, conduct, task: tokio::spawn(serve(listener, address, upstream, told)) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it does from now on, with connections that exist, too.
    pub fn behave(&self, conduct: Conduct) {
        self.conduct.send_replace(conduct);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, address: SocketAddr, upstream: SocketAddr, mut told: watch::Receiver<Conduct>) {
    let mut listener = Some(listener);
    // Ends with this task, and its connections with it.
    let mut links = tokio::task::JoinSet::new();
    loop {
        let conduct = *told.borrow_and_update();
        if conduct == Conduct::Refuse {
            listener = None;
        } else if listener.is_none() {
            // The port was ours a moment ago; a connection that is still closing does not keep it.
            listener = TcpListener::bind(address).await.ok();
            if listener.is_none() {
                // Somebody has it for a moment, as the outgoing end of another connection.
                pass(Duration::from_millis(10)).await;
                continue;
            }
        }
        let accept = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            accepted = accept => {
                let Ok((client, _)) = accepted else { continue };
                links.spawn(link(client, upstream, told.clone()));
            }
            changed = told.changed() => if changed.is_err() { return },
        }
    }
}

async fn link(mut client: TcpStream, upstream: SocketAddr, told: watch::Receiver<Conduct>) {
    let Ok(mut server) = TcpStream::connect(upstream).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    {
        let (mut questions, mut back) = client.split();
        let (mut answers, mut on) = server.split();
        tokio::select! {
            () = pump(&mut questions, &mut on, Direction::Questions, told.clone()) => {}
            () = pump(&mut answers, &mut back, Direction::Answers, told.clone()) => {}
            () = ended(told.clone()) => {}
        }
    }
    if *told.borrow() == Conduct::Reset {
        let _ = (client.set_zero_linger(), server.set_zero_linger());
    }
}

async fn ended(mut told: watch::Receiver<Conduct>) {
    let _ = told.wait_for(|conduct| conduct.ends()).await;
}

async fn pump(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    direction: Direction,
    mut told: watch::Receiver<Conduct>,
) {
    let mut buffer = [0; 16 * 1024];
    loop {
        let Ok(length @ 1..) = from.read(&mut buffer).await else { return };
        let Ok(conduct) = told.wait_for(|conduct| !conduct.holds(direction)).await.map(|conduct| *conduct) else { return };
        let written = match conduct {
            Conduct::Slice => slice(to, &buffer[..length]).await,
            conduct => {
                if let Conduct::Delay(delay) = conduct {
                    pass(delay).await;
                }
                to.write_all(&buffer[..length]).await
            }
        };
        if written.is_err() {
            return;
        }
    }
}

async fn slice(to: &mut (impl AsyncWriteExt + Unpin), bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        to.write_all(&[*byte]).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long enough for a machine that compiles meanwhile.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// Whatever is sent comes back.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        address
    }

    async fn ask(stream: &mut TcpStream) -> Option<io::Result<[u8; 4]>> {
        let mut answer = [0; 4];
        let talk = async {
            stream.write_all(b"ping").await?;
            stream.read_exact(&mut answer).await?;
            Ok(answer)
        };
        tokio::time::timeout(PATIENCE, talk).await.ok()
    }

    #[tokio::test]
    async fn every_conduct_is_what_it_is_called() {
        let proxy = Proxy::start(echo().await).await.unwrap();
        let connect = || TcpStream::connect(proxy.address());
        let mut stream = connect().await.unwrap();
        assert_eq!(&ask(&mut stream).await.unwrap().unwrap(), b"ping");
        proxy.behave(Conduct::Slice);
        assert_eq!(&ask(&mut stream).await.unwrap().unwrap(), b"ping");
        proxy.behave(Conduct::Delay(Duration::from_millis(1)));
        assert_eq!(&ask(&mut stream).await.unwrap().unwrap(), b"ping");
        for silent in [Conduct::BlackHole, Conduct::HalfOpen] {
            let mut stream = connect().await.unwrap();
            proxy.behave(silent);
            assert!(ask(&mut stream).await.is_none(), "{silent:?}");
            proxy.behave(Conduct::Pass);
            let mut late = [0; 4];
            stream.read_exact(&mut late).await.unwrap();
            assert_eq!(&late, b"ping", "{silent:?}: what was held comes late");
        }
        proxy.behave(Conduct::Reset);
        assert_eq!(ask(&mut stream).await.unwrap().unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        proxy.behave(Conduct::Refuse);
        // Whoever was in the queue of the listener when it closed is reset.
        while connect().await.map_or_else(|error| error.kind() != io::ErrorKind::ConnectionRefused, |_| true) {
            tokio::task::yield_now().await;
        }
        proxy.behave(Conduct::Pass);
        let mut stream = loop {
            match connect().await {
                Ok(stream) => break stream,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        assert_eq!(&ask(&mut stream).await.unwrap().unwrap(), b"ping");
    }
}
