//! Outbound requests.

use std::cell::OnceCell;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::Either;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH};
use http::{HeaderValue, Method};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;
use mcp_edge_runtime::host::{FetchError, FetchOptions, check_encoding, is_private_address};
use tower_service::Service;

type Https<R> = legacy::Client<HttpsConnector<HttpConnector<R>>, Full<Bytes>>;

/// An HTTP client with its connections, made when it is first used.
#[derive(Default)]
pub(crate) struct Client {
    any: OnceCell<Https<GaiResolver>>,
    /// Connects to addresses of the public internet only.
    public: OnceCell<Https<PublicResolver>>,
}

impl Client {
    /// Sends a request and reads the answer. No content encoding is decoded.
    pub(crate) fn fetch(
        &self,
        mut request: http::Request<Bytes>,
        options: FetchOptions,
    ) -> impl Future<Output = Result<http::Response<Bytes>, FetchError>> + use<> {
        request
            .headers_mut()
            .entry(ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static("identity"));
        // hyper leaves it out, and servers may answer 411 then (RFC 9110, 8.6).
        let has_content = matches!(
            *request.method(),
            Method::POST | Method::PUT | Method::PATCH
        );
        if has_content && request.body().is_empty() {
            let nothing = HeaderValue::from_static("0");
            request.headers_mut().insert(CONTENT_LENGTH, nothing);
        }
        let request = request.map(Full::new);
        let sending = options
            .check_network()
            .and_then(|()| match options.private {
                true => Ok(Either::Left(
                    made(&self.any, GaiResolver::new())?.request(request),
                )),
                false => Ok(Either::Right(
                    made(&self.public, PublicResolver(GaiResolver::new()))?.request(request),
                )),
            });
        let limit = options.max_bytes;
        async move {
            let response = sending?.await.map_err(|error| failed(&error))?;
            let (head, body) = response.into_parts();
            check_encoding(&head.headers, &[])?;
            let body = Limited::new(body, limit).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    FetchError::TooLarge(limit)
                } else {
                    failed(error.as_ref())
                }
            })?;
            Ok(http::Response::from_parts(head, body.to_bytes()))
        }
    }
}

fn made<R>(client: &OnceCell<Https<R>>, resolver: R) -> Result<Https<R>, FetchError>
where
    HttpConnector<R>: Connect + Clone + Send + Sync + 'static,
    HttpsConnector<HttpConnector<R>>: Connect + Clone + Send + Sync + 'static,
    R: Clone,
{
    if let Some(client) = client.get() {
        return Ok(client.clone());
    }
    let mut http = HttpConnector::new_with_resolver(resolver);
    http.enforce_http(false);
    http.set_nodelay(true);
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|error| failed(&error))?
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(http);
    let made = legacy::Client::builder(TokioExecutor::new()).build(connector);
    Ok(client.get_or_init(|| made).clone())
}

/// Resolves names to addresses of the public internet, and to no others: what is connected to is what was checked.
#[derive(Clone)]
struct PublicResolver(GaiResolver);

/// The refusal of a name whose addresses are private.
#[derive(Debug, thiserror::Error)]
#[error("it resolves to this machine or a private network")]
struct PrivateNameError;

impl Service<Name> for PublicResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(task).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolving = self.0.call(name);
        Box::pin(async move {
            let mut addresses: Vec<SocketAddr> = resolving.await?.collect();
            addresses.retain(|address| !is_private_address(address.ip()));
            match addresses.is_empty() {
                true => Err(PrivateNameError.into()),
                false => Ok(addresses.into_iter()),
            }
        })
    }
}

/// With its causes: what hyper says alone is "client error (Connect)".
fn failed(error: &(dyn Error + 'static)) -> FetchError {
    let mut error = Some(error);
    let mut causes: Vec<String> = Vec::new();
    while let Some(cause) = error {
        if cause.is::<PrivateNameError>() {
            return FetchError::Private;
        }
        let sentence = cause.to_string();
        // Some repeat their cause.
        if causes.iter().all(|known| !known.contains(&sentence)) {
            causes.push(sentence);
        }
        error = cause.source();
    }
    FetchError::Failed(causes.join(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_its_causes() {
        let executor = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let gone = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let client = Client::default();
        let told = |url: String| {
            let request = http::Request::get(url).body(Bytes::new()).unwrap();
            let fetched = executor.block_on(client.fetch(request, FetchOptions::new(100)));
            fetched.unwrap_err().to_string()
        };
        let refused = told(format!("http://{gone}/"));
        assert!(refused.contains("refused"), "{refused}");
        let nameless = told("http://no-such-host.invalid/".to_owned());
        assert!(nameless.contains("lookup"), "{nameless}");
    }

    #[test]
    fn a_private_address_is_not_connected_to_where_it_is_not_allowed() {
        let executor = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = Client::default();
        let options = FetchOptions {
            private: false,
            ..FetchOptions::new(100)
        };
        // The name is one for the resolver, and no literal.
        let request = http::Request::get(format!("http://localhost:{port}/")).body(Bytes::new());
        let fetched = executor.block_on(client.fetch(request.unwrap(), options));
        assert_eq!(fetched.unwrap_err(), FetchError::Private);
        assert!(listener.accept().is_err());
    }

    /// A server that answers the first request of each connection with these bytes, and keeps the connection open.
    fn raw_server(answer: &'static str) -> (String, std::sync::mpsc::Receiver<()>) {
        use std::io::{Read as _, Write as _};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (sender, connections) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for connection in listener.incoming().map_while(Result::ok) {
                let mut connection = connection;
                let mut head = [0; 1024];
                let _ = connection.read(&mut head);
                let _ = connection.write_all(answer.as_bytes());
                held.push(connection);
                if sender.send(()).is_err() {
                    return;
                }
            }
        });
        (url, connections)
    }

    /// A body that is longer than its length looks like a response that nothing has asked for.
    #[test]
    fn what_follows_a_body_answers_no_other_request() {
        let executor = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (url, connections) = raw_server(
            "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntrueHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfalse",
        );
        let client = Client::default();
        for _ in 0..3 {
            let request = http::Request::get(&url).body(Bytes::new()).unwrap();
            let fetched = executor.block_on(client.fetch(request, FetchOptions::new(100)));
            assert_eq!(fetched.unwrap().into_body(), "true");
        }
        assert_eq!(connections.try_iter().count(), 3, "none is used twice");
    }

    #[test]
    fn a_binding_is_not_taken_for_the_network() {
        let client = Client::default();
        let options = FetchOptions {
            binding: Some("ORDERS"),
            ..FetchOptions::new(100)
        };
        let request = http::Request::get("http://127.0.0.1:9/").body(Bytes::new());
        let executor = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let error = executor
            .block_on(client.fetch(request.unwrap(), options))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("ORDERS") && error.contains("Workers"),
            "{error}"
        );
    }
}
