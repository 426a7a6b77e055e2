//! The floor: hyper with one timeout and no limit of connections, answering a constant: `hyper-floor ADDRESS`.
//!
//! At `/token` it answers another constant, as an authorization server for a gateway before it.
//!
//! One single-threaded executor per core, connections handed to them in turn, HTTP/1.1 and HTTP/2, no delay.

use std::convert::Infallible;
use std::io::{Error, Result};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::LocalSet;

const ANSWER: &[u8] = br#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"text","text":"Hello, Ada!"}]}}"#;

/// What a token endpoint answers (RFC 8693, 2.2.1).
const TOKEN: &[u8] = br#"{"access_token":"an-exchanged-token","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":3600}"#;

#[derive(Clone, Copy)]
struct Local;

impl<F: Future + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(async move {
            future.await;
        });
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let address = std::env::args()
        .nth(1)
        .ok_or_else(|| Error::other("no address"))?;
    let listener = tokio::net::TcpListener::bind(address).await?;

    let mut queues = Vec::new();
    for _ in 0..thread::available_parallelism()?.get() {
        let (connections, queue) = unbounded_channel();
        thread::spawn(move || work(queue));
        queues.push(connections);
    }
    for queue in queues.iter().cycle() {
        let (connection, _) = listener.accept().await?;
        queue.send(connection.into_std()?).map_err(Error::other)?;
    }
    Ok(())
}

fn work(mut queue: UnboundedReceiver<TcpStream>) -> Result<()> {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&executor, async {
        let mut builder = Builder::new(Local);
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(15));
        while let Some(connection) = queue.recv().await {
            let connection = tokio::net::TcpStream::from_std(connection)?;
            connection.set_nodelay(true)?;
            let served = builder
                .serve_connection(TokioIo::new(connection), service_fn(answer))
                .into_owned();
            tokio::task::spawn_local(served);
        }
        Ok(())
    })
}

async fn answer(
    request: Request<Incoming>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let body = match request.uri().path() {
        "/token" => TOKEN,
        _ => ANSWER,
    };
    let mut response = Response::new(Full::new(Bytes::from_static(body)));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
