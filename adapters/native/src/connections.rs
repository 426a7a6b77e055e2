//! Connections and the requests on them.

use std::cell::Cell;
use std::convert::Infallible;
use std::net::TcpStream;
use std::rc::Rc;
use std::time::Duration;

use hyper::body::Incoming as HyperIncoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use mcp_edge_runtime::Runtime;
use mcp_edge_runtime::host::SharedHost;
use mcp_edge_runtime::http::ClientAddress;

use crate::body::{Outgoing, incoming};
use crate::host::Native;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How many connections one thread serves at once; more are closed as they come.
const MOST_CONNECTIONS: usize = 4096;
/// How many requests one HTTP/2 connection may have in flight.
const MOST_STREAMS: u32 = 128;
/// How long requests in flight may take to finish at the end.
const GRACE: Duration = Duration::from_secs(30);

/// The connections of one thread.
pub(crate) struct Connections {
    runtime: Rc<Runtime>,
    host: Rc<Native>,
    builder: Builder<Local>,
    graceful: GracefulShutdown,
    open: Rc<Cell<usize>>,
}

/// Spawns on this thread.
#[derive(Clone, Copy)]
struct Local;

impl<F: Future + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

impl Connections {
    pub(crate) fn new(runtime: Rc<Runtime>, host: Rc<Native>) -> Self {
        let mut builder = Builder::new(Local);
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(MOST_STREAMS);
        Self {
            runtime,
            host,
            builder,
            graceful: GracefulShutdown::new(),
            open: Rc::default(),
        }
    }

    /// Serves a connection until it closes, beside all others.
    pub(crate) fn serve(&self, connection: TcpStream) {
        if self.open.get() >= MOST_CONNECTIONS {
            return;
        }
        let Ok(connection) = tokio::net::TcpStream::from_std(connection) else {
            return;
        };
        // Answers are small and complete; waiting to fill a packet only delays them.
        let _ = connection.set_nodelay(true);
        let client = connection
            .peer_addr()
            .map(|client| ClientAddress::Connection(client.ip().to_canonical()));
        // Whoever has left already needs no answer.
        let Ok(client) = client else {
            return;
        };

        let runtime = Rc::clone(&self.runtime);
        let host = Rc::clone(&self.host);
        let service = service_fn(move |request: http::Request<HyperIncoming>| {
            let runtime = Rc::clone(&runtime);
            let host: SharedHost = Rc::clone(&host) as SharedHost;
            async move {
                let mut request = request.map(incoming);
                request.extensions_mut().insert(client);
                let response = runtime.serve(request, host).await;
                Ok::<_, Infallible>(response.map(Outgoing::from))
            }
        });
        let served = self
            .builder
            .serve_connection(TokioIo::new(connection), service)
            .into_owned();
        let served = self.graceful.watch(served);
        let open = Open::count(&self.open);
        tokio::task::spawn_local(async move {
            let _open = open;
            // A connection that breaks is the client's affair.
            let _ = served.await;
        });
    }

    /// Waits for the requests in flight.
    pub(crate) async fn finish(self) {
        let _ = tokio::time::timeout(GRACE, self.graceful.shutdown()).await;
    }
}

/// One open connection, counted as long as it lives, however it ends.
struct Open(Rc<Cell<usize>>);

impl Open {
    fn count(open: &Rc<Cell<usize>>) -> Self {
        open.set(open.get().saturating_add(1));
        Self(Rc::clone(open))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}
