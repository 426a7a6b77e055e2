//! HTTP on loopback.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::AuthorizationServer;
use super::answer::Answer;

const MAX_CONNECTIONS: usize = 64;
const MAX_HEAD_BYTES: usize = 16 << 10;
const MAX_BODY_BYTES: usize = 16 << 10;
/// How long a connection may last.
const MAX_CONNECTION: Duration = Duration::from_secs(60);

/// Listens on `port`, or where that is taken on one that is free.
pub(super) fn bind(port: u16) -> io::Result<TcpListener> {
    let listen = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = listen(port).or_else(|_| listen(0))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves on a thread of its own, until the program ends.
pub(super) fn serve(listener: TcpListener, server: Arc<AuthorizationServer>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let thread = std::thread::Builder::new().name("sign-in".to_owned());
    thread.spawn(move || runtime.block_on(accept(listener, server)))?;
    Ok(())
}

async fn accept(listener: TcpListener, server: Arc<AuthorizationServer>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&connections).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, for example.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, Arc::clone(&server)));
            let connection = http1::Builder::new()
                .max_buf_size(MAX_HEAD_BYTES)
                .serve_connection(TokioIo::new(stream), service);
            // A client that breaks off is no fault of the server.
            let _ = timeout(MAX_CONNECTION, connection).await;
            drop(permit);
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    server: Arc<AuthorizationServer>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let answer = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => {
            let request = Request::from_parts(head, body.to_bytes());
            // A client's document is fetched meanwhile.
            tokio::task::spawn_blocking(move || server.respond(&request, SystemTime::now()))
                .await
                .unwrap_or_else(|_| Answer::text(StatusCode::INTERNAL_SERVER_ERROR, ""))
        }
        Err(_) => Answer::text(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is too long or broken off\n",
        ),
    };
    Ok(answer.0.map(|body| Full::new(Bytes::from(body))))
}
