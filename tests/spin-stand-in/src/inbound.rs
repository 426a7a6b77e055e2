//! The HTTP server in front of the component.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, HOST};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use wasmtime::error::Context as _;
use wasmtime::{Result, bail, format_err};
use wasmtime_wasi_http::handler::ProxyHandler;
use wasmtime_wasi_http::{Error, WasiBody};

use crate::instances::Instances;

/// How long requests in flight may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Takes requests from the network to the component.
pub(crate) struct Inbound {
    pub(crate) handler: ProxyHandler<Instances>,
    pub(crate) routes: Vec<Route>,
}

/// Which paths belong to the component.
#[derive(Debug)]
pub(crate) enum Route {
    /// Exactly this path.
    Exact(String),
    /// This path and everything below it; written with a final `/...`.
    Prefix(String),
}

impl Inbound {
    /// Serves until the process is told to stop.
    pub(crate) async fn serve(self, address: SocketAddr) -> Result<()> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        println!(
            "spin-stand-in (not Spin) serves http://{}",
            listener.local_addr()?
        );
        let mut terminate = signal(SignalKind::terminate())?;
        let connections = GracefulShutdown::new();
        let inbound = Arc::new(self);
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (stream, client) = accepted?;
                    inbound.clone().serve_connection(stream, client, &connections)?;
                }
                _ = terminate.recv() => break,
                _ = tokio::signal::ctrl_c() => break,
            }
        }
        drop(listener);
        tokio::select! {
            () = connections.shutdown() => {}
            () = tokio::time::sleep(GRACE) => {
                eprintln!("spin-stand-in: requests were still running and are cut off");
            }
        }
        Ok(())
    }

    fn serve_connection(
        self: Arc<Self>,
        stream: TcpStream,
        client: SocketAddr,
        connections: &GracefulShutdown,
    ) -> Result<()> {
        // Spin does not set this and can stall a small answer for 40 ms; tests have no use for that.
        stream.set_nodelay(true)?;
        let service = service_fn(move |request| {
            let inbound = self.clone();
            async move { inbound.answer(request, client).await }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("spin-stand-in: connection: {error}");
            }
        });
        Ok(())
    }

    /// An error closes the connection without an answer, as Spin does when a request names no host.
    async fn answer(
        &self,
        mut request: Request<Incoming>,
        client: SocketAddr,
    ) -> Result<Response<WasiBody>> {
        request.headers_mut().remove(CONNECTION);
        if request.uri().path() == "/.well-known/spin/health" {
            return Ok(Response::new(
                Full::from("OK").map_err(never).boxed_unsync(),
            ));
        }
        let path = request.uri().path();
        let Some(below) = self.routes.iter().find_map(|route| route.matches(path)) else {
            return Ok(empty(StatusCode::NOT_FOUND));
        };
        let below = below.to_owned();
        *request.uri_mut() = absolute_uri(&request)?;
        match self.call(request, &below, client).await {
            Ok(response) => Ok(response),
            Err(error) => {
                eprintln!("spin-stand-in: a request has failed: {error:#}");
                Ok(empty(StatusCode::INTERNAL_SERVER_ERROR))
            }
        }
    }

    async fn call(
        &self,
        mut request: Request<Incoming>,
        path_below_route: &str,
        client: SocketAddr,
    ) -> Result<Response<WasiBody>> {
        let full_url = request.uri().to_string();
        let headers = request.headers_mut();
        refuse_non_utf8(headers)?;
        // Like Spin, after what the caller sent and not instead of it.
        headers.append("spin-full-url", full_url.parse()?);
        headers.append("spin-path-info", path_below_route.parse()?);
        headers.append("spin-client-addr", client.to_string().parse()?);
        let request = request.map(|body| body.map_err(Error::from).boxed_unsync());
        self.handler.handle((), request).await
    }
}

impl Route {
    pub(crate) fn parse(route: String) -> Result<Self> {
        if !route.starts_with('/') || route.contains(':') {
            bail!("the route {route:?} is not understood");
        }
        Ok(match route.strip_suffix("/...") {
            Some(prefix) => Self::Prefix(prefix.to_owned()),
            None => Self::Exact(route),
        })
    }

    /// The rest of `path` below this route, if it belongs to it.
    fn matches<'a>(&self, path: &'a str) -> Option<&'a str> {
        match self {
            Self::Exact(exact) => (path == exact).then_some(""),
            Self::Prefix(prefix) => path
                .strip_prefix(prefix.as_str())
                .filter(|rest| rest.is_empty() || rest.starts_with('/')),
        }
    }
}

/// The request's URI with scheme and authority, which are where a component finds the host.
fn absolute_uri(request: &Request<Incoming>) -> Result<Uri> {
    let named: Option<Authority> = match request.headers().get(HOST) {
        Some(host) => Some(host.to_str()?.parse()?),
        None => None,
    };
    let mut parts = request.uri().clone().into_parts();
    parts.authority = match (named, parts.authority) {
        (Some(named), Some(in_uri)) if named != in_uri => bail!("the request names two hosts"),
        (None, None) => bail!("the request names no host"),
        (named, in_uri) => named.or(in_uri),
    };
    parts.scheme = Some(Scheme::HTTP);
    Ok(Uri::from_parts(parts)?)
}

/// Spin cannot carry such a header to a component and answers 500.
fn refuse_non_utf8(headers: &HeaderMap<HeaderValue>) -> Result<()> {
    for (name, value) in headers {
        std::str::from_utf8(value.as_bytes())
            .map_err(|_| format_err!("the header {name} is not UTF-8"))?;
    }
    Ok(())
}

fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(Empty::new().map_err(never).boxed_unsync());
    *response.status_mut() = status;
    response
}

fn never(never: Infallible) -> Error {
    match never {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_takes_its_path_or_everything_below() {
        let exact = Route::parse("/mcp".to_owned()).unwrap();
        assert_eq!(exact.matches("/mcp"), Some(""));
        assert_eq!(exact.matches("/mcp/x"), None);
        let below = Route::parse("/mcp/...".to_owned()).unwrap();
        assert_eq!(below.matches("/mcp"), Some(""));
        assert_eq!(below.matches("/mcp/x"), Some("/x"));
        assert_eq!(below.matches("/mcpx"), None);
        let all = Route::parse("/...".to_owned()).unwrap();
        assert_eq!(all.matches("/anything"), Some("/anything"));
        assert!(Route::parse("/:name".to_owned()).is_err());
    }
}
