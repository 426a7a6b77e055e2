//! The connections of one thread.

use std::cell::Cell;
use std::net::TcpStream;
use std::rc::Rc;
use std::time::Duration;

use mcp_edge_runtime::http::ClientAddress;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout, timeout_at};

use crate::census::{Census, Place};
use crate::connection;
use crate::thread::Thread;

/// How long connections that are dropped may take to end.
const DROPPING: Duration = Duration::from_secs(1);

/// The connections of one thread.
pub(crate) struct Connections {
    thread: Rc<Thread>,
    open: Rc<ConnectionGuard>,
}

#[derive(Default)]
struct ConnectionGuard {
    connections: Cell<usize>,
    closed: Notify,
}

impl Connections {
    pub(crate) fn new(thread: Rc<Thread>) -> Self {
        Self {
            thread,
            open: Rc::default(),
        }
    }

    /// Serves a connection until it closes, beside all others.
    pub(crate) fn serve(&self, connection: TcpStream, place: Place) {
        let Ok(connection) = tokio::net::TcpStream::from_std(connection) else {
            return;
        };
        let client = connection
            .peer_addr()
            .map(|client| ClientAddress::Connection(client.ip().to_canonical()));
        // A client that has left already needs no answer.
        let Ok(client) = client else {
            return;
        };
        let thread = Rc::clone(&self.thread);
        let registration = Registration::new(&self.open);
        tokio::task::spawn_local(async move {
            let _registration = registration;
            connection::serve(thread, connection, client, place).await;
        });
    }

    /// Waits for the requests in flight, until `deadline`. Connections that are open then are dropped.
    pub(crate) async fn finish(self, census: &Census, deadline: Instant) {
        if timeout_at(deadline, self.open.none()).await.is_err() {
            census.drop_all();
            // An error means that a handler does not return.
            let _ = timeout(DROPPING, self.open.none()).await;
        }
    }
}

impl ConnectionGuard {
    async fn none(&self) {
        while self.connections.get() > 0 {
            self.closed.notified().await;
        }
    }
}

/// One open connection, counted as long as it lives, however it ends.
struct Registration(Rc<ConnectionGuard>);

impl Registration {
    fn new(open: &Rc<ConnectionGuard>) -> Self {
        let connections = &open.connections;
        connections.set(connections.get().saturating_add(1));
        Self(Rc::clone(open))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let connections = &self.0.connections;
        connections.set(connections.get().saturating_sub(1));
        self.0.closed.notify_one();
    }
}
